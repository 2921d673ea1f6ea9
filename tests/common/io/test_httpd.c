#include "tests/support/drive.h"
#include "tests/support/server.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

static struct server s;
static struct client c;

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

Test(httpd, answers_many_requests_on_one_connection)
{
    start(NULL);
    for (unsigned i = 1; i <= 100; i++) {
        client_send(&c, GET("/a%20b?x=1"));
        cr_assert(server_serve(&s, &c, i, 2000), "no answer %u", i);
    }
    cr_expect_eq(c.status, 200);
    cr_expect(str_eq(client_body(&c), STR("/a b")));
    cr_expect_eq(httpd_connections(s.httpd), 1);
    cr_expect_not(c.closed);
    stop();
}

Test(httpd, answers_pipelined_requests_in_order)
{
    start(NULL);
    client_send(&c, GET("/1") GET("/2") GET("/3"));
    cr_assert(server_serve(&s, &c, 3, 2000));
    cr_expect(str_eq(client_body(&c), STR("/3")));
    cr_expect_eq(s.requests, 3);
    stop();
}

Test(httpd, answers_later)
{
    start(NULL);
    s.manner = SERVER_WAIT;
    client_send(&c, GET("/later"));
    cr_assert(server_serve_until_requests(&s, 1, 2000));
    drive_for(s.loop, 50);
    client_read(&c);
    cr_expect_eq(c.answers, 0);
    cr_expect_eq(httpd_pending(s.httpd), 1);
    server_answer_all(&s);
    cr_assert(server_serve(&s, &c, 1, 2000));
    cr_expect(str_eq(client_body(&c), STR("/later")));
    cr_expect_eq(httpd_pending(s.httpd), 0);
    client_send(&c, GET("/again"));
    cr_assert(server_serve_until_requests(&s, 2, 2000), "the connection lives on");
    stop();
}

/* An answer can be given where no descriptor becomes ready afterwards, as in a timer. */
static void answer_in_timer(void *arg)
{
    (void)arg;
    server_answer_all(&s);
}

Test(httpd, answers_from_a_timer_leave_at_once)
{
    start(NULL);
    s.manner = SERVER_WAIT;
    client_send(&c, GET("/"));
    cr_assert(server_serve_until_requests(&s, 1, 2000));
    struct loop_timer timer = {.fn = answer_in_timer};
    loop_timer_set(s.loop, &timer, loop_now_ms(s.loop));
    loop_turn(s.loop, 1000);
    loop_turn(s.loop, 1000);
    client_read(&c);
    cr_expect_eq(c.answers, 1);
    stop();
}

static unsigned turns_in(int64_t ms)
{
    struct loop_timer end = {.fn = answer_in_timer};
    unsigned turns = 0;
    loop_timer_set(s.loop, &end, loop_now_ms(s.loop) + ms);
    while (end.at != 0) {
        loop_turn(s.loop, 1000);
        turns++;
    }
    return turns;
}

Test(httpd, costs_nothing_while_requests_wait)
{
    struct client more[20];
    start(NULL);
    s.manner = SERVER_WAIT;
    for (unsigned i = 0; i < 20; i++) {
        client_open(&more[i], server_port(&s));
        client_send(&more[i], GET("/"));
    }
    cr_assert(server_serve_until_requests(&s, 20, 2000));
    unsigned turns = turns_in(600);
    cr_expect_lt(turns, 50, "%u turns of the loop in 600 ms", turns);
    for (unsigned i = 0; i < 20; i++)
        client_close(&more[i]);
    stop();
}

static unsigned queries;

static void on_query(void *arg, const char *name, const char *value)
{
    (void)arg;
    (void)name;
    (void)value;
    queries++;
}

static void on_asked(void *arg, struct httpd_req *req)
{
    (void)arg;
    s.requests++;
    cr_expect_str_eq(httpd_method(req), "POST");
    cr_expect_str_eq(httpd_header(req, "x-api-key"), "k 1");
    cr_expect_null(httpd_header(req, "absent"));
    cr_expect_str_eq(httpd_query(req, "a"), "1 2");
    cr_expect_null(httpd_query(req, "b"));
    httpd_query_each(req, on_query, NULL);
    cr_expect_eq(queries, 3);
    cr_expect(str_eq(httpd_body(req), STR("{}")));
    httpd_answer(req, &(struct httpd_answer){.status = 202,
                                             .content_type = "application/json",
                                             .body = STR("[]"),
                                             .headers = {{"Retry-After", "7"}, {"X-A", "b"}}});
}

static void with_asking_handler(struct httpd_conf *conf)
{
    conf->handler = on_asked;
}

Test(httpd, tells_what_was_asked_and_sends_the_answers_headers)
{
    start(with_asking_handler);
    client_send(&c, "POST /x?a=1%202&b&a=3 HTTP/1.1\r\nHost: h\r\nX-API-Key: k 1\r\n"
                    "Content-Length: 2\r\n\r\n{}");
    cr_assert(server_serve(&s, &c, 1, 2000));
    cr_expect_eq(c.status, 202);
    cr_expect_not_null(strstr(c.in.p, "Retry-After: 7\r\n"));
    cr_expect_not_null(strstr(c.in.p, "X-A: b\r\n"));
    cr_expect_not_null(strstr(c.in.p, "Content-Type: application/json\r\n"));
    stop();
}

static void with_short_times(struct httpd_conf *conf)
{
    conf->read_timeout_ms = 300;
    conf->answer_timeout_ms = 300;
    conf->idle_timeout_s = 2;
}

Test(httpd, answers_for_a_late_handler_and_ignores_it_afterwards)
{
    start(with_short_times);
    s.manner = SERVER_WAIT;
    client_send(&c, GET("/slow"));
    cr_assert(server_serve(&s, &c, 1, 3000));
    cr_expect_eq(c.status, 500);
    cr_expect_eq(httpd_pending(s.httpd), 0);
    cr_assert(server_serve_until_closed(&s, &c, 2000));
    cr_assert_eq(s.waiting_count, 1);
    cr_expect_eq(httpd_path(s.waiting[0]).n, 0, "nothing is left to look at");
    cr_expect_null(httpd_header(s.waiting[0], "Host"));
    cr_expect_null(httpd_query(s.waiting[0], "a"));
    httpd_query_each(s.waiting[0], on_query, NULL);
    cr_expect_eq(queries, 0);
    server_answer_all(&s);
    client_close(&c);
    client_open(&c, server_port(&s));
    s.manner = SERVER_ANSWER;
    client_send(&c, GET("/next"));
    cr_assert(server_serve(&s, &c, 1, 2000));
    cr_expect_eq(c.status, 200);
    stop();
}

Test(httpd, bears_a_handler_that_answers_after_the_time_out_but_before_the_500_left)
{
    start(with_short_times);
    s.manner = SERVER_WAIT;
    client_send(&c, GET("/slow"));
    cr_assert(server_serve_until_requests(&s, 1, 2000));
    while (httpd_pending(s.httpd) > 0)
        loop_turn(s.loop, 5);
    httpd_hang_up(s.waiting[--s.waiting_count]);
    cr_assert(server_serve(&s, &c, 1, 2000));
    cr_expect_eq(c.status, 500);
    stop();
}

Test(httpd, bears_a_client_that_goes_away_while_its_request_waits)
{
    start(NULL);
    s.manner = SERVER_WAIT;
    client_send(&c, GET("/gone"));
    cr_assert(server_serve_until_requests(&s, 1, 2000));
    client_close(&c);
    drive_for(s.loop, 30);
    cr_expect_eq(httpd_pending(s.httpd), 1);
    server_answer_all(&s);
    drive_for(s.loop, 30);
    cr_expect_eq(httpd_connections(s.httpd), 0);
    client_open(&c, server_port(&s));
    s.manner = SERVER_ANSWER;
    client_send(&c, GET("/next"));
    cr_expect(server_serve(&s, &c, 1, 2000));
    stop();
}

Test(httpd, hangs_up_without_an_answer)
{
    start(NULL);
    s.manner = SERVER_HANG_UP;
    client_send(&c, GET("/"));
    cr_assert(server_serve_until_closed(&s, &c, 2000));
    cr_expect_eq(c.in.n, 0, "got %s", c.in.p);
    client_close(&c);
    client_open(&c, server_port(&s));
    s.manner = SERVER_WAIT;
    client_send(&c, GET("/"));
    cr_assert(server_serve_until_requests(&s, 2, 2000));
    httpd_hang_up(s.waiting[--s.waiting_count]);
    cr_assert(server_serve_until_closed(&s, &c, 2000), "also when it waits");
    cr_expect_eq(c.in.n, 0, "got %s", c.in.p);
    stop();
}

Test(httpd, is_freed_while_requests_wait)
{
    struct client more[40];
    start(NULL);
    s.manner = SERVER_WAIT;
    for (unsigned i = 0; i < 40; i++) {
        client_open(&more[i], server_port(&s));
        client_send(&more[i], GET("/"));
    }
    cr_assert(server_serve_until_requests(&s, 40, 2000));
    client_close(&more[0]); /* one has gone */
    httpd_free(s.httpd);
    for (unsigned i = 1; i < 40; i++) {
        client_read(&more[i]);
        cr_expect_eq(more[i].status, 503);
        cr_expect(more[i].closed);
        client_close(&more[i]);
    }
    server_answer_all(&s); /* late, and harmless */
    client_close(&c);
    loop_free(s.loop);
}

static bool refused(uint16_t port)
{
    struct client probe;
    bool connected = client_try(&probe, port);
    if (connected)
        client_close(&probe);
    return !connected;
}

Test(httpd, drains)
{
    struct client idle;
    start(NULL);
    client_open(&idle, server_port(&s));
    client_send(&idle, GET("/before"));
    cr_assert(server_serve(&s, &idle, 1, 2000));
    s.manner = SERVER_WAIT;
    client_send(&c, GET("/waits"));
    cr_assert(server_serve_until_requests(&s, 2, 2000));
    cr_expect_not(refused(server_port(&s)));
    httpd_drain(s.httpd);
    httpd_drain(s.httpd); /* twice is fine */
    cr_expect(refused(server_port(&s)), "it still listens");
    server_answer_all(&s);
    cr_assert(server_serve(&s, &c, 1, 2000));
    cr_expect_eq(c.status, 200);
    cr_expect_not_null(strstr(c.in.p, "Connection: close\r\n"));
    cr_expect(server_serve_until_closed(&s, &c, 2000));
    s.manner = SERVER_ANSWER;
    client_send(&idle, GET("/last"));
    cr_assert(server_serve(&s, &idle, 2, 2000));
    cr_expect(server_serve_until_closed(&s, &idle, 2000));
    cr_expect_eq(httpd_connections(s.httpd), 0);
    client_close(&idle);
    stop();
}

Test(httpd, cuts_off_a_client_that_dribbles)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: h\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaa";
    start(with_short_times);
    size_t sent = 16; /* the request line */
    client_send_bytes(&c, (struct str){request, sent});
    while (sent < sizeof(request) - 1 && !c.closed) {
        client_send_bytes(&c, (struct str){request + sent++, 1});
        drive_for(s.loop, 50);
        client_read(&c);
    }
    cr_expect(c.closed, "still open after %zu bytes", sent);
    cr_expect_lt(sent, 40);
    stop();
}

Test(httpd, cuts_off_a_client_that_dribbles_its_body)
{
    start(with_short_times);
    client_send(&c, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n");
    unsigned sent = 0;
    while (sent < 60 && !c.closed) {
        client_send(&c, "x");
        sent++;
        drive_for(s.loop, 50);
        client_read(&c);
    }
    cr_expect(c.closed);
    cr_expect_eq(s.requests, 0);
    stop();
}

Test(httpd, leaves_an_idle_connection_open_for_longer_than_a_request_may_take)
{
    start(with_short_times);
    client_send(&c, GET("/1"));
    cr_assert(server_serve(&s, &c, 1, 2000));
    drive_for(s.loop, 1000);
    client_send(&c, GET("/2"));
    cr_expect(server_serve(&s, &c, 2, 2000));
    cr_expect(server_serve_until_closed(&s, &c, 5000), "but not for ever");
    stop();
}

Test(httpd, tells_when_it_cannot_bind)
{
    struct server first;
    struct httpd *second = NULL;
    server_start(&first, NULL);
    struct httpd_conf conf = {.address = "127.0.0.1", .port = server_port(&first)};
    cr_expect_eq(httpd_new(&second, first.loop, &conf), ERR_IO);
    conf = (struct httpd_conf){.address = "localhost"};
    cr_expect_eq(httpd_new(&second, first.loop, &conf), ERR_IO, "a name is no address");
    server_stop(&first);
}

/* libmicrohttpd's own epoll thread stands still at 128 connections that are ready at once. */
Test(httpd, answers_512_connections_that_send_at_once_in_every_round)
{
    enum { CLIENTS = 512, ROUNDS = 8 };
    static struct client clients[CLIENTS];
    struct loop_timer timer = {.fn = answer_in_timer};
    server_start(&s, NULL);
    s.manner = SERVER_WAIT;
    for (unsigned i = 0; i < CLIENTS; i++)
        client_open(&clients[i], server_port(&s));
    for (unsigned round = 1; round <= ROUNDS; round++) {
        for (unsigned i = 0; i < CLIENTS; i++)
            client_send(&clients[i],
                        "POST /v1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
        cr_assert(server_serve_until_requests(&s, round * CLIENTS, 5000),
                  "round %u: %u requests came", round, s.requests);
        loop_timer_set(s.loop, &timer, loop_now_ms(s.loop) + 5);
        for (unsigned i = 0; i < CLIENTS; i++)
            cr_assert(server_serve(&s, &clients[i], round, 5000), "round %u: no answer for %u",
                      round, i);
    }
    cr_expect_eq(httpd_connections(s.httpd), CLIENTS);
    for (unsigned i = 0; i < CLIENTS; i++)
        client_close(&clients[i]);
    server_stop(&s);
}
