/*
 * server.h - the HTTP server under test, with a handler that does what the test says.
 *
 * Units    ms.
 * Owns     its loop, its httpd, and the requests that it has not answered.
 * Errors   what can't be started fails the test.
 * Threads  one.
 */
#ifndef TESTS_SUPPORT_SERVER_H
#define TESTS_SUPPORT_SERVER_H

#include "common/io/httpd.h"
#include "tests/support/client.h"

enum { SERVER_MAX_WAITING = 1024, SERVER_BODY_CAP = 1000 };

enum server_manner { SERVER_ANSWER, SERVER_WAIT, SERVER_HANG_UP };

struct server {
    struct loop *loop;
    struct httpd *httpd;
    enum server_manner manner;
    unsigned requests; /* whole ones that the handler got */
    char path[256];    /* of the last one */
    size_t path_n, body_n;
    struct httpd_req *waiting[SERVER_MAX_WAITING]; /* with SERVER_WAIT, the oldest first */
    unsigned waiting_count;
};

/* change may alter the configuration before the server starts; NULL: it stays. */
void server_start(struct server *s, void (*change)(struct httpd_conf *conf));
void server_stop(struct server *s);
uint16_t server_port(const struct server *s);
/* Answers all that wait, with 200 and the path as body. */
void server_answer_all(struct server *s);
/* Turns the loop until the client has so many answers, or is closed; false after most_ms. */
bool server_serve(struct server *s, struct client *c, unsigned answers, int64_t most_ms);
bool server_serve_until_closed(struct server *s, struct client *c, int64_t most_ms);
bool server_serve_until_requests(struct server *s, unsigned requests, int64_t most_ms);

#endif
