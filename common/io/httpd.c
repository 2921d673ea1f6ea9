#include "common/io/httpd.h"

#include "common/io/httpd_conn.h"
#include "common/io/httpd_framing.h"
#include "common/io/httpd_head.h"
#include "common/io/httpd_req.h"
#include "common/io/httpd_send.h"

#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096, SWEEP_MS = 250, YOUNG_MS = 1000 };

struct httpd {
    struct loop *loop;
    struct httpd_conf conf;
    struct MHD_Daemon *daemon;
    int epoll_fd, listen_fd;
    uint16_t port;
    bool run_again, was_full;
    struct httpd_conns conns;
    struct httpd_reqs reqs;
    struct loop_timer sweep;
};

static void on_sweep(void *arg)
{
    struct httpd *h = arg;
    int64_t now_ms = loop_now_ms(h->loop), read_ms = h->conf.read_timeout_ms;
    httpd_conns_cut(&h->conns, HTTPD_CONN_READING, read_ms);
    httpd_conns_cut(&h->conns, HTTPD_CONN_IDLE, (int64_t)h->conf.idle_timeout_s * 1000 + read_ms);
    httpd_conns_cut(&h->conns, HTTPD_CONN_ANSWERING, h->conf.answer_timeout_ms + read_ms);
    httpd_conns_make_room(&h->conns, h->conf.max_connections - h->conf.max_connections / 8,
                          YOUNG_MS);
    httpd_reqs_answer_for(&h->reqs, now_ms - h->conf.answer_timeout_ms, 500,
                          "No answer in time; whether the request took effect is not known.");
    loop_timer_set(h->loop, &h->sweep, now_ms + SWEEP_MS);
}

static void on_ready(void *arg, int fd, int events)
{
    struct httpd *h = arg;
    (void)fd;
    (void)events;
    (void)MHD_run(h->daemon);
}

/* The library keeps ready connections of its own behind its edge-triggered epoll: its time-out must
 * be honoured. And it looks at the listening socket again only in the run after the one in which a
 * place became free. After a run the others' hooks get their turn, for a handler may have given
 * them work. */
static int64_t before_wait(void *arg)
{
    struct httpd *h = arg;
    MHD_UNSIGNED_LONG_LONG wait_ms;
    bool full = h->conns.count >= h->conf.max_connections;
    bool run = h->run_again || h->reqs.resumed || (h->was_full && !full);
    h->run_again = h->reqs.resumed = false;
    h->was_full = full;
    if (run)
        (void)MHD_run(h->daemon);
    if (MHD_get_timeout(h->daemon, &wait_ms) != MHD_YES)
        return run ? 0 : -1;
    h->run_again = wait_ms == 0;
    return run || wait_ms == 0 ? 0 : (int64_t)wait_ms;
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
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL,
        httpd_reqs_on_call, &h->reqs, MHD_OPTION_EXTERNAL_LOGGER, no_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, h->listen_fd, MHD_OPTION_CONNECTION_LIMIT,
        h->conf.max_connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        h->conf.max_connections_per_address, MHD_OPTION_CONNECTION_TIMEOUT, h->conf.idle_timeout_s,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTPD_HEAD_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT,
        1, MHD_OPTION_NOTIFY_COMPLETED, httpd_reqs_on_completed, &h->reqs,
        MHD_OPTION_NOTIFY_CONNECTION, httpd_conns_notify, &h->conns, MHD_OPTION_URI_LOG_CALLBACK,
        httpd_conns_request_line, &h->conns, MHD_OPTION_UNESCAPE_CALLBACK, httpd_framing_unescape,
        NULL, MHD_OPTION_END);
}

enum err httpd_new(struct httpd **ret_httpd, struct loop *loop, const struct httpd_conf *conf)
{
    struct httpd *h = xalloc(sizeof(*h));
    h->loop = loop;
    h->conf = *conf;
    h->sweep = (struct loop_timer){.fn = on_sweep, .arg = h};
    h->reqs = (struct httpd_reqs){.loop = loop, .conf = &h->conf, .conns = &h->conns};
    httpd_conns_init(&h->conns, loop);
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

void httpd_free(struct httpd *own_httpd)
{
    struct httpd *h = own_httpd;
    if (h == NULL)
        return;
    httpd_drain(h);
    /* The library aborts when it is stopped with a suspended connection: all are answered first. */
    httpd_reqs_answer_for(&h->reqs, INT64_MAX, 503,
                          "The server is stopping; the request was not answered in time.");
    httpd_sends_cut(&h->reqs);
    (void)MHD_run(h->daemon); /* takes them up again, and writes */
    (void)MHD_run(h->daemon);
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
    if (httpd->reqs.draining)
        return;
    httpd->reqs.draining = true;
    MHD_socket fd = MHD_quiesce_daemon(httpd->daemon);
    if (fd != MHD_INVALID_SOCKET)
        (void)close(fd);
}

unsigned httpd_pending(const struct httpd *httpd)
{
    return httpd->reqs.pending_count;
}

unsigned httpd_connections(const struct httpd *httpd)
{
    return httpd->conns.count;
}
