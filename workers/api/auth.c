#include "workers/api/auth.h"

#include "common/base/clock.h"
#include "common/base/hash.h"
#include "workers/api/api.h"
#include "workers/api/problem.h"

#include <strings.h>

static const char SCHEME[] = "ApiKey realm=\"sms\", header=\"X-API-Key\"";
static const char NO_KEY[] = "Give your API key in the X-API-Key header.";
static const char WRONG_KEY[] = "This API key is not valid.";
static const char EXPIRED_KEY[] = "This API key has expired.";
static const char REVOKED_KEY[] = "This API key has been revoked.";
static const char NO_REDIS[] =
    "The key can't be checked at the moment. The request was not carried out; try again.";

/* A look-up on its way. */
struct lookup {
    struct api *api;
    struct httpd_req *req;
    const struct route *route;
    auth_fn fn;
    struct api_key key;
};

void auth_init(struct auth *auth)
{
    auth->entries = xalloc_array(AUTH_PLACES, sizeof(auth->entries[0]));
}

void auth_done(struct auth *auth)
{
    xfree(auth->entries);
    auth->entries = NULL;
}

static struct auth_entry *place_of(struct auth *auth, const char *prefix)
{
    return &auth->entries[hash_text(str_of(prefix)) % AUTH_PLACES];
}

static bool holds(const struct auth_entry *entry, const char *prefix)
{
    return strcmp(entry->key.prefix, prefix) == 0;
}

static void note_use(struct api *api, const struct api_key *key)
{
    struct auth_entry *entry = place_of(&api->auth, key->prefix);
    int64_t now_ms = loop_now_ms(api->ctx->loop);
    if (!holds(entry, key->prefix) ||
        (entry->noted_mono_ms > 0 && now_ms - entry->noted_mono_ms < AUTH_NOTE_MS))
        return;
    entry->noted_mono_ms = now_ms;
    api_keys_used(api->links.redis, key, clock_wall_ms());
}

static struct str key_of(const struct httpd_req *req)
{
    const char *key = httpd_header(req, "X-API-Key");
    const char *bearer = httpd_header(req, "Authorization");
    if (key != NULL)
        return str_of(key);
    if (bearer != NULL && strncasecmp(bearer, "Bearer ", 7) == 0)
        return str_of(bearer + 7);
    return (struct str){0};
}

/* The secret is compared again here: the key that was looked up is the request's own, from its
 * headers. */
static void check(const struct lookup *lookup, const struct api_key *key,
                  const struct account *account)
{
    char prefix[33];
    struct str secret;
    if (!api_key_split(key_of(lookup->req), prefix, &secret) || !api_key_matches(key, secret)) {
        problem_unauthorized(lookup->req, SCHEME, WRONG_KEY);
        return;
    }
    enum api_key_state state = api_key_state(key, clock_wall_ms());
    if (state != API_KEY_ACTIVE) {
        problem_unauthorized(lookup->req, SCHEME,
                             state == API_KEY_EXPIRED ? EXPIRED_KEY : REVOKED_KEY);
        return;
    }
    note_use(lookup->api, key);
    lookup->fn(lookup->api, lookup->req, lookup->route,
               &(struct caller){.account = account, .key = key});
}

static void on_account(void *arg, enum err err, const struct account *account)
{
    struct lookup *lookup = arg;
    if (err == ERR_OK) {
        struct auth_entry *entry = place_of(&lookup->api->auth, lookup->key.prefix);
        int64_t noted_mono_ms = holds(entry, lookup->key.prefix) ? entry->noted_mono_ms : 0;
        *entry = (struct auth_entry){lookup->key, *account, loop_now_ms(lookup->api->ctx->loop),
                                     noted_mono_ms};
        check(lookup, &lookup->key, account);
    } else if (err == ERR_NOT_FOUND) {
        problem_unauthorized(lookup->req, SCHEME, WRONG_KEY);
    } else {
        problem_unavailable(lookup->req, NO_REDIS);
    }
    xfree(lookup);
}

static void on_key(void *arg, enum err err, const struct api_key *key)
{
    struct lookup *lookup = arg;
    if (err == ERR_OK) {
        lookup->key = *key;
        err = accounts_get(lookup->api->links.redis, key->account, on_account, lookup);
        if (err == ERR_OK)
            return;
    }
    on_account(lookup, err, NULL);
}

static bool fresh(const struct api *api, const struct auth_entry *entry, const char *prefix)
{
    int64_t age_ms = loop_now_ms(api->ctx->loop) - entry->at_mono_ms;
    int64_t most_ms =
        redis_connected(api->links.redis) ? api->ctx->settings->api_key_cache_ms : AUTH_STALE_MS;
    return holds(entry, prefix) && age_ms <= most_ms;
}

void auth_request(struct api *api, struct httpd_req *own_req, const struct route *route, auth_fn fn)
{
    char prefix[33];
    struct str text = key_of(own_req), secret;
    if (!api_key_split(text, prefix, &secret)) {
        problem_unauthorized(own_req, SCHEME, text.n == 0 ? NO_KEY : WRONG_KEY);
        return;
    }
    const struct auth_entry *entry = place_of(&api->auth, prefix);
    const struct lookup asked = {.api = api, .req = own_req, .route = route, .fn = fn};
    if (fresh(api, entry, prefix)) {
        check(&asked, &entry->key, &entry->account);
        return;
    }
    struct lookup *lookup = xalloc(sizeof(*lookup));
    *lookup = asked;
    enum err err = api_keys_get(api->links.redis, prefix, on_key, lookup);
    if (err != ERR_OK)
        on_account(lookup, err, NULL);
}
