#include "common/store/api_keys.h"
#include "common/store/judge.h"

#include <stdio.h>
#include <stdlib.h>

/* A list while it is read: first the set of prefixes and the times of use, then each record. */
struct listing {
    struct redis *redis;
    api_keys_fn fn;
    void *arg;
    char account[CHUNK_ACCOUNT_MAX + 1];
    enum err err; /* the first one */
    size_t count, waiting;
    struct one *list;
};

struct one {
    struct listing *listing;
    bool found;
    struct api_key key;
};

static int older_first(const void *a, const void *b)
{
    const struct api_key *x = a, *y = b;
    if (x->created_at_ms != y->created_at_ms)
        return x->created_at_ms < y->created_at_ms ? -1 : 1;
    return strcmp(x->prefix, y->prefix);
}

/* A record that is gone takes its place in the set along. */
static void forget(const struct listing *l, const char *prefix)
{
    char key[64];
    (void)snprintf(key, sizeof(key), "keys:{%s}", l->account);
    enum err err = redis_call(l->redis, 3, (struct str[]){STR("SREM"), str_of(key), str_of(prefix)},
                              NULL, NULL);
    (void)snprintf(key, sizeof(key), "used:{%s}", l->account);
    if (err == ERR_OK)
        err = redis_call(l->redis, 3, (struct str[]){STR("HDEL"), str_of(key), str_of(prefix)},
                         NULL, NULL);
    (void)err; /* the next list tries again */
}

static void finish(struct listing *own_listing)
{
    struct listing *l = own_listing;
    struct api_key *keys = xalloc_array(l->count + 1, sizeof(keys[0]));
    size_t found = 0;
    for (size_t i = 0; i < l->count && l->err == ERR_OK; i++) {
        if (l->list[i].found)
            keys[found++] = l->list[i].key;
        else
            forget(l, l->list[i].key.prefix);
    }
    qsort(keys, found, sizeof(keys[0]), older_first);
    l->fn(l->arg, l->err, l->err == ERR_OK ? keys : NULL, l->err == ERR_OK ? found : 0);
    xfree(keys);
    xfree(l->list);
    xfree(l);
}

/* One answer less to wait for. */
static void came(struct listing *l, enum err err)
{
    if (l->err == ERR_OK)
        l->err = err;
    if (--l->waiting == 0)
        finish(l);
}

static void on_key(void *arg, enum err err, const struct api_key *key)
{
    struct one *one = arg;
    one->found = err == ERR_OK;
    if (err == ERR_OK) {
        int64_t used_at_ms = one->key.used_at_ms;
        one->key = *key;
        one->key.used_at_ms = used_at_ms;
    }
    came(one->listing, err == ERR_NOT_FOUND ? ERR_OK : err);
}

static void on_used(void *arg, enum err err, const struct redisReply *reply)
{
    struct listing *l = arg;
    for (size_t i = 0; i < l->count && err == ERR_OK; i++) {
        unsigned long long at_ms = 0;
        (void)str_to_uint(redis_reply_str(redis_reply_at(reply, i)), INT64_MAX, &at_ms);
        l->list[i].key.used_at_ms = (int64_t)at_ms;
        err = api_keys_get(l->redis, l->list[i].key.prefix, on_key, &l->list[i]);
        l->waiting += err == ERR_OK;
    }
    came(l, err);
}

static enum err ask_used(struct listing *l)
{
    char key[64];
    struct str *argv = xalloc_array(l->count + 2, sizeof(argv[0]));
    (void)snprintf(key, sizeof(key), "used:{%s}", l->account);
    argv[0] = STR("HMGET");
    argv[1] = str_of(key);
    for (size_t i = 0; i < l->count; i++)
        argv[i + 2] = str_of(l->list[i].key.prefix);
    enum err err = redis_call(l->redis, (int)l->count + 2, argv, on_used, l);
    xfree(argv);
    return err;
}

static void on_prefixes(void *arg, enum err err, const struct redisReply *reply)
{
    struct listing *l = arg;
    err = judge_reply(err, reply);
    size_t count = err == ERR_OK ? redis_reply_count(reply) : 0;
    l->list = xalloc_array(count + 1, sizeof(l->list[0]));
    for (; l->count < count && l->count < API_KEYS_MAX; l->count++) {
        struct one *one = &l->list[l->count];
        struct str prefix = redis_reply_str(redis_reply_at(reply, l->count));
        one->listing = l;
        (void)snprintf(one->key.prefix, sizeof(one->key.prefix), "%.*s", (int)prefix.n, prefix.p);
    }
    if (l->count > 0)
        err = ask_used(l);
    if (l->count == 0 || err != ERR_OK)
        came(l, err);
}

enum err api_keys_list(struct redis *redis, const char *account, api_keys_fn fn, void *arg)
{
    struct listing *l = xalloc(sizeof(*l));
    char key[64];
    *l = (struct listing){.redis = redis, .fn = fn, .arg = arg, .waiting = 1};
    (void)snprintf(l->account, sizeof(l->account), "%s", account);
    (void)snprintf(key, sizeof(key), "keys:{%s}", account);
    enum err err =
        redis_call(redis, 2, (struct str[]){STR("SMEMBERS"), str_of(key)}, on_prefixes, l);
    if (err != ERR_OK)
        xfree(l);
    return err;
}
