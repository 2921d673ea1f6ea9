#include "common/store/carrier_pace.h"

#include "common/store/args.h"
#include "common/store/judge.h"
#include "common/store/scripts.h"

struct call {
    carrier_pace_fn fn;
    void *arg;
};

static void on_reply(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_reply(err, reply);
    const struct carrier_pace pace = {
        .taken = redis_reply_int(redis_reply_at(reply, 0)),
        .wait_us = redis_reply_int(redis_reply_at(reply, 1)),
        .limit_milli = redis_reply_int(redis_reply_at(reply, 2)),
        .shut_ms = redis_reply_int(redis_reply_at(reply, 3)),
    };
    call->fn(call->arg, err, err == ERR_OK ? &pace : NULL);
    xfree(call);
}

static void begin(struct args *a, const struct carrier_limit *limit)
{
    args_init(a);
    buf_printf(args_begin(a), "rate:{carrier:%s}", limit->name);
    args_end(a);
    args_int(a, limit->milli);
}

static enum err give(struct redis *redis, const struct redis_script *script, struct args *a,
                     carrier_pace_fn fn, void *arg)
{
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){fn, arg};
    enum err err = redis_eval(redis, script, 1, (int)a->count, args_list(a), on_reply, call);
    args_done(a);
    if (err != ERR_OK)
        xfree(call);
    return err;
}

enum err carrier_pace_take(struct redis *redis, const struct carrier_limit *limit,
                           const struct carrier_wish *wish, carrier_pace_fn fn, void *arg)
{
    struct args a;
    begin(&a, limit);
    args_int(&a, limit->burst);
    args_view(&a, wish->fast ? STR("fast") : STR("bulk"));
    args_int(&a, wish->want);
    args_int(&a, wish->back);
    return give(redis, &script_carrier_take, &a, fn, arg);
}

enum err carrier_pace_slow(struct redis *redis, const struct carrier_limit *limit,
                           const struct carrier_throttling *throttling, carrier_pace_fn fn,
                           void *arg)
{
    struct args a;
    begin(&a, limit);
    args_int(&a, throttling->retry_after_ms);
    args_int(&a, throttling->speed_milli);
    args_int(&a, throttling->sender);
    return give(redis, &script_carrier_slow, &a, fn, arg);
}
