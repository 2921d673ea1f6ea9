#include "tests/support/dns_server.h"

#include "common/base/buf.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD = 12, TYPE_A = 1, TYPE_CNAME = 5, TYPE_AAAA = 28, MAX_UDP = 1232, POINTER = 0xc0 };

struct dns_server {
    struct loop *loop;
    dns_server_fn fn;
    void *arg;
    int udp_fd, tcp_fd;
    char address[32];
    unsigned questions;
    struct later *later;
};

union peer {
    struct sockaddr any;
    struct sockaddr_in in;
};

/* An answer that is sent later. */
struct later {
    struct dns_server *server;
    struct later *next;
    struct loop_timer timer;
    struct buf bytes;
    union peer peer;
};

static void put16(struct buf *out, unsigned value)
{
    buf_char(out, (char)(value >> 8));
    buf_char(out, (char)value);
}

static void put_name(struct buf *out, const char *name)
{
    struct str rest = str_of(name);
    while (rest.n > 0) {
        struct str label = str_cut(&rest, '.');
        buf_char(out, (char)label.n);
        buf_str(out, label);
    }
    buf_char(out, 0);
}

static void put_head(struct buf *out, const char *name, unsigned type, unsigned ttl_s)
{
    if (name == NULL)
        put16(out, POINTER << 8 | HEAD); /* the question's */
    else
        put_name(out, name);
    put16(out, type);
    put16(out, 1);
    put16(out, ttl_s >> 16);
    put16(out, ttl_s & 0xffff);
}

static unsigned put_addresses(struct buf *out, const struct dns_answer *answer, bool ipv6)
{
    unsigned count = 0;
    for (size_t i = 0; i < DNS_SERVER_ADDRESSES && answer->addresses[i] != NULL; i++) {
        unsigned char bytes[16];
        if (inet_pton(ipv6 ? AF_INET6 : AF_INET, answer->addresses[i], bytes) != 1)
            continue;
        put_head(out, answer->alias, ipv6 ? TYPE_AAAA : TYPE_A, answer->ttl_s);
        put16(out, ipv6 ? 16 : 4);
        buf_add(out, bytes, ipv6 ? 16 : 4);
        count++;
    }
    return count;
}

static unsigned put_alias(struct buf *out, const struct dns_answer *answer)
{
    struct buf name = {.cap = 300};
    if (answer->broken_pointer) {
        put_head(out, NULL, TYPE_CNAME, 60);
        put16(out, 2);
        put16(out, (unsigned)(POINTER << 8 | out->n));
        return 1;
    }
    if (answer->alias == NULL)
        return 0;
    put_name(&name, answer->alias);
    put_head(out, NULL, TYPE_CNAME, answer->ttl_s);
    put16(out, (unsigned)name.n);
    buf_str(out, buf_view(&name));
    buf_done(&name);
    return 1;
}

/* The question ends at question_end of the bytes asked. */
static void put_message(struct buf *out, const unsigned char *asked, size_t question_end,
                        const struct dns_question *question, const struct dns_answer *answer)
{
    bool cut = answer->cut && !question->tcp;
    buf_add(out, asked, 2);
    if (answer->other_number)
        out->p[0] = (char)(out->p[0] ^ 0x55);
    if (answer->garbage) {
        for (unsigned i = 0; i < 60; i++)
            buf_char(out, (char)(i * 37 + 0x81));
        return;
    }
    buf_char(out, (char)(0x81 | (cut ? 2 : 0)));
    buf_char(out, (char)(0x80 | answer->code));
    put16(out, 1);
    put16(out, 0);
    put16(out, 0);
    put16(out, 0);
    buf_add(out, asked + HEAD, question_end - HEAD);
    if (answer->other_question)
        out->p[HEAD + 1] = 'Z';
    unsigned count = cut ? 0 : put_alias(out, answer);
    count += cut ? 0 : put_addresses(out, answer, question->ipv6);
    out->p[7] = (char)count;
}

/* False when it is no question that we know. */
static bool read_question(const unsigned char *bytes, size_t n, char name[300], size_t *ret_end,
                          bool *ret_ipv6)
{
    size_t at = HEAD, out = 0;
    while (at < n && bytes[at] != 0) {
        size_t label = bytes[at++];
        if (at + label >= n || out + label + 1 >= 300)
            return false;
        for (size_t i = 0; i < label; i++)
            name[out++] = (char)tolower(bytes[at++]);
        name[out++] = '.';
    }
    if (at + 5 > n)
        return false;
    name[out > 0 ? out - 1 : 0] = '\0';
    *ret_ipv6 = bytes[at + 2] == TYPE_AAAA;
    *ret_end = at + 5;
    return bytes[at + 2] == TYPE_A || bytes[at + 2] == TYPE_AAAA;
}

/* False: nothing is to be sent, or not now. */
static bool respond(struct dns_server *s, const unsigned char *asked, size_t n, bool tcp,
                    struct buf *out, int64_t *ret_after_ms)
{
    char name[300];
    size_t end = 0;
    struct dns_question question = {.name = name, .tcp = tcp, .nth = ++s->questions};
    struct dns_answer answer = {.ttl_s = 0};
    if (!read_question(asked, n, name, &end, &question.ipv6))
        return false;
    s->fn(s->arg, &question, &answer);
    *ret_after_ms = answer.after_ms;
    if (answer.silent)
        return false;
    put_message(out, asked, end, &question, &answer);
    return true;
}

static void on_later(void *arg)
{
    struct later *later = arg;
    struct later **at = &later->server->later;
    (void)sendto(later->server->udp_fd, later->bytes.p, later->bytes.n, 0, &later->peer.any,
                 sizeof(later->peer.in));
    while (*at != later)
        at = &(*at)->next;
    *at = later->next;
    buf_done(&later->bytes);
    xfree(later);
}

static void on_udp(void *arg, int fd, int events)
{
    struct dns_server *s = arg;
    unsigned char asked[1500];
    union peer peer;
    socklen_t size = sizeof(peer);
    ssize_t n;
    (void)events;
    while ((n = recvfrom(fd, asked, sizeof(asked), MSG_DONTWAIT, &peer.any, &size)) > HEAD) {
        struct buf out = {.cap = MAX_UDP};
        int64_t after_ms = 0;
        if (respond(s, asked, (size_t)n, false, &out, &after_ms) && after_ms > 0) {
            struct later *later = xalloc(sizeof(*later));
            *later = (struct later){s, s->later, {.fn = on_later, .arg = later}, out, peer};
            s->later = later;
            loop_timer_set(s->loop, &later->timer, loop_now_ms(s->loop) + after_ms);
            continue;
        }
        if (out.n > 0)
            (void)sendto(fd, out.p, out.n, 0, &peer.any, sizeof(peer.in));
        buf_done(&out);
        size = sizeof(peer);
    }
}

/* One question a connection, which comes whole, since it is short. */
static void on_tcp_bytes(void *arg, int fd, int events)
{
    struct dns_server *s = arg;
    unsigned char asked[1500];
    struct buf out = {.cap = 65535}, framed = {.cap = 65537};
    int64_t ignored;
    (void)events;
    ssize_t n = recv(fd, asked, sizeof(asked), MSG_DONTWAIT);
    if (n > HEAD + 2 && respond(s, asked + 2, (size_t)n - 2, true, &out, &ignored)) {
        put16(&framed, (unsigned)out.n);
        buf_str(&framed, buf_view(&out));
        (void)send(fd, framed.p, framed.n, MSG_NOSIGNAL);
    }
    buf_done(&out);
    buf_done(&framed);
    loop_unwatch(s->loop, fd);
    (void)close(fd);
}

static void on_tcp(void *arg, int fd, int events)
{
    struct dns_server *s = arg;
    (void)events;
    int accepted = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted >= 0)
        cr_assert_eq(loop_watch(s->loop, accepted, LOOP_READ, on_tcp_bytes, s), ERR_OK);
}

static int bound(int type, union peer *at)
{
    int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    socklen_t size = sizeof(at->in);
    cr_assert_geq(fd, 0);
    if (bind(fd, &at->any, size) != 0) {
        (void)close(fd);
        return -1;
    }
    cr_assert_eq(getsockname(fd, &at->any, &size), 0);
    return fd;
}

struct dns_server *dns_server_new(struct loop *loop, dns_server_fn fn, void *arg)
{
    struct dns_server *s = xalloc(sizeof(*s));
    union peer at = {.in = {0}};
    *s = (struct dns_server){.loop = loop, .fn = fn, .arg = arg, .tcp_fd = -1};
    for (unsigned tries = 0; tries < 20 && s->tcp_fd < 0; tries++) { /* both on the same port */
        if (tries > 0)
            (void)close(s->udp_fd);
        at.in =
            (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        s->udp_fd = bound(SOCK_DGRAM, &at);
        cr_assert_geq(s->udp_fd, 0);
        s->tcp_fd = bound(SOCK_STREAM, &at);
    }
    cr_assert_geq(s->tcp_fd, 0);
    cr_assert_eq(listen(s->tcp_fd, 64), 0);
    (void)snprintf(s->address, sizeof(s->address), "127.0.0.1:%u", ntohs(at.in.sin_port));
    cr_assert_eq(loop_watch(loop, s->udp_fd, LOOP_READ, on_udp, s), ERR_OK);
    cr_assert_eq(loop_watch(loop, s->tcp_fd, LOOP_READ, on_tcp, s), ERR_OK);
    return s;
}

void dns_server_free(struct dns_server *own_server)
{
    while (own_server->later != NULL) {
        loop_timer_stop(own_server->loop, &own_server->later->timer);
        on_later(own_server->later);
    }
    loop_unwatch(own_server->loop, own_server->udp_fd);
    loop_unwatch(own_server->loop, own_server->tcp_fd);
    (void)close(own_server->udp_fd);
    (void)close(own_server->tcp_fd);
    xfree(own_server);
}

const char *dns_server_address(const struct dns_server *server)
{
    return server->address;
}

unsigned dns_server_questions(const struct dns_server *server)
{
    return server->questions;
}
