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

static struct {
    struct httpd_req *req;
    int status;
    char body[64];
    unsigned came;
} held;

static void hold(void *arg, struct httpd_req *own_req, const struct httpd_answer *answer)
{
    cr_assert_eq(arg, &held);
    held.req = own_req;
    held.status = answer->status;
    (void)snprintf(held.body, sizeof(held.body), "%.*s", (int)answer->body.n, answer->body.p);
    held.came++;
}

Test(httpd_held, an_answer_is_held_until_it_is_given_again)
{
    start(NULL);
    s.manner = SERVER_WAIT;
    client_send(&c, GET("/held"));
    cr_assert(server_serve_until_requests(&s, 1, 2000));
    httpd_on_answer(s.waiting[0], hold, &held);
    httpd_add_header(s.waiting[0], "X-Added", "1");
    server_answer_all(&s);
    drive_for(s.loop, 50);
    client_read(&c);
    cr_expect_eq(c.answers, 0);
    cr_expect_eq(held.came, 1);
    cr_expect_eq(held.status, 200);
    cr_expect_str_eq(held.body, "/held");
    httpd_answer(held.req, &(struct httpd_answer){.status = 201, .body = STR("given")});
    cr_assert(server_serve(&s, &c, 1, 2000));
    cr_expect_eq(c.status, 201);
    cr_expect(str_eq(client_body(&c), STR("given")));
    cr_expect_not_null(strstr(c.in.p, "X-Added: 1"));
    cr_expect_eq(held.came, 1, "only once");
    stop();
}

static void with_a_short_time(struct httpd_conf *conf)
{
    conf->answer_timeout_ms = 300;
}

Test(httpd_held, an_answer_that_is_held_too_long_is_answered_for)
{
    start(with_a_short_time);
    s.manner = SERVER_WAIT;
    client_send(&c, GET("/held"));
    cr_assert(server_serve_until_requests(&s, 1, 2000));
    httpd_on_answer(s.waiting[0], hold, &held);
    server_answer_all(&s);
    cr_assert(server_serve(&s, &c, 1, 2000));
    cr_expect_eq(c.status, 500);
    httpd_answer(held.req, &(struct httpd_answer){.status = 200});
    drive_for(s.loop, 50);
    client_read(&c);
    cr_expect_eq(c.answers, 1);
    stop();
}
