#include "common/io/httpd_req.h"

#include "common/io/httpd_framing.h"
#include "common/io/httpd_head.h"
#include "common/io/httpd_response.h"
#include "common/io/httpd_send.h"
#include "common/io/httpd_stream.h"

#include <stdio.h>
#include <sys/socket.h>

static const char *const methods[] = {"GET",    "HEAD",    "POST",  "PUT",  "PATCH",
                                      "DELETE", "OPTIONS", "TRACE", "QUERY"};

static void drop_if_done(struct httpd_req *req)
{
    if (!req->library_done || !req->handler_done)
        return;
    if (req->response != NULL)
        MHD_destroy_response(req->response);
    buf_done(&req->body);
    xfree(req);
}

/* --- lists, and waiting --- */

void httpd_req_leave(struct httpd_req *req)
{
    struct httpd_req_list *list = req->list;
    if (list == NULL)
        return;
    req->list = NULL;
    if (req->prev != NULL)
        req->prev->next = req->next;
    else
        list->first = req->next;
    if (req->next != NULL)
        req->next->prev = req->prev;
    else
        list->last = req->prev;
    req->reqs->pending_count--;
}

void httpd_req_enter(struct httpd_req *req, struct httpd_req_list *list)
{
    httpd_req_leave(req);
    req->list = list;
    req->prev = list->last;
    req->next = NULL;
    if (list->last != NULL)
        list->last->next = req;
    else
        list->first = req;
    list->last = req;
    req->reqs->pending_count++;
}

void httpd_req_suspend(struct httpd_req *req)
{
    req->suspended = true;
    req->suspended_mono_ms = loop_now_ms(req->reqs->loop);
    MHD_suspend_connection(req->connection);
}

void httpd_req_resume(struct httpd_req *req)
{
    if (!req->suspended)
        return;
    req->suspended = false;
    req->reqs->resumed = true;
    MHD_resume_connection(req->connection);
}

/* --- from the library --- */

static bool known_method(const char *method)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (strcmp(method, methods[i]) == 0)
            return true;
    }
    return false;
}

static enum MHD_Result too_large(struct MHD_Connection *connection)
{
    return httpd_response_refuse(connection, MHD_HTTP_CONTENT_TOO_LARGE,
                                 "The body is larger than this endpoint takes.");
}

/* NOLINTNEXTLINE(readability-function-size): what the library says about a request */
static enum MHD_Result begin(struct httpd_reqs *reqs, struct MHD_Connection *connection,
                             const char *path, const char *method, const char *version,
                             void **ret_req)
{
    const char *fault = httpd_framing_fault(connection, version);
    if (fault != NULL)
        return httpd_response_refuse(connection, MHD_HTTP_BAD_REQUEST, fault);
    if (httpd_head_too_large(connection, httpd_conns_line_bytes(connection)))
        return httpd_response_refuse(connection, MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE,
                                     "The address and the headers together are too large.");
    if (!known_method(method))
        return httpd_response_refuse(connection, MHD_HTTP_NOT_IMPLEMENTED,
                                     "This method is not known here.");
    bool streamed =
        reqs->conf->streams != NULL && reqs->conf->streams(reqs->conf->arg, method, path);
    size_t cap = streamed ? reqs->conf->stream_cap_bytes : reqs->conf->body_cap_bytes;
    const char *length =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    unsigned long long n = 0;
    if (length != NULL && !str_to_uint(str_of(length), cap + HTTPD_EXCESS_BYTES, &n))
        return too_large(connection); /* the library refuses what is no number */
    struct httpd_req *req = xalloc(sizeof(*req));
    req->reqs = reqs;
    req->connection = connection;
    req->method = streamed ? method : "";
    req->path = streamed ? path : "";
    req->handler_done = true; /* until it gets the request */
    buf_init(&req->body, streamed ? 0 : cap);
    *ret_req = req;
    return streamed ? httpd_stream_begin(req) : MHD_YES;
}

enum MHD_Result httpd_req_queue(struct httpd_req *req)
{
    if (req->hang_up || req->response == NULL)
        return MHD_NO;
    enum MHD_Result result =
        MHD_queue_response(req->connection, (unsigned)req->status, req->response);
    MHD_destroy_response(req->response);
    req->response = NULL;
    return result;
}

static enum MHD_Result whole(struct httpd_reqs *reqs, struct httpd_req *req)
{
    if (req->body.full)
        return too_large(req->connection);
    req->whole_mono_ms = loop_now_ms(reqs->loop);
    req->handler_done = false;
    httpd_conns_enter(reqs->conns, req->connection, HTTPD_CONN_ANSWERING);
    httpd_req_enter(req, &reqs->whole);
    reqs->conf->handler(reqs->conf->arg, req);
    if (req->list == NULL)
        return httpd_req_queue(req);
    httpd_req_suspend(req);
    return MHD_YES;
}

/* NOLINTNEXTLINE(readability-function-size): the library's signature */
enum MHD_Result httpd_reqs_on_call(void *arg, struct MHD_Connection *connection, const char *path,
                                   const char *method, const char *version, const char *upload,
                                   size_t *upload_n, void **state)
{
    struct httpd_reqs *reqs = arg;
    struct httpd_req *req = *state;
    if (req == NULL)
        return begin(reqs, connection, path, method, version, state);
    req->method = method;
    req->path = path;
    if (req->streamed)
        return httpd_stream_call(req, (struct str){upload, *upload_n}, upload_n);
    if (req->response != NULL || req->hang_up)
        return httpd_req_queue(req); /* answered while suspended, and resumed */
    if (*upload_n == 0)
        return whole(reqs, req);
    buf_add(&req->body, upload, *upload_n);
    req->received_bytes += *upload_n;
    *upload_n = 0;
    /* A chunked body tells its length only at its end, and no answer can be queued before. */
    return req->received_bytes <= reqs->conf->body_cap_bytes + HTTPD_EXCESS_BYTES ? MHD_YES
                                                                                  : MHD_NO;
}

void httpd_reqs_on_completed(void *arg, struct MHD_Connection *connection, void **state,
                             enum MHD_RequestTerminationCode why)
{
    struct httpd_reqs *reqs = arg;
    struct httpd_req *req = *state;
    (void)why;
    httpd_conns_enter(reqs->conns, connection, HTTPD_CONN_IDLE);
    if (req == NULL)
        return;
    *state = NULL;
    req->library_done = true;
    req->connection = NULL; /* a handler that is late finds nothing in the request but its body */
    req->method = req->path = "";
    if (req->wanted != NULL)
        httpd_send_lost(req);
    else if (req->list == &reqs->streaming || req->piece != NULL)
        httpd_stream_lost(req);
    else
        drop_if_done(req);
}

/* --- from the handler's side --- */

static struct MHD_Response *make_response(const struct httpd_req *req,
                                          const struct httpd_answer *answer)
{
    struct MHD_Response *response = httpd_response_new(answer, req->reqs->draining);
    for (size_t i = 0; response != NULL && i < req->added_count; i++)
        (void)MHD_add_response_header(response, req->added[i].name, req->added[i].value);
    return response;
}

void httpd_req_settle(struct httpd_req *req, const struct httpd_answer *answer)
{
    httpd_req_leave(req);
    if (answer != NULL) {
        req->status = answer->status;
        req->response = make_response(req, answer);
    }
    req->hang_up = req->response == NULL;
    httpd_req_resume(req);
}

void httpd_req_handled(struct httpd_req *own_req)
{
    own_req->handler_done = true;
    drop_if_done(own_req);
}

static void finish(struct httpd_req *own_req, const struct httpd_answer *answer)
{
    if (own_req->list != NULL) /* else it came too late, and has been answered for */
        httpd_req_settle(own_req, answer);
    own_req->handler_done = true;
    own_req->piece = NULL;
    drop_if_done(own_req);
}

void httpd_answer(struct httpd_req *own_req, const struct httpd_answer *answer)
{
    httpd_answer_fn fn = own_req->on_answer;
    own_req->on_answer = NULL;
    if (fn != NULL)
        fn(own_req->on_answer_arg, own_req, answer);
    else
        finish(own_req, answer);
}

void httpd_on_answer(struct httpd_req *req, httpd_answer_fn fn, void *arg)
{
    req->on_answer = fn;
    req->on_answer_arg = arg;
}

void httpd_add_header(struct httpd_req *req, const char *name, const char *value)
{
    if (req->added_count == HTTPD_MAX_ADDED)
        return;
    req->added[req->added_count].name = name;
    (void)snprintf(req->added[req->added_count++].value, HTTPD_ADDED_SIZE, "%s", value);
}

void httpd_hang_up(struct httpd_req *own_req)
{
    finish(own_req, NULL);
}

/* -1: the connection is gone. */
static int fd_of(const struct httpd_req *req)
{
    const union MHD_ConnectionInfo *info =
        req->connection != NULL
            ? MHD_get_connection_info(req->connection, MHD_CONNECTION_INFO_CONNECTION_FD)
            : NULL;
    return info != NULL ? info->connect_fd : -1;
}

void httpd_reset(struct httpd_req *own_req)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    int fd = fd_of(own_req);
    if (fd >= 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    httpd_hang_up(own_req);
}

void httpd_write_raw(struct httpd_req *req, struct str bytes)
{
    int fd = fd_of(req);
    if (fd >= 0)
        (void)send(fd, bytes.p, bytes.n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void httpd_reqs_answer_for(struct httpd_reqs *reqs, int64_t before_mono_ms, int status,
                           const char *detail)
{
    char body[HTTPD_PROBLEM_SIZE];
    struct httpd_answer answer = httpd_response_problem(body, status, detail);
    while (reqs->whole.first != NULL && reqs->whole.first->whole_mono_ms < before_mono_ms)
        httpd_req_settle(reqs->whole.first, &answer); /* the handler's side still holds it */
    httpd_streams_answer_for(reqs, before_mono_ms, &answer);
}

const char *httpd_method(const struct httpd_req *req)
{
    return req->method;
}

struct str httpd_path(const struct httpd_req *req)
{
    return str_of(req->path);
}

struct str httpd_body(const struct httpd_req *req)
{
    return buf_view(&req->body);
}

const char *httpd_header(const struct httpd_req *req, const char *name)
{
    return MHD_lookup_connection_value(req->connection, MHD_HEADER_KIND, name);
}

const char *httpd_query(const struct httpd_req *req, const char *name)
{
    return MHD_lookup_connection_value(req->connection, MHD_GET_ARGUMENT_KIND, name);
}

struct each {
    void (*fn)(void *arg, const char *name, const char *value);
    void *arg;
};

static enum MHD_Result each_pair(void *arg, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
    struct each *each = arg;
    (void)kind;
    each->fn(each->arg, name, value != NULL ? value : "");
    return MHD_YES;
}

void httpd_query_each(const struct httpd_req *req,
                      void (*fn)(void *arg, const char *name, const char *value), void *arg)
{
    struct each each = {fn, arg};
    (void)MHD_get_connection_values(req->connection, MHD_GET_ARGUMENT_KIND, each_pair, &each);
}

int64_t httpd_received_mono_ms(const struct httpd_req *req)
{
    return req->whole_mono_ms;
}
