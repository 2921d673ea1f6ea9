#include "common/store/bucket.h"

#include "common/store/args.h"
#include "common/store/judge.h"
#include "common/store/scripts.h"

struct call {
    bucket_fn fn;
    void *arg;
};

static void on_taken(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_reply(err, reply);
    const struct bucket_reply rate = {
        .taken = redis_reply_int(redis_reply_at(reply, 0)),
        .left = redis_reply_int(redis_reply_at(reply, 1)),
        .full_us = redis_reply_int(redis_reply_at(reply, 2)),
        .wait_us = redis_reply_int(redis_reply_at(reply, 3)),
    };
    call->fn(call->arg, err, err == ERR_OK ? &rate : NULL);
    xfree(call);
}

enum err bucket_take(struct redis *redis, const char *account, const char *name,
                     const struct bucket_wish *wish, bucket_fn fn, void *arg)
{
    struct args a;
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){fn, arg};
    args_init(&a);
    buf_printf(args_begin(&a), "r:{%s}:%s", account, name);
    args_end(&a);
    args_int(&a, wish->limit.per_s);
    args_int(&a, wish->limit.burst);
    args_int(&a, wish->want);
    args_int(&a, wish->back);
    enum err err =
        redis_eval(redis, &script_bucket_take, 1, (int)a.count, args_list(&a), on_taken, call);
    args_done(&a);
    if (err != ERR_OK)
        xfree(call);
    return err;
}
