#include "common/store/accounts.h"

#include "common/base/log.h"

#include <jansson.h>
#include <stdio.h>

static const struct str KEY_START = {"wayscloud_sms_", 14};

struct call {
    account_fn account_fn;
    api_key_fn key_fn;
    void *arg;
    struct account account; /* what is being created */
    struct api_key key;
};

/* --- reading and writing the records
 * -------------------------------------------------------------------------------- */

static bool get_text(char *to, size_t room, const json_t *root, const char *name)
{
    const json_t *value = json_object_get(root, name);
    if (!json_is_string(value) || json_string_length(value) >= room)
        return false;
    memcpy(to, json_string_value(value), json_string_length(value) + 1);
    return true;
}

static bool read_account(struct account *account, struct str text)
{
    json_auto_t *root = json_loadb(text.p != NULL ? text.p : "", text.n, 0, NULL);
    account->active = json_is_true(json_object_get(root, "active"));
    account->created_at_ms = json_integer_value(json_object_get(root, "created_at"));
    return get_text(account->id, sizeof(account->id), root, "id") &&
           get_text(account->name, sizeof(account->name), root, "name") &&
           get_text(account->currency, sizeof(account->currency), root, "currency");
}

/* "<profile id> <1 or 0> <sender id>", or nothing. A text that is none of these counts as nothing: it
 * is only a copy. */
static void read_sender(struct sender *sender, struct str text)
{
    struct str profile = str_cut(&text, ' '), reply = str_cut(&text, ' ');
    *sender = (struct sender){.allow_reply = str_eq(reply, STR("1"))};
    if (profile.n >= sizeof(sender->profile) || text.n == 0 || text.n >= sizeof(sender->text))
        return;
    memcpy(sender->profile, profile.p, profile.n);
    memcpy(sender->text, text.p, text.n);
}

static bool read_key(struct api_key *key, struct str text)
{
    json_auto_t *root = json_loadb(text.p != NULL ? text.p : "", text.n, 0, NULL);
    key->created_at_ms = json_integer_value(json_object_get(root, "created_at"));
    return get_text(key->account, sizeof(key->account), root, "account") &&
           get_text(key->name, sizeof(key->name), root, "name") &&
           get_text(key->sha256, sizeof(key->sha256), root, "sha256");
}

/* --- callbacks --- */

static struct call *new_call(account_fn on_account_end, api_key_fn on_key_end, void *arg)
{
    struct call *call = xalloc(sizeof(*call));
    call->account_fn = on_account_end;
    call->key_fn = on_key_end;
    call->arg = arg;
    return call;
}

static enum err judge(enum err err, const struct redisReply *reply)
{
    if (err != ERR_OK)
        return err;
    if (redis_reply_error(reply) != NULL) {
        LOG(LOG_ERROR, EV("redis_refuses"), KSTR("text", redis_reply_error(reply)));
        return ERR_IO;
    }
    return ERR_OK;
}

static void tell_account(struct call *own_call, enum err err)
{
    own_call->account_fn(own_call->arg, err, err == ERR_OK ? &own_call->account : NULL);
    xfree(own_call);
}

static void tell_key(struct call *own_call, enum err err)
{
    own_call->key_fn(own_call->arg, err, err == ERR_OK ? &own_call->key : NULL);
    xfree(own_call);
}

static void on_created(void *arg, enum err err, const struct redisReply *reply)
{
    err = judge(err, reply);
    if (err == ERR_OK && redis_reply_nil(reply)) /* SET ... NX */
        err = ERR_CONFLICT;
    tell_account(arg, err);
}

static void on_updated(void *arg, enum err err, const struct redisReply *reply)
{
    err = judge(err, reply);
    if (err == ERR_OK && redis_reply_nil(reply)) /* SET ... XX */
        err = ERR_NOT_FOUND;
    tell_account(arg, err);
}

static void on_account(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    const struct redisReply *text = redis_reply_at(reply, 0);
    err = judge(err, reply);
    if (err == ERR_OK && redis_reply_nil(text))
        err = ERR_NOT_FOUND;
    if (err == ERR_OK && !read_account(&call->account, redis_reply_str(text)))
        err = ERR_IO;
    read_sender(&call->account.default_sender, redis_reply_str(redis_reply_at(reply, 1)));
    tell_account(call, err);
}

static void on_key_created(void *arg, enum err err, const struct redisReply *reply)
{
    err = judge(err, reply);
    if (err == ERR_OK && redis_reply_nil(reply))
        err = ERR_CONFLICT;
    tell_key(arg, err);
}

static void on_key(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge(err, reply);
    if (err == ERR_OK && redis_reply_nil(reply))
        err = ERR_NOT_FOUND;
    if (err == ERR_OK && !read_key(&call->key, redis_reply_str(reply)))
        err = ERR_IO;
    tell_key(call, err);
}

/* --- calls --- */

/* how: NX only if there is none yet, XX only if there is one. */
static enum err set(struct redis *redis, struct str key, struct str value, struct str how,
                    redis_fn fn, struct call *call)
{
    enum err err = redis_call(redis, 4, (struct str[]){STR("SET"), key, value, how}, fn, call);
    if (err != ERR_OK)
        xfree(call);
    return err;
}

static enum err get(struct redis *redis, struct str key, redis_fn fn, struct call *call)
{
    enum err err = redis_call(redis, 2, (struct str[]){STR("GET"), key}, fn, call);
    if (err != ERR_OK)
        xfree(call);
    return err;
}

static struct str account_key(char text[64], const char *id)
{
    (void)snprintf(text, 64, "account:{%s}", id);
    return str_of(text);
}

static struct str prefix_key(char text[64], const char *prefix)
{
    (void)snprintf(text, 64, "key:%s", prefix);
    return str_of(text);
}

static enum err write_account(struct redis *redis, const struct account *account, struct str how,
                              redis_fn done, struct call *call)
{
    struct buf value = {.cap = 4096};
    char key[64];
    call->account = *account;
    buf_printf(&value, "{\"id\":\"%s\",\"name\":", account->id);
    buf_json(&value, str_of(account->name));
    buf_printf(&value, ",\"currency\":\"%s\",\"active\":%s,\"created_at\":%lld}", account->currency,
               account->active ? "true" : "false", (long long)account->created_at_ms);
    enum err err = set(redis, account_key(key, account->id), buf_view(&value), how, done, call);
    buf_done(&value);
    return err;
}

enum err accounts_create(struct redis *redis, const struct account *account, account_fn fn,
                         void *arg)
{
    return write_account(redis, account, STR("NX"), on_created, new_call(fn, NULL, arg));
}

enum err accounts_update(struct redis *redis, const struct account *account, account_fn fn,
                         void *arg)
{
    return write_account(redis, account, STR("XX"), on_updated, new_call(fn, NULL, arg));
}

enum err accounts_get(struct redis *redis, const char *id, account_fn fn, void *arg)
{
    struct call *call = new_call(fn, NULL, arg);
    char key[64], sender[64];
    (void)snprintf(sender, sizeof(sender), "sender:{%s}", id);
    enum err err =
        redis_call(redis, 3, (struct str[]){STR("MGET"), account_key(key, id), str_of(sender)},
                   on_account, call);
    if (err != ERR_OK)
        xfree(call);
    return err;
}

static void digest(char hex[2 * CRYPTO_SHA256_SIZE + 1], struct str secret)
{
    uint8_t bytes[CRYPTO_SHA256_SIZE];
    crypto_sha256(bytes, secret);
    crypto_hex(hex, bytes, sizeof(bytes));
}

enum err accounts_create_key(struct redis *redis, const char *account, const char *name,
                             int64_t at_ms, char text[KEY_TEXT_SIZE], api_key_fn fn, void *arg)
{
    struct call *call = new_call(NULL, fn, arg);
    struct api_key *key = &call->key;
    struct buf value = {.cap = 4096};
    char secret[KEY_SECRET_SIZE], redis_key[64];
    crypto_random_text(key->prefix, KEY_PREFIX_SIZE - 1);
    crypto_random_text(secret, KEY_SECRET_SIZE - 1);
    (void)snprintf(text, KEY_TEXT_SIZE, "%s%s_%s", KEY_START.p, key->prefix, secret);
    (void)snprintf(key->account, sizeof(key->account), "%s", account);
    (void)snprintf(key->name, sizeof(key->name), "%s", name);
    key->created_at_ms = at_ms;
    digest(key->sha256, str_of(secret));
    buf_printf(&value, "{\"account\":\"%s\",\"name\":", account);
    buf_json(&value, str_of(key->name));
    buf_printf(&value, ",\"sha256\":\"%s\",\"created_at\":%lld}", key->sha256, (long long)at_ms);
    enum err err = set(redis, prefix_key(redis_key, key->prefix), buf_view(&value), STR("NX"),
                       on_key_created, call);
    buf_done(&value);
    return err;
}

enum err accounts_get_key(struct redis *redis, const char *prefix, api_key_fn fn, void *arg)
{
    char redis_key[64];
    struct call *call = new_call(NULL, fn, arg);
    (void)snprintf(call->key.prefix, sizeof(call->key.prefix), "%s", prefix);
    return get(redis, prefix_key(redis_key, prefix), on_key, call);
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
