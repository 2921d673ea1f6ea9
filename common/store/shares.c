#include "common/store/shares.h"

#include "common/store/args.h"
#include "common/store/judge.h"
#include "common/store/scripts.h"

#include <stdio.h>

enum { STAY_MS = 15000 }; /* longer than the longest time between two looks at a send */

struct call {
    shares_fn fn;
    void *arg;
};

static void on_shares(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    struct shares shares = {
        .all_milli = redis_reply_int(redis_reply_at(reply, 0)),
        .millionths = redis_reply_int(redis_reply_at(reply, 1)),
    };
    err = judge_script(err, reply);
    if (call->fn != NULL)
        call->fn(call->arg, err, err == ERR_OK ? &shares : NULL);
    xfree(call);
}

static enum err give(struct redis *redis, const struct sharer *sharer, int64_t stay_ms,
                     shares_fn fn, void *arg)
{
    struct args a;
    args_init(&a);
    args_view(&a, STR("shares:{shares}"));
    args_view(&a, STR("share:{shares}"));
    args_view(&a, sharer->name);
    args_view(&a, str_of(sharer->account));
    args_int(&a, sharer->weight);
    args_int(&a, sharer->drain_milli);
    args_int(&a, stay_ms);
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){fn, arg};
    enum err err =
        redis_eval(redis, &script_share, 2, (int)a.count, args_list(&a), on_shares, call);
    if (err != ERR_OK)
        xfree(call);
    args_done(&a);
    return err;
}

enum err shares_take(struct redis *redis, const struct sharer *sharer, shares_fn fn, void *arg)
{
    return give(redis, sharer, STAY_MS, fn, arg);
}

void shares_leave(struct redis *redis, const struct sharer *sharer)
{
    (void)(give(redis, sharer, 0, NULL, NULL) == ERR_OK); /* else it leaves when its time is over */
}
