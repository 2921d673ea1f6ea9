/* Who gets a connection, and who has to give it back. */
#include "tests/support/drive.h"
#include "tests/support/server.h"

#include <criterion/criterion.h>
#include <sys/socket.h>

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

enum { PLACES = 16, PER_ADDRESS = 3 };

static struct server s;

static void with_few_per_address(struct httpd_conf *conf)
{
    conf->max_connections_per_address = PER_ADDRESS;
}

Test(httpd_places, closes_what_is_too_much_from_one_address_and_serves_the_others)
{
    struct client c[PER_ADDRESS], more;
    server_start(&s, with_few_per_address);
    for (unsigned i = 0; i < PER_ADDRESS; i++) {
        client_open(&c[i], server_port(&s));
        client_send(&c[i], GET("/"));
        cr_assert(server_serve(&s, &c[i], 1, 2000));
    }
    client_open(&more, server_port(&s));
    cr_expect(server_serve_until_closed(&s, &more, 2000));
    cr_expect_eq(httpd_connections(s.httpd), PER_ADDRESS);
    client_close(&more);
    client_send(&c[0], GET("/"));
    cr_expect(server_serve(&s, &c[0], 2, 2000), "those that stand are served");
    client_close(&c[1]);
    drive_for(s.loop, 50);
    client_open(&more, server_port(&s));
    client_send(&more, GET("/"));
    cr_expect(server_serve(&s, &more, 1, 2000), "a place that was given back is there again");
    client_close(&more);
    client_close(&c[0]);
    client_close(&c[2]);
    server_stop(&s);
}

static void with_few_places(struct httpd_conf *conf)
{
    conf->max_connections = PLACES;
    conf->idle_timeout_s = 60;
    conf->read_timeout_ms = 60000;
}

Test(httpd_places, the_longest_idle_make_room)
{
    struct client busy, idle[PLACES - 1], late;
    server_start(&s, with_few_places);
    s.manner = SERVER_WAIT;
    client_open(&busy, server_port(&s));
    client_send(&busy, GET("/busy"));
    cr_assert(server_serve_until_requests(&s, 1, 2000));
    s.manner = SERVER_ANSWER;
    for (unsigned i = 0; i < PLACES - 1; i++) {
        client_open(&idle[i], server_port(&s));
        drive_for(s.loop, 2);
    }
    client_send(&idle[0], GET("/")); /* of all idle ones, it is no longer the first */
    cr_assert(server_serve(&s, &idle[0], 1, 2000));
    client_open(&late, server_port(&s)); /* finds no place, and waits at the door */
    client_send(&late, GET("/late"));
    cr_expect(server_serve(&s, &late, 1, 4000));
    client_read(&idle[1]);
    cr_expect(idle[1].closed);
    client_read(&idle[0]);
    cr_expect_not(idle[0].closed);
    server_answer_all(&s);
    cr_expect(server_serve(&s, &busy, 1, 2000), "who waits for an answer is left alone");
    for (unsigned i = 0; i < PLACES - 1; i++)
        client_close(&idle[i]);
    client_close(&busy);
    client_close(&late);
    server_stop(&s);
}

enum { MUCH = 8 << 20 };

static void answer_much(void *arg, struct httpd_req *req)
{
    char *body = xalloc(MUCH);
    (void)arg;
    memset(body, 'x', MUCH);
    httpd_answer(req, &(struct httpd_answer){
                          .status = 200, .content_type = "text/plain", .body = {body, MUCH}});
    xfree(body);
}

static void with_much_to_read(struct httpd_conf *conf)
{
    conf->handler = answer_much;
    conf->answer_timeout_ms = conf->read_timeout_ms = 300;
}

/* A byte now and then keeps the library's own time-out away. */
Test(httpd_places, a_client_that_does_not_read_its_answer_is_cut_off)
{
    struct client c;
    char byte;
    server_start(&s, with_much_to_read);
    client_open(&c, server_port(&s));
    client_send(&c, GET("/"));
    for (unsigned i = 0; i < 100 && (i < 2 || httpd_connections(s.httpd) > 0); i++) {
        drive_for(s.loop, 50);
        (void)recv(c.fd, &byte, 1, MSG_DONTWAIT);
    }
    cr_expect_eq(httpd_connections(s.httpd), 0);
    client_close(&c);
    server_stop(&s);
}
