#include "common/store/controls.h"

#include "common/store/args.h"
#include "common/store/judge.h"
#include "common/store/keys.h"
#include "common/store/scripts.h"

enum { KIND_BYTES = 1 }; /* behind an id: 's' or 'm' */

struct call {
    controlled_fn fn;
    control_sends_fn sends_fn;
    void *arg;
};

static enum err give(struct redis *redis, const struct redis_script *script, int keys,
                     struct args *own_args, redis_fn fn, const struct call *call)
{
    struct call *copy = xalloc(sizeof(*copy));
    *copy = *call;
    enum err err =
        redis_eval(redis, script, keys, (int)own_args->count, args_list(own_args), fn, copy);
    if (err != ERR_OK)
        xfree(copy);
    args_done(own_args);
    return err;
}

static struct controlled read_controlled(const struct redisReply *reply)
{
    struct str word = redis_reply_str(reply);
    if (word.n > 0)
        return (struct controlled){.verdict =
                                       str_eq(word, STR("over")) ? CONTROL_OVER : CONTROL_BEGUN};
    if (redis_reply_count(reply) == 0)
        return (struct controlled){.verdict = CONTROL_NO_SEND};
    return (struct controlled){
        .verdict = CONTROL_DONE,
        .waiting = redis_reply_int(redis_reply_at(reply, 0)),
        .paused = redis_reply_int(redis_reply_at(reply, 1)) > 0,
        .rate_milli = redis_reply_int(redis_reply_at(reply, 2)),
        .due_ms = redis_reply_int(redis_reply_at(reply, 3)),
    };
}

static void on_controlled(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_script(err, reply);
    struct controlled controlled = {.waiting = 0};
    if (err == ERR_OK)
        controlled = read_controlled(reply);
    call->fn(call->arg, err, err == ERR_OK ? &controlled : NULL);
    xfree(call);
}

static void add_change(struct args *a, const struct control *control)
{
    if (control->sets_rate)
        args_int(a, control->rate_milli);
    else
        args_view(a, STR(""));
    if (control->due_ms > 0)
        args_int(a, control->due_ms);
    else
        args_view(a, STR(""));
}

enum err controls_give(struct redis *redis, const char *account, struct id send,
                       const struct control *control, controlled_fn fn, void *arg)
{
    static const char *const actions[] = {
        [CONTROL_HOLD] = "hold", [CONTROL_GO] = "go", [CONTROL_CHANGE] = "change"};
    struct args a;
    args_init(&a);
    keys_send(args_begin(&a), 'm', account, send);
    args_end(&a);
    keys_send(args_begin(&a), 's', account, send);
    args_end(&a);
    buf_printf(args_begin(&a), "{%s}", account);
    args_end(&a);
    args_view(&a, str_of(actions[control->action]));
    add_change(&a, control);
    return give(redis, &script_control, 2, &a, on_controlled, &(struct call){.fn = fn, .arg = arg});
}

/* --- by customer_ref --- */

static void on_found(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_script(err, reply);
    size_t all = err == ERR_OK ? redis_reply_count(reply) : 0, count = 0;
    struct id *sends = xalloc_array(all + 1, sizeof(sends[0]));
    for (size_t i = 1; i < all; i++) {
        struct str record = redis_reply_str(redis_reply_at(reply, i));
        if (record.n != KEYS_SEND_BYTES + KIND_BYTES)
            continue;
        sends[count] = (struct id){{0}};
        memcpy(sends[count++].b, record.p, KEYS_SEND_BYTES);
    }
    call->sends_fn(call->arg, err, sends, count, redis_reply_int(redis_reply_at(reply, 0)));
    xfree(sends);
    xfree(call);
}

enum err controls_find(struct redis *redis, const char *account, struct str ref, int64_t from,
                       control_sends_fn fn, void *arg)
{
    struct args a;
    args_init(&a);
    buf_printf(args_begin(&a), "ref:{%s}", account);
    args_end(&a);
    keys_hash(args_begin(&a), ref);
    args_end(&a);
    args_int(&a, from);
    return give(redis, &script_ref_sends, 1, &a, on_found,
                &(struct call){.sends_fn = fn, .arg = arg});
}
