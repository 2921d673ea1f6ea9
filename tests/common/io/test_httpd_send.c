/* Answers whose body goes piece by piece. */
#include "tests/support/drive.h"
#include "tests/support/server.h"

#include <criterion/criterion.h>
#include <sys/socket.h>

#define REQUEST "GET /pieces HTTP/1.1\r\nHost: h\r\n\r\n"

enum { PIECE = 100000, TIMES = 20, WAIT_MS = 5000, SHORT_MS = 200 };

static struct server s;
static struct client c;

/* What the handler does, and what it was asked. */
static struct {
    bool later;    /* give nothing when asked */
    unsigned most; /* pieces */
    bool cut;      /* instead of an end */
    struct httpd_req *req;
    unsigned asked, gone;
} h;

/* What the client has of the answer, which is chunked: how much, and how it ends. */
static struct {
    size_t bytes;
    bool whole, closed;
} got;

static void receive(void)
{
    static char bytes[64 * 1024];
    ssize_t n = recv(c.fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (n > 0) {
        got.bytes += (size_t)n;
        got.whole = n >= 5 && memcmp(bytes + n - 5, "0\r\n\r\n", 5) == 0;
    }
    got.closed = got.closed || n == 0;
}

static bool has_ended(void *arg)
{
    (void)arg;
    receive();
    return got.whole || got.closed;
}

static void give(void)
{
    struct buf piece = {.cap = PIECE};
    while (piece.n < PIECE)
        buf_char(&piece, (char)('a' + h.asked % 26));
    httpd_send(h.req, &piece);
}

static void on_wanted(void *arg, enum err err)
{
    (void)arg;
    if (err != ERR_OK) {
        h.gone++;
        httpd_send_end(h.req, false);
        h.req = NULL;
    } else if (h.asked == h.most) {
        httpd_send_end(h.req, !h.cut);
        h.req = NULL;
    } else {
        h.asked++;
        if (!h.later)
            give();
    }
}

static void on_request(void *arg, struct httpd_req *req)
{
    (void)arg;
    h.req = req;
    httpd_send_begin(req, &(struct httpd_answer){.status = 200, .content_type = "text/plain"},
                     on_wanted, NULL);
}

static void configure(struct httpd_conf *conf)
{
    conf->handler = on_request;
}

static void start(void)
{
    server_start(&s, configure);
    client_open(&c, server_port(&s));
    h.most = TIMES;
}

static void stop(void)
{
    client_close(&c);
    server_stop(&s);
    cr_expect_null(h.req, "every answer has an end");
}

TestSuite(httpd_send, .init = start, .fini = stop);

static bool is_asked(void *arg)
{
    (void)arg;
    return h.asked > 0;
}

static bool is_gone(void *arg)
{
    (void)arg;
    return h.gone > 0;
}

Test(httpd_send, pieces_make_one_body)
{
    client_send(&c, REQUEST);
    cr_assert(drive_until(s.loop, has_ended, NULL, WAIT_MS));
    cr_expect(got.whole);
    cr_expect_gt(got.bytes, (size_t)TIMES * PIECE);
    cr_expect_eq(h.asked, TIMES);
    cr_expect_eq(h.gone, 0);
    h.asked = 0;
    got.whole = false;
    client_send(&c, REQUEST);
    cr_assert(drive_until(s.loop, has_ended, NULL, WAIT_MS));
    cr_expect(got.whole, "the connection lives on");
}

Test(httpd_send, a_handler_that_has_nothing_yet_is_waited_for)
{
    h.later = true;
    h.most = 1;
    client_send(&c, REQUEST);
    cr_assert(drive_until(s.loop, is_asked, NULL, WAIT_MS));
    cr_expect_not(drive_until(s.loop, has_ended, NULL, SHORT_MS));
    cr_expect_eq(h.asked, 1, "once");
    give();
    cr_assert(drive_until(s.loop, has_ended, NULL, WAIT_MS));
    cr_expect(got.whole);
}

Test(httpd_send, a_body_that_is_cut_has_no_end)
{
    h.cut = true;
    h.most = 2;
    client_send(&c, REQUEST);
    cr_assert(drive_until(s.loop, has_ended, NULL, WAIT_MS));
    cr_expect(got.closed && !got.whole);
}

Test(httpd_send, a_client_that_does_not_read_gets_no_more_than_its_socket_holds)
{
    h.most = 10000;
    client_send(&c, REQUEST);
    cr_assert(drive_until(s.loop, is_asked, NULL, WAIT_MS));
    for (int i = 0; i < SHORT_MS; i++)
        loop_turn(s.loop, 1);
    cr_expect_lt(h.asked, 200, "%u pieces", h.asked);
    client_close(&c);
    cr_assert(drive_until(s.loop, is_gone, NULL, WAIT_MS), "it hears of it");
}

Test(httpd_send, what_is_under_way_when_the_server_ends_is_cut)
{
    h.later = true;
    client_send(&c, REQUEST);
    cr_assert(drive_until(s.loop, is_asked, NULL, WAIT_MS));
}
