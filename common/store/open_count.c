#include "common/store/open_count.h"

#include "common/base/buf.h"
#include "common/store/judge.h"

#include <stdio.h>

enum { KEY_SIZE = 64 };

struct call {
    open_count_fn fn;
    void *arg;
};

static int64_t count_of(struct str text)
{
    unsigned long long count = 0;
    return str_to_uint(text, INT64_MAX, &count) ? (int64_t)count : 0;
}

static void on_counts(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    int64_t open = 0;
    err = judge_reply(err, reply);
    for (size_t i = 0; err == ERR_OK && i < redis_reply_count(reply); i++)
        open += count_of(redis_reply_str(redis_reply_at(reply, i)));
    call->fn(call->arg, err, open);
    xfree(call);
}

enum err open_count(struct redis *redis, const char *account, open_count_fn fn, void *arg)
{
    char key[KEY_SIZE];
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){fn, arg};
    (void)snprintf(key, sizeof(key), "n:{%s}", account);
    const struct str argv[] = {STR("HMGET"), str_of(key), STR("Q"), STR("S")};
    enum err err = redis_call(redis, 4, argv, on_counts, call);
    if (err != ERR_OK)
        xfree(call);
    return err;
}
