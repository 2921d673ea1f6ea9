#include "common/store/erase.h"

#include "common/io/crypto.h"
#include "common/store/args.h"
#include "common/store/judge.h"
#include "common/store/scripts.h"

enum { SALT_SIZE = 33 };

struct call {
    union {
        erase_fn begin;
        erase_step_fn step;
    } fn;
    void *arg;
};

static struct call *new_call(void *arg)
{
    struct call *call = xalloc(sizeof(*call));
    call->arg = arg;
    return call;
}

static enum err give(struct redis *redis, const struct redis_script *script, int keys,
                     struct args *own_args, redis_fn fn, struct call *own_call)
{
    enum err err =
        redis_eval(redis, script, keys, (int)own_args->count, args_list(own_args), fn, own_call);
    args_done(own_args);
    if (err != ERR_OK)
        xfree(own_call);
    return err;
}

static void on_begun(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    call->fn.begin(call->arg, judge_reply(err, reply));
    xfree(call);
}

enum err erase_begin(struct redis *redis, const char *account, struct phone phone, erase_fn fn,
                     void *arg)
{
    struct args a;
    char salt[SALT_SIZE];
    struct call *call = new_call(arg);
    call->fn.begin = fn;
    crypto_random_text(salt, SALT_SIZE - 1);
    args_init(&a);
    buf_printf(args_begin(&a), "erased:{%s}", account);
    args_end(&a);
    buf_printf(args_begin(&a), "erased_salt:{%s}", account);
    args_end(&a);
    args_view(&a, str_of(phone.digits));
    args_view(&a, str_of(salt));
    args_int(&a, ERASE_KEPT_MS);
    return give(redis, &script_erase_begin, 2, &a, on_begun, call);
}

static void on_step(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    struct erase_step step = {.next = -1};
    err = judge_reply(err, reply);
    if (err == ERR_OK)
        step = (struct erase_step){redis_reply_int(redis_reply_at(reply, 0)),
                                   redis_reply_int(redis_reply_at(reply, 1)),
                                   redis_reply_int(redis_reply_at(reply, 2))};
    call->fn.step(call->arg, err, step);
    xfree(call);
}

enum err erase_step(struct redis *redis, const char *account, struct phone phone, int64_t from,
                    erase_step_fn fn, void *arg)
{
    struct args a;
    struct call *call = new_call(arg);
    call->fn.step = fn;
    args_init(&a);
    buf_printf(args_begin(&a), "to:{%s}", account);
    args_end(&a);
    buf_printf(args_begin(&a), "{%s}", account);
    args_end(&a);
    args_view(&a, str_of(phone.digits));
    args_int(&a, from);
    return give(redis, &script_erase, 1, &a, on_step, call);
}
