#include "workers/api/idempotency.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/io/crypto.h"
#include "common/store/repeats.h"
#include "workers/api/api.h"
#include "workers/api/problem.h"

enum {
    NAME_MAX_BYTES = 255,
    LINE_CAP = 32 * 1024, /* longer than a request line, */
    PRINT_CAP = 128 * 1024,
    BODY_CAP = 256 * 1024, /* of an answer that is kept */
    MARGIN_MS = 18000,     /* of the lease: longer than a request is answered for */
    HEADER_VALUE_SIZE = 200
};

static const char NO_REDIS[] =
    "The Idempotency-Key can't be checked at the moment. The request was not "
    "carried out; try again.";

/* A request with a key, until it is answered. The caller is kept for the handler. */
struct passing {
    struct api *api;
    struct httpd_req *req;
    const struct route *route;
    struct account account;
    struct api_key key;
    struct repeat repeat;
    struct httpd_answer answer; /* while it is held; it points into what follows */
    struct buf body;
    char content_type[HEADER_VALUE_SIZE];
    char values[HTTPD_MAX_HEADERS][HEADER_VALUE_SIZE];
};

/* --- what makes it the same request --- */

static void add_pair(void *arg, const char *name, const char *value)
{
    struct buf *out = arg;
    buf_json(out, str_of(name));
    buf_json(out, str_of(value));
}

/* Method, path, query and body. */
static void take_print(uint8_t print[CRYPTO_SHA256_SIZE], const struct httpd_req *req)
{
    struct buf text = {.cap = PRINT_CAP};
    uint8_t body[CRYPTO_SHA256_SIZE];
    crypto_sha256(body, httpd_body(req));
    buf_add(&text, body, sizeof(body));
    buf_text(&text, httpd_method(req));
    buf_char(&text, ' ');
    buf_str(&text, httpd_path(req));
    httpd_query_each(req, add_pair, &text);
    crypto_sha256(print, buf_view(&text));
    buf_done(&text);
}

static bool printable(const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < n; i++) {
        if (name[i] < 0x20 || name[i] > 0x7e)
            return false;
    }
    return n > 0 && n <= NAME_MAX_BYTES;
}

/* --- the end: the answer is held until Redis knows of it --- */

static void let_go(struct passing *own_passing)
{
    httpd_answer(own_passing->req, &own_passing->answer);
    buf_done(&own_passing->body);
    xfree(own_passing);
}

static void on_ended(void *arg, enum err err)
{
    const struct passing *p = arg;
    if (err != ERR_OK) /* what happened has happened; a repeat goes on when the lease is over */
        LOG(LOG_WARN, EV("answer_not_kept"), KSTR("account", p->account.id), KERR(err));
    let_go(arg);
}

static void copy_value(char to[HEADER_VALUE_SIZE], const char *from)
{
    size_t n = strnlen(from, HEADER_VALUE_SIZE - 1);
    memcpy(to, from, n);
    to[n] = '\0';
}

static void copy_answer(struct passing *p, const struct httpd_answer *answer)
{
    p->answer = *answer;
    p->body.cap = SIZE_MAX / 2;
    buf_str(&p->body, answer->body);
    p->answer.body = buf_view(&p->body);
    if (answer->content_type != NULL) {
        copy_value(p->content_type, answer->content_type);
        p->answer.content_type = p->content_type;
    }
    for (size_t i = 0; i < HTTPD_MAX_HEADERS && answer->headers[i].name != NULL; i++) {
        copy_value(p->values[i], answer->headers[i].value); /* names are constants */
        p->answer.headers[i].value = p->values[i];
    }
}

static enum repeat_end end_of(const struct httpd_answer *answer)
{
    if (answer->status >= 200 && answer->status < 300)
        return REPEAT_STORE;
    if (answer->undecided || (answer->status >= 500 && answer->status != 503))
        return REPEAT_UNDECIDED;
    return REPEAT_FREE;
}

/* A httpd_answer_fn. */
static void on_answer(void *arg, struct httpd_req *own_req, const struct httpd_answer *answer)
{
    struct passing *p = arg;
    struct repeat_reply kept = {.status = answer->status,
                                .content_type = str_of(answer->content_type),
                                .body = answer->body};
    p->req = own_req;
    copy_answer(p, answer);
    if (answer->body.n > BODY_CAP) { /* negative: carried out, but the answer is gone */
        kept.status = -kept.status;
        kept.body = (struct str){0};
    }
    enum err err =
        p->api->links.redis != NULL /* NULL in the last moments of a worker */
            ? repeat_finish(p->api->links.redis, &p->repeat, end_of(answer), &kept, on_ended, p)
            : ERR_IO;
    if (err != ERR_OK)
        on_ended(p, err);
}

/* --- the begin --- */

static void replay(struct httpd_req *own_req, const struct repeat_reply *reply)
{
    char content_type[HEADER_VALUE_SIZE] = "";
    struct httpd_answer answer = {.status = reply->status,
                                  .body = reply->body,
                                  .headers = {{"Idempotency-Replayed", "true"}}};
    if (reply->status < 0) {
        problem_simple(own_req, 409,
                       "The request with this Idempotency-Key was carried out. Its answer was too "
                       "large to be kept.");
        return;
    }
    if (reply->content_type.n > 0 && reply->content_type.n < sizeof(content_type)) {
        memcpy(content_type, reply->content_type.p, reply->content_type.n);
        answer.content_type = content_type;
    }
    httpd_answer(own_req, &answer);
}

static void carry_out(struct passing *p, struct id send)
{
    const struct caller caller = {
        .account = &p->account, .key = &p->key, .send = send, .idempotent = true};
    httpd_on_answer(p->req, on_answer, p);
    p->route->fn(p->api, p->req, &caller);
}

static void on_begun(void *arg, enum err err, const struct repeat_reply *reply)
{
    struct passing *p = arg;
    if (err == ERR_OK && reply->state == REPEAT_GO) {
        carry_out(p, reply->send);
        return;
    }
    if (err != ERR_OK)
        problem_unavailable(p->req, NO_REDIS);
    else if (reply->state == REPEAT_BUSY)
        problem_later(p->req, 409, "The same request is still under way. Ask again for its answer.",
                      1);
    else if (reply->state == REPEAT_OTHER)
        problem_simple(p->req, 422,
                       "This Idempotency-Key was used for another request: method, path and body "
                       "must be the same.");
    else
        replay(p->req, reply);
    xfree(p);
}

static struct passing *new_passing(struct api *api, struct httpd_req *req,
                                   const struct route *route, const struct caller *caller)
{
    const struct settings *s = api->ctx->settings;
    struct passing *p = xalloc(sizeof(*p));
    p->api = api;
    p->req = req;
    p->route = route;
    p->account = *caller->account;
    p->key = *caller->key;
    p->repeat.lease_ms = s->api_accept_timeout_ms + s->redis_timeout_ms + MARGIN_MS;
    p->repeat.life_ms = s->api_idempotency_life_ms;
    p->repeat.room_bytes = s->api_idempotency_room_bytes;
    crypto_random(p->repeat.token, sizeof(p->repeat.token));
    take_print(p->repeat.print, req);
    return p;
}

static void name_record(struct passing *p, const char *name)
{
    struct buf where = {.cap = LINE_CAP};
    buf_printf(&where, "%s ", httpd_method(p->req));
    buf_str(&where, httpd_path(p->req));
    repeat_name(&p->repeat, p->account.id, buf_view(&where), str_of(name));
    buf_done(&where);
}

static struct id new_send(void)
{
    uint8_t random[ID_RANDOM_SIZE];
    crypto_random(random, sizeof(random));
    return id_new(clock_wall_ms(), random);
}

void idempotency_pass(struct api *api, struct httpd_req *own_req, const struct route *route,
                      const struct caller *caller)
{
    const char *name = httpd_header(own_req, "Idempotency-Key");
    if (name == NULL || strcmp(httpd_method(own_req), "POST") != 0) {
        route->fn(api, own_req, caller);
        return;
    }
    if (!printable(name)) {
        problem_simple(own_req, 422, "An Idempotency-Key has 1 to 255 printable ASCII characters.");
        return;
    }
    struct passing *p = new_passing(api, own_req, route, caller);
    name_record(p, name);
    enum err err = repeat_begin(api->links.redis, &p->repeat, new_send(), on_begun, p);
    if (err != ERR_OK)
        on_begun(p, err, NULL);
}
