#include "tests/support/server.h"

#include "tests/support/drive.h"

#include <criterion/criterion.h>

static void answer(struct httpd_req *req)
{
    struct str path = httpd_path(req);
    httpd_answer(req,
                 &(struct httpd_answer){.status = 200, .content_type = "text/plain", .body = path});
}

static void on_request(void *arg, struct httpd_req *req)
{
    struct server *s = arg;
    struct str path = httpd_path(req);
    s->requests++;
    s->body_n = httpd_body(req).n;
    s->path_n = path.n;
    cr_assert_lt(path.n, sizeof(s->path));
    memcpy(s->path, path.p, path.n + 1);
    switch (s->manner) {
    case SERVER_ANSWER:
        answer(req);
        return;
    case SERVER_WAIT:
        cr_assert_lt(s->waiting_count, SERVER_MAX_WAITING);
        s->waiting[s->waiting_count++] = req;
        return;
    case SERVER_HANG_UP:
        httpd_hang_up(req);
        return;
    }
}

void server_start(struct server *s, void (*change)(struct httpd_conf *conf))
{
    struct httpd_conf conf = {
        .address = "127.0.0.1",
        .body_cap_bytes = SERVER_BODY_CAP,
        .max_connections = 2000,
        .idle_timeout_s = 10,
        .read_timeout_ms = 5000,
        .answer_timeout_ms = 5000,
        .handler = on_request,
        .arg = s,
    };
    *s = (struct server){.loop = drive_loop()};
    if (change != NULL)
        change(&conf);
    cr_assert_eq(httpd_new(&s->httpd, s->loop, &conf), ERR_OK);
}

void server_stop(struct server *s)
{
    httpd_free(s->httpd);
    s->httpd = NULL;
    server_answer_all(s); /* too late, but each request is answered once */
    loop_free(s->loop);
}

uint16_t server_port(const struct server *s)
{
    return httpd_port(s->httpd);
}

void server_answer_all(struct server *s)
{
    for (unsigned i = 0; i < s->waiting_count; i++)
        answer(s->waiting[i]);
    s->waiting_count = 0;
}

struct waiting_client {
    struct client *client;
    unsigned answers;
};

static bool answered(void *arg)
{
    struct waiting_client *w = arg;
    client_read(w->client);
    return w->client->answers >= w->answers || w->client->closed;
}

bool server_serve(struct server *s, struct client *c, unsigned answers, int64_t most_ms)
{
    struct waiting_client w = {c, answers};
    return drive_until(s->loop, answered, &w, most_ms) && c->answers >= answers;
}

static bool closed(void *arg)
{
    struct client *c = arg;
    client_read(c);
    return c->closed;
}

bool server_serve_until_closed(struct server *s, struct client *c, int64_t most_ms)
{
    return drive_until(s->loop, closed, c, most_ms);
}

bool server_serve_until_requests(struct server *s, unsigned requests, int64_t most_ms)
{
    return drive_until_count(s->loop, &s->requests, requests, most_ms);
}
