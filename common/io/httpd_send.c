#include "common/io/httpd_send.h"

#include "common/io/httpd_response.h"

static void enter(struct httpd_req *req)
{
    struct httpd_reqs *reqs = req->reqs;
    req->sending = true;
    req->send_prev = NULL;
    req->send_next = reqs->sending;
    if (reqs->sending != NULL)
        reqs->sending->send_prev = req;
    reqs->sending = req;
}

static void leave(struct httpd_req *req)
{
    if (!req->sending)
        return;
    req->sending = false;
    if (req->send_prev != NULL)
        req->send_prev->send_next = req->send_next;
    else
        req->reqs->sending = req->send_next;
    if (req->send_next != NULL)
        req->send_next->send_prev = req->send_prev;
}

/* A client that reads steadily has all the time that it needs. */
static void count(struct httpd_req *req, size_t n)
{
    req->step_bytes += n;
    if (req->step_bytes < HTTPD_STREAM_STEP)
        return;
    req->step_bytes = 0;
    httpd_conns_enter(req->reqs->conns, req->connection, HTTPD_CONN_ANSWERING);
}

static bool is_out(const struct httpd_req *req)
{
    return req->out_at == req->body.n;
}

static ssize_t end_of(const struct httpd_req *req)
{
    return req->cut ? MHD_CONTENT_READER_END_WITH_ERROR : MHD_CONTENT_READER_END_OF_STREAM;
}

/* The library's call for the next bytes. */
static ssize_t on_room(void *arg, uint64_t at, char *to, size_t most)
{
    struct httpd_req *req = arg;
    (void)at;
    if (is_out(req) && req->wanted != NULL && !req->asked) {
        req->asked = true;
        req->wanted(req->wanted_arg, ERR_OK);
    }
    if (is_out(req) || req->cut) {
        if (req->wanted == NULL || req->cut)
            return end_of(req);
        httpd_req_suspend(req);
        return 0;
    }
    size_t n = req->body.n - req->out_at;
    if (n > most)
        n = most;
    memcpy(to, req->body.p + req->out_at, n);
    req->out_at += n;
    count(req, n);
    return (ssize_t)n;
}

void httpd_send_begin(struct httpd_req *req, const struct httpd_answer *head, httpd_wanted_fn fn,
                      void *arg)
{
    if (req->list == NULL) { /* it has been answered for */
        fn(arg, ERR_IO);
        return;
    }
    buf_done(&req->body); /* that of the request; from now on the piece that goes out */
    buf_init(&req->body, SIZE_MAX / 2);
    req->wanted = fn;
    req->wanted_arg = arg;
    httpd_req_leave(req);
    req->status = head->status;
    req->response = httpd_response_pieces(head, req->reqs->draining, on_room, req);
    req->hang_up = req->response == NULL;
    for (size_t i = 0; req->response != NULL && i < req->added_count; i++)
        (void)MHD_add_response_header(req->response, req->added[i].name, req->added[i].value);
    enter(req);
    httpd_req_resume(req);
}

void httpd_send(struct httpd_req *req, struct buf *own_piece)
{
    buf_done(&req->body);
    req->body = *own_piece;
    *own_piece = (struct buf){0};
    req->out_at = 0;
    req->asked = false;
    if (req->sending)
        httpd_req_resume(req);
}

void httpd_send_end(struct httpd_req *own_req, bool whole)
{
    own_req->wanted = NULL;
    own_req->cut = !whole;
    if (own_req->sending)
        httpd_req_resume(own_req);
    leave(own_req);
    httpd_req_handled(own_req);
}

void httpd_send_lost(struct httpd_req *req)
{
    httpd_wanted_fn fn = req->wanted;
    leave(req);
    fn(req->wanted_arg, ERR_IO); /* may free it */
}

void httpd_sends_cut(struct httpd_reqs *reqs)
{
    for (struct httpd_req *req = reqs->sending; req != NULL; req = req->send_next) {
        req->cut = true;
        httpd_req_resume(req);
    }
}
