#include "common/store/due.h"

#include "common/base/hash.h"
#include "common/store/args.h"
#include "common/store/judge.h"
#include "common/store/scripts.h"

struct call {
    due_fn done;
    due_taken_fn taken;
    void *arg;
};

unsigned due_shard(struct str name, unsigned shards)
{
    return hash_text(name) % shards; /* any even spread will do, but it must stay the same */
}

static struct call *new_call(due_fn done, due_taken_fn taken, void *arg)
{
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){done, taken, arg};
    return call;
}

static void add_keys(struct args *a, unsigned shard)
{
    args_init(a);
    buf_printf(args_begin(a), "due:{due:%u}", shard);
    args_end(a);
    buf_printf(args_begin(a), "rec:{due:%u}", shard);
    args_end(a);
}

static void on_done(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    call->done(call->arg, judge_script(err, reply));
    xfree(call);
}

static void on_taken(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_script(err, reply);
    size_t count =
        err == ERR_OK && redis_reply_count(reply) > 2 ? (redis_reply_count(reply) - 2) / 2 : 0;
    struct due *list = xalloc_array(count, sizeof(list[0]));
    for (size_t i = 0; i < count; i++) {
        struct str rest = redis_reply_str(redis_reply_at(reply, 2 * i + 3));
        list[i].name = redis_reply_str(redis_reply_at(reply, 2 * i + 2));
        list[i].topic = str_cut(&rest, '\n');
        list[i].key = str_cut(&rest, '\n');
        list[i].record = rest;
    }
    const struct due_taken taken = {.lease = redis_reply_str(redis_reply_at(reply, 0)),
                                    .next_ms = redis_reply_int(redis_reply_at(reply, 1)),
                                    .list = list,
                                    .count = count};
    call->taken(call->arg, err, err == ERR_OK ? &taken : NULL);
    xfree(list);
    xfree(call);
}

static enum err give(struct redis *redis, const struct redis_script *script, struct args *a,
                     redis_fn fn, struct call *call)
{
    enum err err = redis_eval(redis, script, 2, (int)a->count, args_list(a), fn, call);
    if (err != ERR_OK)
        xfree(call);
    args_done(a);
    return err;
}

enum err due_put(struct redis *redis, unsigned shards, const struct due *due, int64_t at_ms,
                 due_fn fn, void *arg)
{
    struct args a;
    add_keys(&a, due_shard(due->name, shards));
    args_view(&a, due->name);
    args_int(&a, at_ms);
    struct buf *value = args_begin(&a);
    buf_str(value, due->topic);
    buf_char(value, '\n');
    buf_str(value, due->key);
    buf_char(value, '\n');
    buf_str(value, due->record);
    args_end(&a);
    return give(redis, &script_due_put, &a, on_done, new_call(fn, NULL, arg));
}

enum err due_take(struct redis *redis, unsigned shard, const struct due_limits *limits,
                  due_taken_fn fn, void *arg)
{
    struct args a;
    add_keys(&a, shard);
    args_int(&a, limits->lease_ms);
    args_int(&a, limits->count < DUE_TAKE_MAX ? limits->count : DUE_TAKE_MAX);
    args_int(&a, (int64_t)limits->bytes);
    return give(redis, &script_due_take, &a, on_taken, new_call(NULL, fn, arg));
}

enum err due_done(struct redis *redis, unsigned shard, struct str lease, const struct str *names,
                  size_t count, due_fn fn, void *arg)
{
    struct args a;
    add_keys(&a, shard);
    args_view(&a, lease);
    for (size_t i = 0; i < count; i++)
        args_view(&a, names[i]);
    return give(redis, &script_due_done, &a, on_done, new_call(fn, NULL, arg));
}
