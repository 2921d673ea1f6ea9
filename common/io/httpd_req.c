#include "common/io/httpd_req.h"

#include "common/io/httpd_framing.h"
#include "common/io/httpd_head.h"
#include "common/io/httpd_response.h"

#include <stdio.h>

static const char *const methods[] = {"GET",    "HEAD",    "POST",  "PUT",  "PATCH",
                                      "DELETE", "OPTIONS", "TRACE", "QUERY"};

/* How much more than the cap is read for the sake of answering with 413: a client that is still
 * sending when the connection is closed may not get to see the answer. */
enum { EXCESS_BYTES = 1 << 20 };

struct httpd_req {
    struct httpd_reqs *reqs;       /* not valid unless pending */
    struct httpd_req *prev, *next; /* undefined unless pending */
    struct MHD_Connection *connection;
    const char *method, *path;
    struct buf body;
    size_t received_bytes; /* of the body, also what did not fit */
    int64_t whole_mono_ms;
    bool pending, suspended;
    bool library_done, handler_done;
    bool hang_up;
    struct MHD_Response *response; /* from the answer until it is queued */
    int status;                    /* undefined unless response */
    httpd_answer_fn on_answer;     /* NULL: the answer leaves at once */
    void *on_answer_arg;
    size_t added_count;
    struct {
        const char *name;
        char value[HTTPD_ADDED_SIZE];
    } added[HTTPD_MAX_ADDED];
};

static void drop_if_done(struct httpd_req *req)
{
    if (!req->library_done || !req->handler_done)
        return;
    if (req->response != NULL)
        MHD_destroy_response(req->response);
    buf_done(&req->body);
    xfree(req);
}

static void append_pending(struct httpd_reqs *reqs, struct httpd_req *req)
{
    req->pending = true;
    req->prev = reqs->last;
    req->next = NULL;
    if (reqs->last != NULL)
        reqs->last->next = req;
    else
        reqs->first = req;
    reqs->last = req;
    reqs->pending_count++;
}

static void remove_pending(struct httpd_reqs *reqs, struct httpd_req *req)
{
    req->pending = false;
    if (req->prev != NULL)
        req->prev->next = req->next;
    else
        reqs->first = req->next;
    if (req->next != NULL)
        req->next->prev = req->prev;
    else
        reqs->last = req->prev;
    reqs->pending_count--;
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

static enum MHD_Result begin(struct httpd_reqs *reqs, struct MHD_Connection *connection,
                             const char *method, const char *version, void **ret_req)
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
    const char *length =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    unsigned long long n = 0;
    if (length != NULL &&
        !str_to_uint(str_of(length), reqs->conf->body_cap_bytes + EXCESS_BYTES, &n))
        return too_large(connection); /* the library refuses what is no number */
    struct httpd_req *req = xalloc(sizeof(*req));
    req->reqs = reqs;
    req->connection = connection;
    req->method = req->path = "";
    req->handler_done = true; /* until it gets the request */
    buf_init(&req->body, reqs->conf->body_cap_bytes);
    *ret_req = req;
    return MHD_YES;
}

static enum MHD_Result queue_answer(struct httpd_req *req)
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
    append_pending(reqs, req);
    reqs->conf->handler(reqs->conf->arg, req);
    if (!req->pending)
        return queue_answer(req);
    req->suspended = true;
    MHD_suspend_connection(req->connection);
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
        return begin(reqs, connection, method, version, state);
    if (req->response != NULL || req->hang_up)
        return queue_answer(req); /* answered while suspended, and resumed */
    req->method = method;
    req->path = path;
    if (*upload_n == 0)
        return whole(reqs, req);
    buf_add(&req->body, upload, *upload_n);
    req->received_bytes += *upload_n;
    *upload_n = 0;
    /* A chunked body tells its length only at its end, and no answer can be queued before. */
    return req->received_bytes <= reqs->conf->body_cap_bytes + EXCESS_BYTES ? MHD_YES : MHD_NO;
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

/* answer is NULL: hang up. */
static void settle(struct httpd_req *req, const struct httpd_answer *answer)
{
    struct httpd_reqs *reqs = req->reqs;
    remove_pending(reqs, req);
    if (answer != NULL) {
        req->status = answer->status;
        req->response = make_response(req, answer);
    }
    req->hang_up = req->response == NULL;
    if (!req->suspended)
        return;
    req->suspended = false;
    reqs->resumed = true;
    MHD_resume_connection(req->connection);
}

static void finish(struct httpd_req *own_req, const struct httpd_answer *answer)
{
    if (own_req->pending) /* else it came too late, and has been answered for */
        settle(own_req, answer);
    own_req->handler_done = true;
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

void httpd_reqs_answer_for(struct httpd_reqs *reqs, int64_t before_mono_ms, int status,
                           const char *detail)
{
    char body[HTTPD_PROBLEM_SIZE];
    struct httpd_answer answer = httpd_response_problem(body, status, detail);
    while (reqs->first != NULL && reqs->first->whole_mono_ms < before_mono_ms)
        settle(reqs->first, &answer); /* the handler's side still holds it */
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
