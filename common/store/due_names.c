#include "common/store/due.h"

#include "common/store/args.h"
#include "common/store/judge.h"
#include "common/store/scripts.h"

/* A call: a script for each shard that has some of the names, and for each STEP of those. */
enum { STEP = 500 };

struct call {
    const struct redis_script *script;
    const int64_t *at_ms; /* NULL: the script takes none; dies when the call returns */
    due_found_fn fn;
    void *arg;
    unsigned waiting;
    size_t found;
    enum err err;
    bool asking; /* more scripts may follow */
};

static void tell_if_done(struct call *call)
{
    if (call->waiting > 0 || call->asking)
        return;
    call->fn(call->arg, call->err, call->found);
    xfree(call);
}

static void on_reply(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_script(err, reply);
    if (err == ERR_OK)
        call->found += (size_t)redis_reply_int(reply);
    else
        call->err = err;
    call->waiting--;
    tell_if_done(call);
}

static void begin(struct args *a, const struct call *call, unsigned shard)
{
    args_clear(a);
    buf_printf(args_begin(a), "due:{due:%u}", shard);
    args_end(a);
    buf_printf(args_begin(a), "rec:{due:%u}", shard);
    args_end(a);
    if (call->at_ms != NULL)
        args_int(a, *call->at_ms);
}

static enum err give(struct redis *redis, struct call *call, struct args *a)
{
    enum err err = redis_eval(redis, call->script, 2, (int)a->count, args_list(a), on_reply, call);
    call->waiting += err == ERR_OK;
    return err;
}

/* Asks about those of the names that fall into the shard. */
static enum err ask_shard(struct redis *redis, struct call *call, const struct due_names *names,
                          const unsigned *shards_of, unsigned shard)
{
    struct args a;
    size_t count = 0;
    enum err err = ERR_OK;
    args_init(&a);
    begin(&a, call, shard);
    for (size_t i = 0; i < names->count && err == ERR_OK; i++) {
        if (shards_of[i] != shard)
            continue;
        args_view(&a, names->list[i]);
        if (++count % STEP == 0) {
            err = give(redis, call, &a);
            begin(&a, call, shard);
        }
    }
    if (err == ERR_OK && count % STEP != 0)
        err = give(redis, call, &a);
    args_done(&a);
    return err;
}

static enum err ask(struct redis *redis, unsigned shards, const struct due_names *names,
                    struct call *own_call)
{
    unsigned *shards_of = xalloc_array(names->count, sizeof(shards_of[0]));
    enum err err = ERR_OK;
    for (size_t i = 0; i < names->count; i++)
        shards_of[i] = due_shard(names->list[i], shards);
    own_call->asking = true;
    for (unsigned shard = 0; shard < shards && err == ERR_OK; shard++)
        err = ask_shard(redis, own_call, names, shards_of, shard);
    xfree(shards_of);
    own_call->asking = false;
    own_call->at_ms = NULL;
    if (own_call->waiting == 0) { /* nothing was asked */
        xfree(own_call);
        return err;
    }
    if (err != ERR_OK) /* told by the callback, since some scripts are on their way */
        own_call->err = err;
    return ERR_OK;
}

static struct call *new_call(const struct redis_script *script, due_found_fn fn, void *arg)
{
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){.script = script, .fn = fn, .arg = arg};
    return call;
}

enum err due_move(struct redis *redis, unsigned shards, const struct due_names *names,
                  int64_t at_ms, due_found_fn fn, void *arg)
{
    struct call *call = new_call(&script_due_move, fn, arg);
    call->at_ms = &at_ms;
    return ask(redis, shards, names, call);
}

enum err due_drop(struct redis *redis, unsigned shards, const struct due_names *names,
                  due_found_fn fn, void *arg)
{
    return ask(redis, shards, names, new_call(&script_due_drop, fn, arg));
}
