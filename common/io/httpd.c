#include "common/io/httpd.h"

#include "common/base/clock.h"

#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096, CONNECTION_MEMORY = 32 * 1024, SWEEP_MS = 1000 };

/* A connection, while it is open; for cutting off those that dribble. */
struct conn {
    struct conn *prev, *next;
    int fd;
    bool answering;   /* a whole request is being answered */
    int64_t since_ms; /* accepted, or last answered */
};

/* A request has two owners: the library until the exchange is over, and the handler's side until it
 * has answered. */
struct httpd_req {
    struct httpd *httpd;           /* not valid unless pending */
    struct httpd_req *prev, *next; /* in httpd->pending, while whole and unanswered */
    struct MHD_Connection *connection;
    const char *method, *path;
    struct buf body;
    int64_t received_ms;
    bool suspended, pending;
    bool lib_done, app_done;
    bool hang_up;
    struct MHD_Response *response; /* set by the answer, until it is queued */
    int status;
};

struct httpd {
    struct loop *loop;
    struct httpd_conf conf;
    struct MHD_Daemon *daemon;
    int epoll_fd, listen_fd;
    uint16_t port;
    bool run_again, draining;
    struct httpd_req pending; /* ring, the oldest first */
    unsigned pending_count;
    struct conn conns; /* ring */
    unsigned conn_count;
    struct loop_timer sweep;
};

static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

/* --- what the library lets through
 * ----------------------------------------------------------------------------- */

struct framing {
    unsigned lengths, codings;
    bool space_in_name, other_coding;
};

static enum MHD_Result count_header(void *arg, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
    struct framing *f = arg;
    size_t n = strlen(name);
    (void)kind;
    if (n == 0 || strcspn(name, " \t") != n)
        f->space_in_name = true;
    if (strcasecmp(name, "Content-Length") == 0)
        f->lengths++;
    if (strcasecmp(name, "Transfer-Encoding") == 0) {
        f->codings++;
        if (value == NULL || strcasecmp(value, "chunked") != 0)
            f->other_coding = true;
    }
    return MHD_YES;
}

/* NULL when the framing has one meaning only. */
static const char *ambiguity(struct MHD_Connection *connection)
{
    struct framing f = {0};
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, count_header, &f);
    if (f.space_in_name)
        return "A header's name holds a space; write 'Name: value' without a space before the "
               "colon.";
    if (f.other_coding || f.codings > 1)
        return "Only 'Transfer-Encoding: chunked' is understood.";
    if (f.lengths > 1)
        return "The request has more than one Content-Length.";
    if (f.lengths > 0 && f.codings > 0)
        return "The request has both Content-Length and Transfer-Encoding.";
    return NULL;
}

static bool known_method(const char *method)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (strcmp(method, methods[i]) == 0)
            return true;
    }
    return false;
}

/* Decoding "%00" would cut a path short, so such a path stays as it was written and matches
 * nothing. */
static size_t unescape(void *arg, struct MHD_Connection *connection, char *text)
{
    (void)arg;
    (void)connection;
    return strstr(text, "%00") != NULL ? strlen(text) : MHD_http_unescape(text);
}

/* --- requests
 * ----------------------------------------------------------------------------------------------------
 */

static void req_drop(struct httpd_req *req)
{
    if (!req->lib_done || !req->app_done)
        return;
    if (req->response != NULL)
        MHD_destroy_response(req->response);
    buf_done(&req->body);
    xfree(req);
}

static void unlink_pending(struct httpd_req *req)
{
    if (!req->pending)
        return;
    req->pending = false;
    req->prev->next = req->next;
    req->next->prev = req->prev;
    req->httpd->pending_count--;
}

static void add_pending(struct httpd *h, struct httpd_req *req)
{
    req->pending = true;
    req->next = &h->pending;
    req->prev = h->pending.prev;
    req->prev->next = req->next->prev = req;
    h->pending_count++;
}

static void conn_answering(struct MHD_Connection *connection, bool answering)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct conn *conn = info != NULL ? info->socket_context : NULL;
    if (conn == NULL)
        return;
    conn->answering = answering;
    conn->since_ms = clock_mono_ms();
}

static struct MHD_Response *make_response(const struct httpd_answer *a, bool close)
{
    union {
        const void *in;
        void *out;
    } bytes = {.in = a->body.n > 0
                         ? a->body.p
                         : ""}; /* the library copies, but asks for a pointer that isn't const */
    struct MHD_Response *r =
        MHD_create_response_from_buffer(a->body.n, bytes.out, MHD_RESPMEM_MUST_COPY);
    if (r == NULL)
        return NULL;
    if (a->content_type != NULL)
        (void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, a->content_type);
    for (size_t i = 0; i < HTTPD_MAX_HEADERS && a->headers[i].name != NULL; i++)
        (void)MHD_add_response_header(r, a->headers[i].name, a->headers[i].value);
    if (a->close || close)
        (void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONNECTION, "close");
    return r;
}

static void problem(char body[512], int status, const char *title, const char *detail)
{
    (void)snprintf(body, 512,
                   "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}",
                   title, status, detail);
}

static struct httpd_answer refusal(char body[512], int status, const char *detail)
{
    const char *title = MHD_get_reason_phrase_for((unsigned)status);
    problem(body, status, title, detail);
    return (struct httpd_answer){.status = status,
                                 .content_type = "application/problem+json",
                                 .body = str_of(body),
                                 .close = true};
}

static enum MHD_Result refuse(struct MHD_Connection *connection, int status, const char *detail)
{
    char body[512];
    struct httpd_answer answer = refusal(body, status, detail);
    struct MHD_Response *response = make_response(&answer, true);
    if (response == NULL)
        return MHD_NO;
    enum MHD_Result result = MHD_queue_response(connection, (unsigned)status, response);
    MHD_destroy_response(response);
    return result;
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

static enum MHD_Result begin(struct httpd *h, struct MHD_Connection *connection, const char *method,
                             void **ret_req)
{
    const char *wrong = ambiguity(connection);
    if (wrong != NULL)
        return refuse(connection, MHD_HTTP_BAD_REQUEST, wrong);
    if (!known_method(method))
        return refuse(connection, MHD_HTTP_NOT_IMPLEMENTED, "This method is not known here.");
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    unsigned long long n = 0;
    if (length != NULL &&
        (!str_to_uint(str_of(length), SIZE_MAX, &n) || n > h->conf.body_cap_bytes))
        return refuse(connection, MHD_HTTP_CONTENT_TOO_LARGE,
                      "The body is larger than this endpoint takes.");
    struct httpd_req *req = xalloc(sizeof(*req));
    req->httpd = h;
    req->connection = connection;
    req->app_done = true; /* until the handler gets it */
    buf_init(&req->body, h->conf.body_cap_bytes);
    *ret_req = req;
    return MHD_YES;
}

static enum MHD_Result whole(struct httpd *h, struct httpd_req *req)
{
    if (req->body.full)
        return refuse(req->connection, MHD_HTTP_CONTENT_TOO_LARGE,
                      "The body is larger than this endpoint takes.");
    req->received_ms = loop_now_ms(h->loop);
    req->app_done = false;
    conn_answering(req->connection, true);
    add_pending(h, req);
    h->conf.handler(h->conf.arg, req);
    if (req->app_done)
        return queue_answer(req);
    req->suspended = true;
    MHD_suspend_connection(req->connection);
    return MHD_YES;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_n, void **state)
{
    struct httpd *h = arg;
    struct httpd_req *req = *state;
    (void)version;
    if (req == NULL)
        return begin(h, connection, method, state);
    if (req->response != NULL || req->hang_up)
        return queue_answer(req); /* answered while suspended, and resumed */
    req->method = method;
    req->path = url;
    if (*upload_n == 0)
        return whole(h, req);
    buf_add(&req->body, upload, *upload_n);
    *upload_n = 0;
    /* A chunked body says its length only at the end; what is over the cap ends here, or by its 413
     * if it ends now. */
    return MHD_YES;
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode why)
{
    struct httpd_req *req = *state;
    (void)arg;
    (void)why;
    conn_answering(connection, false);
    if (req == NULL)
        return;
    *state = NULL;
    req->lib_done = true;
    req->connection = NULL;
    req_drop(req);
}

void httpd_answer(struct httpd_req *own_req, const struct httpd_answer *answer)
{
    struct httpd_req *req = own_req;
    if (req->pending) { /* else it came too late, and has been answered for */
        unlink_pending(req);
        req->status = answer->status;
        req->response = make_response(answer, req->httpd->draining);
        req->hang_up = req->response == NULL;
        if (req->suspended) {
            req->suspended = false;
            req->httpd->run_again = true;
            MHD_resume_connection(req->connection);
        }
    }
    req->app_done = true;
    req_drop(req);
}

void httpd_hang_up(struct httpd_req *own_req)
{
    struct httpd_req *req = own_req;
    req->hang_up = true;
    httpd_answer(req, &(struct httpd_answer){.status = MHD_HTTP_OK});
}
/* --- connections
 * -------------------------------------------------------------------------------------------------
 */

static void conn_open(struct httpd *h, struct MHD_Connection *connection, void **ret_conn)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct conn *conn = xalloc(sizeof(*conn));
    conn->fd = info != NULL ? info->connect_fd : -1;
    conn->since_ms = clock_mono_ms();
    conn->next = &h->conns;
    conn->prev = h->conns.prev;
    conn->prev->next = conn->next->prev = conn;
    h->conn_count++;
    *ret_conn = conn;
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **state,
                          enum MHD_ConnectionNotificationCode what)
{
    struct httpd *h = arg;
    struct conn *conn = *state;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        conn_open(h, connection, state);
        return;
    }
    if (conn == NULL)
        return;
    conn->prev->next = conn->next;
    conn->next->prev = conn->prev;
    h->conn_count--;
    *state = NULL;
    xfree(conn);
}

/* The library's own time-out is for silence only; one byte a second would hold a connection for
 * ever. */
static void cut_slow_clients(struct httpd *h)
{
    int64_t before_ms = loop_now_ms(h->loop) - h->conf.read_timeout_ms;
    for (struct conn *c = h->conns.next; c != &h->conns; c = c->next) {
        if (!c->answering && c->since_ms < before_ms)
            (void)shutdown(c->fd, SHUT_RDWR);
    }
}

static void answer_late_ones(struct httpd *h)
{
    int64_t before_ms = loop_now_ms(h->loop) - h->conf.answer_timeout_ms;
    while (h->pending_count > 0 && h->pending.next->received_ms < before_ms) {
        struct httpd_req *req = h->pending.next;
        char body[512];
        struct httpd_answer answer =
            refusal(body, 500, "No answer in time; whether the request took effect is not known.");
        bool app_done = req->app_done;
        httpd_answer(req, &answer);
        req->app_done = app_done; /* the handler's side still holds it */
    }
}

static void on_sweep(void *arg)
{
    struct httpd *h = arg;
    cut_slow_clients(h);
    answer_late_ones(h);
    loop_timer_set(h->loop, &h->sweep, loop_now_ms(h->loop) + SWEEP_MS);
}

/* --- the server
 * --------------------------------------------------------------------------------------------------
 */

static void on_ready(void *arg, int fd, int events)
{
    struct httpd *h = arg;
    (void)fd;
    (void)events;
    (void)MHD_run(h->daemon);
}

/* The library keeps ready connections of its own behind its edge-triggered epoll: its time-out must
 * be honoured. */
static int64_t before_wait(void *arg)
{
    struct httpd *h = arg;
    MHD_UNSIGNED_LONG_LONG wait_ms;
    if (h->run_again) {
        h->run_again = false;
        (void)MHD_run(h->daemon);
    }
    if (MHD_get_timeout(h->daemon, &wait_ms) != MHD_YES)
        return h->run_again ? 0 : -1;
    h->run_again = h->run_again || wait_ms == 0;
    return h->run_again ? 0 : (int64_t)wait_ms;
}

static void no_log(void *arg, const char *format, va_list args)
{
    (void)arg;
    (void)format;
    (void)args;
}

static int listen_on(const struct httpd_conf *conf)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_PASSIVE};
    struct addrinfo *found = NULL;
    char port[8];
    const int one = 1;
    (void)snprintf(port, sizeof(port), "%u", conf->port);
    if (getaddrinfo(conf->address, port, &hints, &found) != 0)
        return -1;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 &&
        (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
         (conf->reuse_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) != 0) ||
         bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0)) {
        (void)close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    return fd;
}

static uint16_t bound_port(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_storage room;
    } address = {0};
    socklen_t n = sizeof(address);
    char port[8] = "0";
    unsigned long long number = 0;
    if (getsockname(fd, &address.any, &n) == 0 &&
        getnameinfo(&address.any, n, NULL, 0, port, sizeof(port), NI_NUMERICSERV) == 0)
        (void)str_to_uint(str_of(port), UINT16_MAX, &number);
    return (uint16_t)number;
}

static struct MHD_Daemon *start_daemon(struct httpd *h)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, h,
        MHD_OPTION_EXTERNAL_LOGGER, no_log, NULL, MHD_OPTION_LISTEN_SOCKET, h->listen_fd,
        MHD_OPTION_CONNECTION_LIMIT, h->conf.max_connections, MHD_OPTION_CONNECTION_TIMEOUT,
        h->conf.idle_timeout_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, h, MHD_OPTION_UNESCAPE_CALLBACK, unescape, h,
        MHD_OPTION_END);
}

enum err httpd_new(struct httpd **ret_httpd, struct loop *loop, const struct httpd_conf *conf)
{
    struct httpd *h = xalloc(sizeof(*h));
    h->loop = loop;
    h->conf = *conf;
    h->pending.next = h->pending.prev = &h->pending;
    h->conns.next = h->conns.prev = &h->conns;
    h->sweep = (struct loop_timer){.fn = on_sweep, .arg = h};
    h->listen_fd = listen_on(conf);
    if (h->listen_fd < 0)
        goto fail;
    h->port = bound_port(h->listen_fd);
    h->daemon = start_daemon(h);
    if (h->daemon == NULL)
        goto fail;
    h->epoll_fd = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    if (loop_watch(loop, h->epoll_fd, LOOP_READ, on_ready, h) != ERR_OK)
        goto fail;
    loop_hook(loop, before_wait, h);
    loop_timer_set(loop, &h->sweep, loop_now_ms(loop) + SWEEP_MS);
    *ret_httpd = h;
    return ERR_OK;
fail:
    if (h->daemon != NULL)
        MHD_stop_daemon(h->daemon); /* closes the socket too */
    else if (h->listen_fd >= 0)
        (void)close(h->listen_fd);
    xfree(h);
    return ERR_IO;
}

/* The library aborts when it is stopped with a suspended connection, so all are answered first. */
static void answer_all(struct httpd *h)
{
    while (h->pending_count > 0) {
        struct httpd_req *req = h->pending.next;
        char body[512];
        struct httpd_answer answer =
            refusal(body, 503, "The server is stopping; the request was not answered in time.");
        bool app_done = req->app_done;
        httpd_answer(req, &answer);
        req->app_done = app_done;
    }
    (void)MHD_run(h->daemon);
    (void)MHD_run(h->daemon);
}

void httpd_free(struct httpd *own_httpd)
{
    struct httpd *h = own_httpd;
    if (h == NULL)
        return;
    httpd_drain(h);
    answer_all(h);
    loop_unwatch(h->loop, h->epoll_fd);
    loop_unhook(h->loop, before_wait, h);
    loop_timer_stop(h->loop, &h->sweep);
    MHD_stop_daemon(h->daemon);
    xfree(h);
}

uint16_t httpd_port(const struct httpd *httpd)
{
    return httpd->port;
}

void httpd_drain(struct httpd *httpd)
{
    if (httpd->draining)
        return;
    httpd->draining = true;
    MHD_socket fd = MHD_quiesce_daemon(httpd->daemon);
    if (fd != MHD_INVALID_SOCKET)
        (void)close(fd);
}

unsigned httpd_pending(const struct httpd *httpd)
{
    return httpd->pending_count;
}

unsigned httpd_connections(const struct httpd *httpd)
{
    return httpd->conn_count;
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
    return req->received_ms;
}
