#include "common/store/api_keys.h"

#include "common/store/judge.h"
#include "common/store/record.h"

#include <jansson.h>
#include <stdio.h>

enum { RECORD_CAP = 4096, REDIS_KEY_SIZE = 64 };

static const struct str KEY_START = {"wayscloud_sms_", 14};

static const char *const scope_names[] = {"read", "send", "manage"};
enum { SCOPES = sizeof(scope_names) / sizeof(scope_names[0]) };

struct call {
    struct redis *redis;
    api_key_fn fn;
    void *arg;
    struct api_key key;
};

/* --- scopes --- */

const char *scope_name(unsigned scope)
{
    for (unsigned i = 0; i < SCOPES; i++) {
        if (scope == 1U << i)
            return scope_names[i];
    }
    return NULL;
}

unsigned scope_of_name(const char *name)
{
    for (unsigned i = 0; i < SCOPES; i++) {
        if (strcmp(name, scope_names[i]) == 0)
            return 1U << i;
    }
    return 0;
}

void scopes_write(struct buf *out, unsigned scopes)
{
    const char *before = "[";
    for (unsigned i = 0; i < SCOPES; i++) {
        if (scopes & 1U << i) {
            buf_printf(out, "%s\"%s\"", before, scope_names[i]);
            before = ",";
        }
    }
    buf_text(out, "]");
}

/* --- the record --- */

static unsigned read_scopes(const json_t *list)
{
    unsigned scopes = 0;
    if (list == NULL)
        return SCOPE_ALL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        scopes |= name != NULL ? scope_of_name(name) : 0;
    }
    return scopes;
}

static bool read_record(struct api_key *key, struct str text)
{
    json_auto_t *root = json_loadb(text.p != NULL ? text.p : "", text.n, 0, NULL);
    key->created_at_ms = record_int(root, "created_at");
    key->expires_at_ms = record_int(root, "expires_at");
    key->revoked_at_ms = record_int(root, "revoked_at");
    key->limit.per_s = record_int(root, "rate");
    key->limit.burst = record_int(root, "burst");
    key->scopes = read_scopes(json_object_get(root, "scopes"));
    return record_text(key->account, sizeof(key->account), root, "account") &&
           record_text(key->name, sizeof(key->name), root, "name") &&
           record_text(key->sha256, sizeof(key->sha256), root, "sha256");
}

static void write_record(struct buf *out, const struct api_key *key)
{
    buf_printf(out, "{\"account\":\"%s\",\"name\":", key->account);
    buf_json(out, str_of(key->name));
    buf_printf(out, ",\"sha256\":\"%s\",\"created_at\":%lld,\"scopes\":", key->sha256,
               (long long)key->created_at_ms);
    scopes_write(out, key->scopes);
    rate_limit_write(out, &key->limit);
    if (key->expires_at_ms > 0)
        buf_printf(out, ",\"expires_at\":%lld", (long long)key->expires_at_ms);
    buf_char(out, '}');
}

static struct str prefix_key(char text[REDIS_KEY_SIZE], const char *prefix)
{
    (void)snprintf(text, REDIS_KEY_SIZE, "key:%s", prefix);
    return str_of(text);
}

/* name: "keys" or "used". */
static struct str account_key(char text[REDIS_KEY_SIZE], const char *name, const char *account)
{
    (void)snprintf(text, REDIS_KEY_SIZE, "%s:{%s}", name, account);
    return str_of(text);
}

/* --- one key --- */

static struct call *new_call(struct redis *redis, api_key_fn fn, void *arg)
{
    struct call *call = xalloc(sizeof(*call));
    call->redis = redis;
    call->fn = fn;
    call->arg = arg;
    return call;
}

static void tell(struct call *own_call, enum err err)
{
    own_call->fn(own_call->arg, err, err == ERR_OK ? &own_call->key : NULL);
    xfree(own_call);
}

static enum err given(enum err err, struct call *own_call)
{
    if (err != ERR_OK)
        xfree(own_call);
    return err;
}

static void on_record(void *arg, enum err err, struct str record)
{
    struct call *call = arg;
    if (err == ERR_OK && !read_record(&call->key, record))
        err = ERR_IO;
    tell(call, err);
}

enum err api_keys_get(struct redis *redis, const char *prefix, api_key_fn fn, void *arg)
{
    char redis_key[REDIS_KEY_SIZE];
    struct call *call = new_call(redis, fn, arg);
    (void)snprintf(call->key.prefix, sizeof(call->key.prefix), "%s", prefix);
    return given(record_get(redis, prefix_key(redis_key, prefix), on_record, call), call);
}

static enum err end_key(struct redis *redis, const char *prefix, const char *field, int64_t at_ms,
                        int64_t keep_ms, struct call *call)
{
    char redis_key[REDIS_KEY_SIZE], changes[64];
    (void)snprintf(call->key.prefix, sizeof(call->key.prefix), "%s", prefix);
    (void)snprintf(changes, sizeof(changes), "{\"%s\":%lld}", field, (long long)at_ms);
    return given(record_merge(redis, prefix_key(redis_key, prefix), str_of(changes), keep_ms,
                              on_record, call),
                 call);
}

enum err api_keys_revoke(struct redis *redis, const char *prefix, int64_t now_ms, api_key_fn fn,
                         void *arg)
{
    return end_key(redis, prefix, "revoked_at", now_ms, API_KEYS_KEEP_MS, new_call(redis, fn, arg));
}

enum err api_keys_expire(struct redis *redis, const char *prefix, int64_t now_ms,
                         int64_t expires_at_ms, api_key_fn fn, void *arg)
{
    return end_key(redis, prefix, "expires_at", expires_at_ms,
                   expires_at_ms - now_ms + API_KEYS_KEEP_MS, new_call(redis, fn, arg));
}

/* --- making one: is there room, the record, the account's set --- */

static void digest(char hex[2 * CRYPTO_SHA256_SIZE + 1], struct str secret)
{
    uint8_t bytes[CRYPTO_SHA256_SIZE];
    crypto_sha256(bytes, secret);
    crypto_hex(hex, bytes, sizeof(bytes));
}

static void on_added(void *arg, enum err err, const struct redisReply *reply)
{
    tell(arg, judge_reply(err, reply));
}

/* A record that gets into no set, because something breaks here, is a key that nobody was told. */
static void on_made(void *arg, enum err err, struct str record)
{
    struct call *call = arg;
    char redis_key[REDIS_KEY_SIZE];
    (void)record;
    if (err == ERR_OK)
        err = redis_call(call->redis, 3,
                         (struct str[]){STR("SADD"),
                                        account_key(redis_key, "keys", call->key.account),
                                        str_of(call->key.prefix)},
                         on_added, call);
    if (err != ERR_OK)
        tell(call, err);
}

static void on_counted(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    struct buf record = {.cap = RECORD_CAP};
    char redis_key[REDIS_KEY_SIZE];
    err = judge_reply(err, reply);
    if (err == ERR_OK && redis_reply_int(reply) >= API_KEYS_MAX)
        err = ERR_FULL;
    write_record(&record, &call->key);
    if (err == ERR_OK)
        err = record_create(call->redis, prefix_key(redis_key, call->key.prefix), buf_view(&record),
                            on_made, call);
    buf_done(&record);
    if (err != ERR_OK)
        tell(call, err);
}

enum err api_keys_create(struct redis *redis, const struct api_key *key, char text[KEY_TEXT_SIZE],
                         api_key_fn fn, void *arg)
{
    struct call *call = new_call(redis, fn, arg);
    char secret[KEY_SECRET_SIZE], redis_key[REDIS_KEY_SIZE];
    call->key = *key;
    crypto_random_text(call->key.prefix, KEY_PREFIX_SIZE - 1);
    crypto_random_text(secret, KEY_SECRET_SIZE - 1);
    (void)snprintf(text, KEY_TEXT_SIZE, "%s%s_%s", KEY_START.p, call->key.prefix, secret);
    digest(call->key.sha256, str_of(secret));
    return given(
        redis_call(redis, 2,
                   (struct str[]){STR("SCARD"), account_key(redis_key, "keys", key->account)},
                   on_counted, call),
        call);
}

/* --- a caller's key --- */

void api_keys_used(struct redis *redis, const struct api_key *key, int64_t at_ms)
{
    char redis_key[REDIS_KEY_SIZE], at[24];
    (void)snprintf(at, sizeof(at), "%lld", (long long)at_ms);
    const struct str argv[] = {STR("HSET"), account_key(redis_key, "used", key->account),
                               str_of(key->prefix), str_of(at)};
    enum err err = redis_call(redis, 4, argv, NULL, NULL);
    (void)err; /* the next use is noted again */
}

enum api_key_state api_key_state(const struct api_key *key, int64_t now_ms)
{
    if (key->revoked_at_ms > 0)
        return API_KEY_REVOKED;
    if (key->expires_at_ms > 0 && now_ms >= key->expires_at_ms)
        return API_KEY_EXPIRED;
    return API_KEY_ACTIVE;
}

static bool alphanumeric(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')))
            return false;
    }
    return text.n > 0;
}

bool api_key_split(struct str text, char ret_prefix[33], struct str *ret_secret)
{
    if (!str_starts(text, KEY_START) || text.n > 256)
        return false;
    struct str rest = {text.p + KEY_START.n, text.n - KEY_START.n};
    struct str prefix = str_cut(&rest, '_');
    if (!alphanumeric(prefix) || prefix.n > 32 || rest.n == 0)
        return false;
    memcpy(ret_prefix, prefix.p, prefix.n);
    ret_prefix[prefix.n] = '\0';
    *ret_secret = rest;
    return true;
}

bool api_key_matches(const struct api_key *key, struct str secret)
{
    char hex[2 * CRYPTO_SHA256_SIZE + 1];
    digest(hex, secret);
    return crypto_eq(str_of(hex), str_of(key->sha256));
}
