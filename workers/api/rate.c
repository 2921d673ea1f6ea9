#include "workers/api/rate.h"

#include "common/base/hash.h"
#include "workers/api/allowance.h"
#include "workers/api/api.h"
#include "workers/api/problem.h"

#include <stdio.h>

enum { KEEP_MS = 60000 };

/* A request that waits for a token. The caller is kept for what comes next. */
struct waiter {
    struct waiter *next;
    struct httpd_req *req;
    const struct route *route;
    auth_fn fn;
    struct account account;
    struct api_key key;
};

/* A key that has a limit. */
struct rate {
    struct rate *next; /* in its place */
    struct api *api;
    struct api_key key;
    struct rate_limit limit;
    struct allowance allowance;
    bool asking; /* Redis, at most once at a time */
    struct waiter *first, **end;
    int64_t waiting, asked; /* of those that wait, how many had come when Redis was asked */
    int64_t used_mono_ms;
};

void rates_init(struct rates *rates)
{
    rates->places = xalloc_array(RATE_PLACES, sizeof(struct rate *));
}

void rates_done(struct rates *rates)
{
    for (size_t i = 0; rates->places != NULL && i < RATE_PLACES; i++) {
        while (rates->places[i] != NULL) {
            struct rate *rate = rates->places[i];
            rates->places[i] = rate->next;
            xfree(rate);
        }
    }
    xfree(rates->places);
    rates->places = NULL;
}

/* Those that nobody used for long go on the way. */
static struct rate *rate_of(struct api *api, const struct api_key *key, int64_t now_ms)
{
    struct rate **at = &api->rates.places[hash_text(str_of(key->prefix)) % RATE_PLACES];
    while (*at != NULL && strcmp((*at)->key.prefix, key->prefix) != 0) {
        struct rate *rate = *at;
        if (rate->asking || now_ms - rate->used_mono_ms < KEEP_MS) {
            at = &rate->next;
        } else {
            *at = rate->next;
            xfree(rate);
        }
    }
    if (*at == NULL) {
        *at = xalloc(sizeof(**at));
        (*at)->api = api;
        (*at)->key = *key;
        (*at)->end = &(*at)->first;
    }
    (*at)->used_mono_ms = now_ms;
    return *at;
}

static void add_headers(const struct rate *rate, struct httpd_req *req, int64_t left)
{
    char value[24];
    (void)snprintf(value, sizeof(value), "%lld", (long long)rate->limit.burst);
    httpd_add_header(req, "RateLimit-Limit", value);
    (void)snprintf(value, sizeof(value), "%lld", (long long)left);
    httpd_add_header(req, "RateLimit-Remaining", value);
    (void)snprintf(
        value, sizeof(value), "%lld",
        (long long)allowance_full_in_s(&rate->allowance, loop_now_ms(rate->api->ctx->loop)));
    httpd_add_header(req, "RateLimit-Reset", value);
}

static struct waiter *pop(struct rate *rate)
{
    struct waiter *waiter = rate->first;
    rate->first = waiter->next;
    if (rate->first == NULL)
        rate->end = &rate->first;
    rate->waiting--;
    return waiter;
}

static void let_pass(struct rate *rate, struct waiter *own_waiter)
{
    const struct caller caller = {.account = &own_waiter->account, .key = &own_waiter->key};
    add_headers(rate, own_waiter->req, allowance_left(&rate->allowance));
    own_waiter->fn(rate->api, own_waiter->req, own_waiter->route, &caller);
    xfree(own_waiter);
}

static void refuse(const struct rate *rate, struct waiter *own_waiter,
                   const struct bucket_reply *reply)
{
    char detail[160];
    (void)snprintf(
        detail, sizeof(detail),
        "This key may make %lld requests a second, and %lld at once. The request was not "
        "carried out; try again.",
        (long long)rate->limit.per_s, (long long)rate->limit.burst);
    metrics_add(rate->api->ctx->metrics, API_RATE_LIMITED, 1);
    add_headers(rate, own_waiter->req, 0);
    problem_later(own_waiter->req, 429, detail, allowance_retry_after_s(reply));
    xfree(own_waiter);
}

static void ask(struct rate *rate);

/* Those that came while Redis was asked are asked for again, unless they can pass already. */
static void on_taken(void *arg, enum err err, const struct bucket_reply *reply)
{
    struct rate *rate = arg;
    int64_t now_ms = loop_now_ms(rate->api->ctx->loop), asked = rate->asked;
    rate->asking = false;
    if (err == ERR_OK)
        allowance_fill(&rate->allowance, reply, now_ms);
    for (; asked > 0; asked--) {
        struct waiter *waiter = pop(rate);
        if (err != ERR_OK) {
            problem_unavailable(waiter->req, "The request was not carried out. Try again.");
            xfree(waiter);
        } else if (allowance_use(&rate->allowance, now_ms)) {
            let_pass(rate, waiter);
        } else {
            refuse(rate, waiter, reply);
        }
    }
    while (rate->first != NULL && allowance_use(&rate->allowance, now_ms))
        let_pass(rate, pop(rate));
    if (rate->first != NULL && !rate->asking)
        ask(rate);
}

static void ask(struct rate *rate)
{
    int64_t now_ms = loop_now_ms(rate->api->ctx->loop);
    const struct bucket_wish wish = {
        .limit = rate->limit,
        .want = rate->waiting + allowance_ahead(&rate->allowance, &rate->limit, now_ms),
        .back = allowance_return(&rate->allowance),
    };
    rate->asking = true;
    rate->asked = rate->waiting;
    enum err err = bucket_take(rate->api->links.redis, rate->key.account, rate->key.prefix, &wish,
                               on_taken, rate);
    if (err != ERR_OK)
        on_taken(rate, err, NULL);
}

static void wait_for_token(struct rate *rate, struct httpd_req *own_req, const struct route *route,
                           const struct caller *caller, auth_fn next)
{
    struct waiter *waiter = xalloc(sizeof(*waiter));
    *waiter = (struct waiter){.req = own_req,
                              .route = route,
                              .fn = next,
                              .account = *caller->account,
                              .key = *caller->key};
    *rate->end = waiter;
    rate->end = &waiter->next;
    rate->waiting++;
    if (!rate->asking)
        ask(rate);
}

void rate_pass(struct api *api, struct httpd_req *own_req, const struct route *route,
               const struct caller *caller, auth_fn next)
{
    const struct settings *s = api->ctx->settings;
    const struct rate_limit levels[] = {
        caller->key->limit, caller->account->limit, {s->api_rate, s->api_rate_burst}};
    struct rate_limit limit = rate_limit_of(levels, sizeof(levels) / sizeof(levels[0]));
    if (limit.per_s == 0 || !redis_connected(api->links.redis)) {
        next(api, own_req, route, caller);
        return;
    }
    int64_t now_ms = loop_now_ms(api->ctx->loop);
    struct rate *rate = rate_of(api, caller->key, now_ms);
    rate->limit = limit;
    if (rate->first == NULL && allowance_use(&rate->allowance, now_ms)) {
        add_headers(rate, own_req, allowance_left(&rate->allowance));
        next(api, own_req, route, caller);
        return;
    }
    wait_for_token(rate, own_req, route, caller, next);
}
