#include "common/io/httpd_stream.h"

/* Whether the rest of the body is so short that it is read before the answer leaves: a client that
 * still sends when the connection is closed may not get to see the answer. */
static bool is_short(const struct httpd_req *req)
{
    const char *length = httpd_header(req, MHD_HTTP_HEADER_CONTENT_LENGTH);
    unsigned long long n = 0;
    return length != NULL && str_to_uint(str_of(length), HTTPD_EXCESS_BYTES, &n);
}

/* The library's call before the body: go on to it, answer without it, or wait. */
static enum MHD_Result leave_head(struct httpd_req *req)
{
    bool answered = req->response != NULL;
    if (req->hang_up || (answered && !is_short(req)))
        return httpd_req_queue(req);
    if (!answered && req->piece == NULL) {
        httpd_req_suspend(req);
        return MHD_YES;
    }
    req->in_body = true;
    httpd_conns_enter(req->reqs->conns, req->connection, HTTPD_CONN_READING);
    return MHD_YES;
}

enum MHD_Result httpd_stream_begin(struct httpd_req *req)
{
    struct httpd_reqs *reqs = req->reqs;
    req->streamed = true;
    req->handler_done = false;
    req->whole_mono_ms = loop_now_ms(reqs->loop);
    httpd_conns_enter(reqs->conns, req->connection, HTTPD_CONN_ANSWERING);
    httpd_req_enter(req, &reqs->streaming);
    reqs->conf->handler(reqs->conf->arg, req);
    return leave_head(req);
}

/* Tells the handler; after an end it hears nothing more. */
static void tell(struct httpd_req *req, enum err err, struct str piece)
{
    httpd_piece_fn fn = req->piece;
    bool end = err != ERR_OK || piece.n == 0;
    if (end)
        req->piece = NULL;
    bool more = fn(req->piece_arg, err, piece);
    if (end || more || req->list == NULL) /* answered: nobody waits for what it has */
        return;
    httpd_conns_enter(req->reqs->conns, req->connection, HTTPD_CONN_ANSWERING);
    httpd_req_suspend(req);
}

/* One that is slow, but steady, has all the time that it needs. */
static void count(struct httpd_req *req, size_t n)
{
    req->received_bytes += n;
    req->step_bytes += n;
    if (req->step_bytes < HTTPD_STREAM_STEP)
        return;
    req->step_bytes = 0;
    httpd_conns_enter(req->reqs->conns, req->connection, HTTPD_CONN_READING);
}

static enum MHD_Result take_piece(struct httpd_req *req, struct str piece)
{
    size_t cap = req->reqs->conf->stream_cap_bytes;
    count(req, piece.n);
    if (req->received_bytes > cap + HTTPD_EXCESS_BYTES)
        return MHD_NO; /* no answer can be queued before the body's end */
    if (req->piece != NULL)
        tell(req, req->received_bytes > cap ? ERR_TOO_LONG : ERR_OK, piece);
    return MHD_YES;
}

static enum MHD_Result take_end(struct httpd_req *req)
{
    struct httpd_reqs *reqs = req->reqs;
    httpd_conns_enter(reqs->conns, req->connection, HTTPD_CONN_ANSWERING);
    if (req->list != NULL) {
        req->whole_mono_ms = loop_now_ms(reqs->loop);
        httpd_req_enter(req, &reqs->whole);
    }
    if (req->piece != NULL)
        tell(req, ERR_OK, (struct str){0});
    if (req->list == NULL)
        return httpd_req_queue(req);
    httpd_req_suspend(req);
    return MHD_YES;
}

enum MHD_Result httpd_stream_call(struct httpd_req *req, struct str piece, size_t *left)
{
    if (req->hang_up)
        return MHD_NO;
    if (req->suspended)
        return MHD_YES; /* the library had more than one chunk at hand */
    if (!req->in_body)
        return leave_head(req);
    if (piece.n == 0)
        return req->response != NULL ? httpd_req_queue(req) : take_end(req);
    *left = 0;
    return take_piece(req, piece);
}

/* The handler may free it, also inside the call. */
void httpd_stream_lost(struct httpd_req *req)
{
    httpd_piece_fn fn = req->piece;
    httpd_req_leave(req);
    req->piece = NULL;
    if (fn != NULL)
        (void)fn(req->piece_arg, ERR_IO, (struct str){0});
}

void httpd_streams_answer_for(struct httpd_reqs *reqs, int64_t before_mono_ms,
                              const struct httpd_answer *answer)
{
    struct httpd_req *next = NULL;
    for (struct httpd_req *req = reqs->streaming.first; req != NULL; req = next) {
        next = req->next;
        if (req->suspended && req->suspended_mono_ms < before_mono_ms)
            httpd_req_settle(req, req->in_body ? NULL : answer);
    }
}

void httpd_read(struct httpd_req *req, httpd_piece_fn fn, void *arg)
{
    if (req->list == NULL) { /* it has been answered for */
        (void)fn(arg, ERR_IO, (struct str){0});
        return;
    }
    req->piece = fn;
    req->piece_arg = arg;
    httpd_req_resume(req);
}

void httpd_read_more(struct httpd_req *req)
{
    if (req->list == NULL || !req->suspended)
        return;
    httpd_conns_enter(req->reqs->conns, req->connection, HTTPD_CONN_READING);
    httpd_req_resume(req);
}
