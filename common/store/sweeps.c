#include "common/store/sweeps.h"

#include "common/io/kafka_topics.h"
#include "common/store/args.h"
#include "common/store/due.h"
#include "common/store/judge.h"
#include "common/store/keys.h"
#include "common/store/scripts.h"

#include <stdio.h>

enum { CHUNKS = 10 /* of a call */, RECORD_CAP = 400 };

enum err sweeps_put(struct redis *redis, unsigned shards, const struct sweep *sweep, int64_t at_ms,
                    sweep_put_fn fn, void *arg)
{
    char name[CHUNK_NAME_SIZE], key[ID_TEXT_SIZE];
    struct buf record = {.cap = RECORD_CAP};
    sweep_name(name, sweep);
    id_format(key, sweep->send);
    sweep_write(&record, sweep);
    const struct due due = {.name = str_of(name),
                            .topic = STR(TOPIC_JOBS),
                            .key = str_of(key),
                            .record = buf_view(&record)};
    enum err err = due_put(redis, shards, &due, at_ms, fn, arg);
    buf_done(&record);
    return err;
}

struct call {
    struct redis *redis;
    unsigned shards;
    struct sweep *sweep;
    sweep_done_fn fn;
    void *arg;
    int64_t next; /* -1: it was the last */
};

static void finish(struct call *own_call, enum err err)
{
    bool ended = own_call->next < 0;
    if (err == ERR_OK && !ended)
        own_call->sweep->next = (uint32_t)own_call->next;
    own_call->fn(own_call->arg, err, ended);
    xfree(own_call);
}

static void on_dropped(void *arg, enum err err, size_t found)
{
    (void)found;
    finish(arg, err);
}

/* What the delay queue has of chunks in which nothing is under way, and of the job. */
static void drop(struct call *call, const struct redisReply *reply)
{
    char names[CHUNKS + 1][CHUNK_NAME_SIZE], key[ID_KEY_SIZE];
    struct str list[CHUNKS + 1];
    struct due_names due = {.list = list};
    id_key(key, call->sweep->send);
    (void)snprintf(names[0], CHUNK_NAME_SIZE, "%s/%s", call->sweep->account, key);
    list[due.count++] = str_of(names[0]);
    for (size_t i = 1; i < redis_reply_count(reply) && due.count <= CHUNKS; i++) {
        char *name = names[due.count];
        (void)snprintf(name, CHUNK_NAME_SIZE, "%s/%s/%u", call->sweep->account, key,
                       (unsigned)redis_reply_int(redis_reply_at(reply, i)));
        list[due.count++] = str_of(name);
    }
    enum err err = due_drop(call->redis, call->shards, &due, on_dropped, call);
    if (err != ERR_OK)
        finish(call, err);
}

static void on_swept(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_script(err, reply);
    if (err != ERR_OK) {
        finish(call, err);
        return;
    }
    call->next = redis_reply_int(redis_reply_at(reply, 0));
    drop(call, reply);
}

enum err sweeps_do(struct redis *redis, unsigned shards, struct sweep *sweep, sweep_done_fn fn,
                   void *arg)
{
    struct args a;
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){redis, shards, sweep, fn, arg, 0};
    args_init(&a);
    keys_send(args_begin(&a), 's', sweep->account, sweep->send);
    args_end(&a);
    buf_printf(args_begin(&a), "{%s}", sweep->account);
    args_end(&a);
    args_int(&a, sweep->next);
    args_int(&a, CHUNKS);
    enum err err = redis_eval(redis, &script_sweep, 1, (int)a.count, args_list(&a), on_swept, call);
    args_done(&a);
    if (err != ERR_OK)
        xfree(call);
    return err;
}
