/* Bodies that come piece by piece. */
#include "tests/support/drive.h"
#include "tests/support/server.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#define HEAD(more) "POST /stream HTTP/1.1\r\nHost: h\r\n" more "\r\n"

enum { CAP = 32 << 20, BIG = 16 << 20, SLOW_MS = 400, LONG_MS = 4000 };

static struct server s;
static struct client c;

/* What the handler does, and what came to it. */
static struct {
    bool wait;            /* do not read yet */
    bool answer_at_head;  /* instead of reading */
    bool answer_at_first; /* at the first piece */
    size_t enough;        /* pause after so many bytes; 0: never */
    unsigned requests, ends;
    struct httpd_req *req; /* unanswered */
    size_t bytes, since_more, pieces;
    uint64_t sum; /* of the bytes, by their place */
    enum err err; /* at the end */
} h;

static void answer(int status)
{
    struct httpd_req *req = h.req;
    h.req = NULL;
    httpd_answer(req, &(struct httpd_answer){
                          .status = status, .content_type = "text/plain", .body = STR("done")});
}

static uint64_t sum_of(size_t at, struct str bytes)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < bytes.n; i++)
        sum += (at + i + 1) * (unsigned char)bytes.p[i];
    return sum;
}

static bool on_piece(void *arg, enum err err, struct str piece)
{
    (void)arg;
    if (err != ERR_OK || piece.n == 0) {
        h.ends++;
        h.err = err;
        answer(err == ERR_TOO_LONG ? 413 : 200);
        return true;
    }
    h.pieces++;
    h.sum += sum_of(h.bytes, piece);
    h.bytes += piece.n;
    h.since_more += piece.n;
    if (h.answer_at_first)
        answer(422);
    return h.enough == 0 || h.since_more < h.enough;
}

static void on_request(void *arg, struct httpd_req *req)
{
    (void)arg;
    cr_assert_null(h.req);
    h.requests++;
    h.req = req;
    cr_expect_eq(httpd_body(req).n, 0);
    if (h.answer_at_head)
        answer(401);
    else if (!h.wait)
        httpd_read(req, on_piece, NULL);
}

static bool streams(void *arg, const char *method, const char *path)
{
    (void)arg;
    return strcmp(method, "POST") == 0 && strcmp(path, "/stream") == 0;
}

static void configure(struct httpd_conf *conf)
{
    conf->handler = on_request;
    conf->streams = streams;
    conf->stream_cap_bytes = CAP;
}

static void configure_slow(struct httpd_conf *conf)
{
    configure(conf);
    conf->read_timeout_ms = SLOW_MS;
    conf->answer_timeout_ms = SLOW_MS;
}

static void start(void (*change)(struct httpd_conf *conf))
{
    server_start(&s, change);
    client_open(&c, server_port(&s));
}

static void stop(void)
{
    client_close(&c);
    server_stop(&s);
}

static void send_head(size_t length)
{
    char head[200];
    (void)snprintf(head, sizeof(head), HEAD("Content-Length: %zu\r\n"), length);
    client_send(&c, head);
}

static char byte_at(size_t at)
{
    return (char)(at * 31 + at / 251);
}

/* Sends bytes from..to of the body as fast as the server takes them, for at most most_ms. Returns
 * where it stopped. */
static size_t push(size_t from, size_t to, int64_t most_ms)
{
    static char bytes[64 * 1024];
    size_t at = from;
    int64_t until_ms = loop_now_ms(s.loop) + most_ms;
    while (at < to && loop_now_ms(s.loop) < until_ms) {
        size_t n = to - at < sizeof(bytes) ? to - at : sizeof(bytes);
        for (size_t i = 0; i < n; i++)
            bytes[i] = byte_at(at + i);
        ssize_t sent = send(c.fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            break;
        at += sent > 0 ? (size_t)sent : 0;
        loop_turn(s.loop, 1);
    }
    return at;
}

static uint64_t whole_sum(size_t length)
{
    uint64_t sum = 0;
    for (size_t at = 0; at < length; at++) {
        char byte = byte_at(at);
        sum += sum_of(at, (struct str){&byte, 1});
    }
    return sum;
}

static bool is_asked(void *arg)
{
    (void)arg;
    return h.requests > 0;
}

static bool has_ended(void *arg)
{
    (void)arg;
    return h.ends > 0;
}

Test(httpd_stream, a_body_comes_in_pieces)
{
    start(configure);
    send_head(BIG);
    cr_assert_eq(push(0, BIG, 10000), BIG);
    cr_assert(server_serve(&s, &c, 1, 5000));
    cr_expect_eq(c.status, 200);
    cr_expect_eq(h.bytes, BIG);
    cr_expect_eq(h.sum, whole_sum(BIG));
    cr_expect_gt(h.pieces, 100);
    cr_expect_eq(h.ends, 1);
    client_send(&c, HEAD("Content-Length: 1\r\n") "x");
    cr_assert(server_serve(&s, &c, 2, 2000), "the connection lives on");
    stop();
}

Test(httpd_stream, a_chunked_body_comes_in_pieces)
{
    start(configure);
    h.enough = 1; /* pauses after each */
    client_send(
        &c, HEAD("Transfer-Encoding: chunked\r\n") "3\r\nabc\r\n4\r\ndefg\r\n1\r\nh\r\n0\r\n\r\n");
    for (unsigned i = 0; i < 8; i++) {
        drive_for(s.loop, 10);
        if (h.req != NULL)
            httpd_read_more(h.req);
    }
    cr_assert(server_serve(&s, &c, 1, 2000));
    cr_expect_eq(h.bytes, 8);
    cr_expect_eq(h.sum, sum_of(0, STR("abcdefgh")));
    stop();
}

Test(httpd_stream, there_may_be_no_body)
{
    start(configure);
    client_send(&c, HEAD("Content-Length: 0\r\n"));
    cr_assert(server_serve(&s, &c, 1, 2000));
    client_send(&c, HEAD(""));
    cr_assert(server_serve(&s, &c, 2, 2000));
    cr_expect_eq(h.ends, 2);
    cr_expect_eq(h.pieces, 0);
    stop();
}

Test(httpd_stream, nothing_is_read_before_the_handler_wants_it)
{
    start(configure);
    h.wait = true;
    send_head(BIG);
    size_t sent = push(0, BIG, 300);
    cr_expect_lt(sent, BIG, "TCP makes the client wait");
    cr_expect_eq(h.bytes, 0);
    cr_expect_eq(httpd_pending(s.httpd), 1);
    httpd_read(h.req, on_piece, NULL);
    cr_assert_eq(push(sent, BIG, 10000), BIG);
    cr_assert(server_serve(&s, &c, 1, 5000));
    cr_expect_eq(h.sum, whole_sum(BIG));
    cr_expect_eq(httpd_pending(s.httpd), 0);
    stop();
}

Test(httpd_stream, a_handler_that_has_enough_makes_the_client_wait)
{
    start(configure);
    h.enough = 100000;
    send_head(BIG);
    size_t sent = push(0, BIG, 300);
    cr_expect_lt(sent, BIG);
    cr_expect_lt(h.bytes, 2 * h.enough);
    while (h.ends == 0) {
        size_t before = h.bytes;
        h.since_more = 0;
        httpd_read_more(h.req);
        sent = push(sent, BIG, 5);
        drive_for(s.loop, 5);
        cr_assert_lt(h.bytes - before, 2 * h.enough);
        cr_assert(h.ends > 0 || h.bytes > before || sent < BIG);
    }
    cr_assert(server_serve(&s, &c, 1, 2000));
    cr_expect_eq(h.sum, whole_sum(BIG));
    stop();
}

Test(httpd_stream, a_refused_short_body_keeps_the_connection)
{
    start(configure);
    h.answer_at_head = true;
    client_send(&c, HEAD("Content-Length: 5\r\n") "12345");
    cr_assert(server_serve(&s, &c, 1, 2000));
    cr_expect_eq(c.status, 401);
    h.answer_at_head = false;
    client_send(&c, HEAD("Content-Length: 5\r\n") "12345");
    cr_assert(server_serve(&s, &c, 2, 2000));
    cr_expect_eq(h.bytes, 5);
    stop();
}

Test(httpd_stream, a_refused_long_body_is_not_read)
{
    start(configure);
    h.answer_at_head = true;
    send_head(BIG);
    cr_assert(server_serve(&s, &c, 1, 2000));
    cr_expect_eq(c.status, 401);
    cr_expect(server_serve_until_closed(&s, &c, 2000));
    stop();
}

Test(httpd_stream, a_late_refusal_is_as_good)
{
    start(configure);
    h.wait = true;
    send_head(BIG);
    cr_assert(drive_until(s.loop, is_asked, NULL, 2000));
    drive_for(s.loop, 20);
    answer(401);
    cr_assert(server_serve(&s, &c, 1, 2000));
    cr_expect_eq(c.status, 401);
    stop();
}

Test(httpd_stream, an_answer_before_the_end_comes_at_the_end)
{
    start(configure);
    h.answer_at_first = true;
    send_head(BIG);
    cr_assert_eq(push(0, BIG, 10000), BIG, "the rest is read for nobody");
    cr_assert(server_serve(&s, &c, 1, 2000));
    cr_expect_eq(c.status, 422);
    cr_expect_eq(h.pieces, 1);
    cr_expect_eq(h.ends, 0);
    h.answer_at_first = false;
    client_send(&c, HEAD("Content-Length: 1\r\n") "x");
    cr_assert(server_serve(&s, &c, 2, 2000), "the connection lives on");
    stop();
}

Test(httpd_stream, a_client_that_goes_away_is_told)
{
    start(configure);
    send_head(BIG);
    (void)push(0, 1000, 1000);
    drive_for(s.loop, 100);
    client_close(&c);
    cr_assert(drive_until(s.loop, has_ended, NULL, 2000));
    cr_expect_eq(h.err, ERR_IO);
    cr_expect_eq(httpd_pending(s.httpd), 0);
    server_stop(&s);
}

Test(httpd_stream, too_long_by_its_own_word)
{
    start(configure);
    send_head(CAP + HTTPD_STREAM_STEP * 100);
    cr_assert(server_serve(&s, &c, 1, 2000));
    cr_expect_eq(c.status, 413);
    cr_expect_eq(h.requests, 0);
    stop();
}

Test(httpd_stream, too_long_without_a_word)
{
    enum { CHUNK = 0x18000 };
    struct buf chunk = {.cap = 200000};
    start(configure);
    client_send(&c, HEAD("Transfer-Encoding: chunked\r\n"));
    buf_text(&chunk, "18000\r\n");
    for (size_t i = 0; i < CHUNK; i++)
        buf_char(&chunk, 'x');
    buf_text(&chunk, "\r\n");
    for (unsigned i = 0; i < CAP / CHUNK + 2; i++) {
        size_t at = 0;
        while (at < chunk.n) {
            ssize_t n = send(c.fd, chunk.p + at, chunk.n - at, MSG_DONTWAIT | MSG_NOSIGNAL);
            at += n > 0 ? (size_t)n : 0;
            loop_turn(s.loop, 1);
        }
    }
    buf_done(&chunk);
    client_send(&c, "0\r\n\r\n");
    cr_assert(server_serve(&s, &c, 1, 5000));
    cr_expect_eq(c.status, 413);
    cr_expect_eq(h.err, ERR_TOO_LONG);
    cr_expect_leq(h.bytes, CAP);
    stop();
}

Test(httpd_stream, who_is_slow_but_steady_is_served)
{
    start(configure_slow);
    size_t at = 0, length = (size_t)8 * HTTPD_STREAM_STEP;
    send_head(length);
    while (at < length) {
        at = push(at, at + HTTPD_STREAM_STEP, 1000);
        drive_for(s.loop, SLOW_MS / 2);
    }
    cr_assert(server_serve(&s, &c, 1, 2000), "after %d ms", 4 * SLOW_MS);
    cr_expect_eq(h.bytes, length);
    stop();
}

Test(httpd_stream, who_drips_is_cut_off)
{
    start(configure_slow);
    size_t at = 0;
    send_head(BIG);
    while (h.ends == 0 && at < 100) {
        at = push(at, at + 1, 1000);
        drive_for(s.loop, SLOW_MS / 10);
    }
    cr_expect_lt(at, 30);
    cr_expect_eq(h.err, ERR_IO);
    stop();
}

Test(httpd_stream, a_handler_that_never_wants_the_body_is_answered_for)
{
    start(configure_slow);
    h.wait = true;
    send_head(10);
    client_send(&c, "0123456789");
    cr_assert(server_serve(&s, &c, 1, LONG_MS));
    cr_expect_eq(c.status, 500);
    httpd_read(h.req, on_piece, NULL); /* too late */
    cr_expect_eq(h.err, ERR_IO);
    stop();
}

Test(httpd_stream, a_handler_that_stays_paused_is_cut_off)
{
    start(configure_slow);
    h.enough = 1;
    send_head(BIG);
    (void)push(0, BIG, SLOW_MS / 4);
    cr_assert(server_serve_until_closed(&s, &c, LONG_MS));
    cr_assert(drive_until(s.loop, has_ended, NULL, LONG_MS));
    cr_expect_eq(h.err, ERR_IO);
    stop();
}

Test(httpd_stream, stops_while_bodies_are_under_way)
{
    start(configure);
    h.enough = 1;
    send_head(BIG);
    (void)push(0, 100000, 100);
    cr_assert_not_null(h.req);
    httpd_free(s.httpd);
    cr_expect_eq(h.err, ERR_IO);
    cr_expect_null(h.req);
    client_close(&c);
    loop_free(s.loop);
}

Test(httpd_stream, stops_while_a_head_waits)
{
    start(configure);
    h.wait = true;
    send_head(BIG);
    cr_assert(drive_until(s.loop, is_asked, NULL, 2000));
    httpd_free(s.httpd);
    answer(200);
    client_close(&c);
    loop_free(s.loop);
}
