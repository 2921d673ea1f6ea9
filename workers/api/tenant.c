#include "workers/api/tenant.h"

#include "common/base/hash.h"
#include "common/store/open_count.h"
#include "workers/api/api.h"
#include "workers/api/backlog.h"
#include "workers/api/fast.h"
#include "workers/api/problem.h"

#include <stdio.h>

enum { KEEP_MS = 60000, RETRY_AFTER_S = 5 };
enum { LANE_PLAIN, LANE_VERIFY, LANE_KINDS };

/* Names of buckets; the prefix of a key is longer. */
static const char *const bucket_names[] = {[LANE_PLAIN] = "fast", [LANE_VERIFY] = "verify"};

struct tenant {
    struct tenant *next; /* in its place */
    struct api *api;
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct fast fast[LANE_KINDS];
    struct backlog backlog;
    int64_t used_mono_ms;
};

void tenants_init(struct tenants *tenants)
{
    tenants->places = xalloc_array(TENANT_PLACES, sizeof(struct tenant *));
}

void tenants_done(struct tenants *tenants)
{
    for (size_t i = 0; tenants->places != NULL && i < TENANT_PLACES; i++) {
        while (tenants->places[i] != NULL) {
            struct tenant *tenant = tenants->places[i];
            tenants->places[i] = tenant->next;
            xfree(tenant);
        }
    }
    xfree(tenants->places);
    tenants->places = NULL;
}

static bool busy(const struct tenant *tenant)
{
    return tenant->backlog.asking || tenant->fast[LANE_PLAIN].asking ||
           tenant->fast[LANE_VERIFY].asking;
}

/* Those that nobody used for long go on the way. */
static struct tenant *tenant_of(struct api *api, const char *account, int64_t now_ms)
{
    struct tenant **at = &api->tenants.places[hash_text(str_of(account)) % TENANT_PLACES];
    while (*at != NULL && strcmp((*at)->account, account) != 0) {
        struct tenant *tenant = *at;
        if (busy(tenant) || now_ms - tenant->used_mono_ms < KEEP_MS) {
            at = &tenant->next;
        } else {
            *at = tenant->next;
            xfree(tenant);
        }
    }
    if (*at == NULL) {
        *at = xalloc(sizeof(**at));
        (*at)->api = api;
        (void)snprintf((*at)->account, sizeof((*at)->account), "%s", account);
    }
    (*at)->used_mono_ms = now_ms;
    return *at;
}

/* --- the fast lane --- */

static void on_bucket(struct tenant *tenant, int kind, enum err err,
                      const struct bucket_reply *reply)
{
    int64_t now_ms = loop_now_ms(tenant->api->ctx->loop);
    if (err == ERR_OK)
        fast_filled(&tenant->fast[kind], reply, now_ms);
    else
        fast_failed(&tenant->fast[kind], now_ms);
}

static void on_plain(void *arg, enum err err, const struct bucket_reply *reply)
{
    on_bucket(arg, LANE_PLAIN, err, reply);
}

static void on_verify(void *arg, enum err err, const struct bucket_reply *reply)
{
    on_bucket(arg, LANE_VERIFY, err, reply);
}

bool tenant_goes_fast(struct api *api, const struct account *account, enum message_type type,
                      int64_t n)
{
    int kind = type == MESSAGE_VERIFY ? LANE_VERIFY : LANE_PLAIN;
    int64_t per_s = account->share.fast_per_s, now_ms = loop_now_ms(api->ctx->loop);
    struct rate_limit limit = fast_limit(per_s > 0 ? per_s : api->ctx->settings->fast_rate);
    struct bucket_wish wish;
    if (!redis_connected(api->links.redis))
        return false;
    struct tenant *tenant = tenant_of(api, account->id, now_ms);
    struct fast *fast = &tenant->fast[kind];
    bool passes = fast_use(fast, &limit, n, now_ms);
    if (fast_ask(fast, &limit, now_ms, &wish) &&
        bucket_take(api->links.redis, account->id, bucket_names[kind], &wish,
                    kind == LANE_VERIFY ? on_verify : on_plain, tenant) != ERR_OK)
        fast_failed(fast, now_ms);
    return passes;
}

/* --- what is on its way --- */

static void on_open(void *arg, enum err err, int64_t open)
{
    struct tenant *tenant = arg;
    if (err == ERR_OK)
        backlog_told(&tenant->backlog, open, loop_now_ms(tenant->api->ctx->loop));
    else
        backlog_failed(&tenant->backlog);
}

void tenant_accepted(struct api *api, const struct account *account, int64_t messages)
{
    backlog_add(&tenant_of(api, account->id, loop_now_ms(api->ctx->loop))->backlog, messages);
}

bool tenant_refused(struct api *api, struct httpd_req *req, const struct account *account)
{
    char detail[200], members[80];
    int64_t now_ms = loop_now_ms(api->ctx->loop);
    int64_t most = account->share.open_max > 0 ? account->share.open_max
                                               : api->ctx->settings->account_open_max;
    if (most == 0)
        return false;
    struct tenant *tenant = tenant_of(api, account->id, now_ms);
    if (backlog_ask(&tenant->backlog, now_ms) &&
        open_count(api->links.redis, account->id, on_open, tenant) != ERR_OK)
        backlog_failed(&tenant->backlog);
    if (!backlog_full(&tenant->backlog, most, now_ms))
        return false;
    (void)snprintf(detail, sizeof(detail),
                   "%lld messages of this account are still on their way, and at most %lld may be. "
                   "The send was not accepted; try again when they have gone out.",
                   (long long)(tenant->backlog.open + tenant->backlog.added), (long long)most);
    (void)snprintf(members, sizeof(members), "\"open\":%lld,\"limit\":%lld",
                   (long long)(tenant->backlog.open + tenant->backlog.added), (long long)most);
    metrics_add(api->ctx->metrics, API_BACKLOG_FULL, 1);
    problem_later_extended(req, 429, detail, members, RETRY_AFTER_S);
    return true;
}
