#include "tests/support/stub.h"

#include "common/base/buf.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 256, CAP_BYTES = 1 << 20 };

struct conn {
    struct stub *stub;
    int fd; /* -1: not open */
    unsigned requests;
    struct buf in;
    struct loop_timer close;
};

struct stub {
    struct loop *loop;
    stub_fn fn;
    void *arg;
    int fd;
    uint16_t port;
    unsigned requests, connections, open;
    struct conn conns[MAX_CONNECTIONS];
};

static void close_conn(struct conn *c)
{
    if (c->fd < 0)
        return;
    loop_unwatch(c->stub->loop, c->fd);
    loop_timer_stop(c->stub->loop, &c->close);
    (void)close(c->fd);
    c->fd = -1;
    c->stub->open--;
    buf_done(&c->in);
}

static void on_close(void *arg)
{
    close_conn(arg);
}

/* The bytes of the request at the head of text, 0 while it is not whole. */
static size_t request_size(struct str text)
{
    const char *end = text.n > 0 ? memmem(text.p, text.n, "\r\n\r\n", 4) : NULL;
    unsigned long long length = 0;
    if (end == NULL)
        return 0;
    size_t head = (size_t)(end - text.p) + 4;
    const char *at = memmem(text.p, head, "Content-Length: ", 16);
    if (at != NULL) {
        struct str rest = {at + 16, (size_t)(end - at) - 12};
        cr_assert(str_to_uint(str_cut(&rest, '\r'), SIZE_MAX, &length));
    }
    return text.n >= head + length ? head + length : 0;
}

static void serve(struct conn *c, size_t size)
{
    struct stub *s = c->stub;
    s->requests++;
    struct stub_request request = {{c->in.p, size}, ++c->requests};
    struct stub_reply reply = s->fn(s->arg, &request);
    buf_clear(&c->in); /* one request at a time is what libcurl sends */
    if (reply.bytes != NULL)
        cr_assert_eq(send(c->fd, reply.bytes, strlen(reply.bytes), MSG_NOSIGNAL),
                     (ssize_t)strlen(reply.bytes));
    if (reply.close)
        close_conn(c);
    else if (reply.close_after_ms > 0)
        loop_timer_set(s->loop, &c->close, loop_now_ms(s->loop) + reply.close_after_ms);
}

static void on_bytes(void *arg, int fd, int events)
{
    struct conn *c = arg;
    char bytes[16384];
    (void)events;
    if (c->fd != fd)
        return;
    ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (n <= 0) {
        close_conn(c);
        return;
    }
    buf_add(&c->in, bytes, (size_t)n);
    size_t size = request_size(buf_view(&c->in));
    if (size > 0)
        serve(c, size);
}

static void on_accept(void *arg, int fd, int events)
{
    struct stub *s = arg;
    (void)events;
    int accepted = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct conn *c = s->conns;
    if (accepted < 0)
        return;
    while (c < s->conns + MAX_CONNECTIONS && c->fd >= 0)
        c++;
    cr_assert_lt(c - s->conns, MAX_CONNECTIONS, "too many connections for the stub");
    *c = (struct conn){.stub = s, .fd = accepted, .close = {.fn = on_close, .arg = c}};
    buf_init(&c->in, CAP_BYTES);
    s->connections++;
    s->open++;
    cr_assert_eq(loop_watch(s->loop, accepted, LOOP_READ, on_bytes, c), ERR_OK);
}

struct stub *stub_new(struct loop *loop, stub_fn fn, void *arg)
{
    struct stub *s = xalloc(sizeof(*s));
    union {
        struct sockaddr any;
        struct sockaddr_in in;
    } at = {.in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t n = sizeof(at.in);
    *s = (struct stub){.loop = loop, .fn = fn, .arg = arg};
    for (size_t i = 0; i < MAX_CONNECTIONS; i++)
        s->conns[i].fd = -1;
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    cr_assert_geq(s->fd, 0);
    cr_assert_eq(bind(s->fd, &at.any, n), 0);
    cr_assert_eq(listen(s->fd, 128), 0);
    cr_assert_eq(getsockname(s->fd, &at.any, &n), 0);
    s->port = ntohs(at.in.sin_port);
    cr_assert_eq(loop_watch(loop, s->fd, LOOP_READ, on_accept, s), ERR_OK);
    return s;
}

void stub_close_all(struct stub *stub)
{
    for (size_t i = 0; i < MAX_CONNECTIONS; i++)
        close_conn(&stub->conns[i]);
}

void stub_free(struct stub *own_stub)
{
    stub_close_all(own_stub);
    loop_unwatch(own_stub->loop, own_stub->fd);
    (void)close(own_stub->fd);
    xfree(own_stub);
}

uint16_t stub_port(const struct stub *stub)
{
    return stub->port;
}

unsigned stub_requests(const struct stub *stub)
{
    return stub->requests;
}

unsigned stub_connections(const struct stub *stub)
{
    return stub->connections;
}

unsigned stub_open(const struct stub *stub)
{
    return stub->open;
}
