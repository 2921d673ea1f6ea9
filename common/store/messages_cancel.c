#include "common/store/messages.h"

#include "common/base/clock.h"
#include "common/store/args.h"
#include "common/store/due.h"
#include "common/store/judge.h"
#include "common/store/keys.h"
#include "common/store/scripts.h"
#include "common/store/sweeps.h"

#include <stdio.h>

/* A sweep that was put in case that this process ends too soon to put it afterwards comes so late. */
enum { LEFT_SWEEP = 1, LEFT_DROP = 2, IN_CASE_MS = 5000 };

struct call {
    struct redis *redis;
    unsigned shards;
    struct id id;
    struct sweep sweep;
    cancelled_fn fn;
    void *arg;
    bool found; /* there is such a message */
    struct cancelled sum;
};

static void tell(struct call *own_call, enum err err)
{
    own_call->fn(own_call->arg, err, err == ERR_OK && own_call->found ? &own_call->sum : NULL);
    xfree(own_call);
}

/* Else it is one message of many, and needs no sweep. */
static bool of_send(const struct call *call)
{
    return id_number(call->id) == 0;
}

static void on_sweep_put(void *arg, enum err err)
{
    tell(arg, err);
}

static void on_dropped(void *arg, enum err err, size_t found)
{
    (void)err; /* what is still there comes to nothing when it is due */
    (void)found;
    tell(arg, ERR_OK);
}

/* The sweep isn't needed; nor, of a single send, or one that has one chunk or none yet, is what waits. */
static enum err drop(struct call *call, bool what_waits)
{
    char names[3][CHUNK_NAME_SIZE], key[ID_KEY_SIZE];
    struct str list[3];
    id_key(key, call->sweep.send);
    sweep_name(names[0], &call->sweep);
    for (size_t i = 1; i < 3; i++)
        (void)snprintf(names[i], CHUNK_NAME_SIZE, "%s/%s%s", call->sweep.account, key,
                       i == 1 ? "" : "/0");
    for (size_t i = 0; i < 3; i++)
        list[i] = str_of(names[i]);
    return due_drop(call->redis, call->shards, &(struct due_names){list, what_waits ? 3 : 1},
                    on_dropped, call);
}

/* left: as cancel.lua says it. */
static void tidy(struct call *call, int64_t left)
{
    enum err err = ERR_OK;
    if (left == LEFT_SWEEP) {
        err = sweeps_put(call->redis, call->shards, &call->sweep, clock_wall_ms(), on_sweep_put,
                         call);
        if (err != ERR_OK)
            tell(call, err);
    } else if (!of_send(call) || drop(call, left == LEFT_DROP) != ERR_OK) {
        tell(call, ERR_OK);
    }
}

static void read_sum(struct cancelled *sum, const struct redisReply *reply)
{
    struct str letter = redis_reply_str(redis_reply_at(reply, 3));
    sum->now = (unsigned)redis_reply_int(redis_reply_at(reply, 0));
    sum->before = (unsigned)redis_reply_int(redis_reply_at(reply, 1));
    sum->too_late = (unsigned)redis_reply_int(redis_reply_at(reply, 2));
    if (letter.n == 1)
        sum->status = status_of_letter(letter.p[0]);
}

static void on_reply(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_script(err, reply);
    if (err != ERR_OK) {
        tell(call, err);
        return;
    }
    call->found = redis_reply_count(reply) > 0;
    if (call->found)
        read_sum(&call->sum, reply);
    tidy(call, call->found ? redis_reply_int(redis_reply_at(reply, 4)) : 0);
}

static enum err give(struct call *call)
{
    const struct id id = call->id;
    struct args a;
    uint32_t chunk, place;
    const struct sweep *send = &call->sweep;
    chunk_place(id, &chunk, &place);
    args_init(&a);
    keys_lines(args_begin(&a), send->account, id, place == 0, chunk);
    args_end(&a);
    keys_send(args_begin(&a), 's', send->account, id);
    args_end(&a);
    buf_printf(args_begin(&a), "{%s}", send->account);
    args_end(&a);
    args_int(&a, place);
    enum err err =
        redis_eval(call->redis, &script_cancel, 2, (int)a.count, args_list(&a), on_reply, call);
    args_done(&a);
    return err;
}

/* Who cancels may end between that and the sweep: so the sweep is there before. One that comes too
 * early, or to a send that isn't cancelled, does nothing. */
static void on_put_in_case(void *arg, enum err err)
{
    struct call *call = arg;
    if (err == ERR_OK)
        err = give(call);
    if (err != ERR_OK)
        tell(call, err);
}

enum err messages_cancel(struct redis *redis, unsigned shards, const char *account, struct id id,
                         cancelled_fn fn, void *arg)
{
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){.redis = redis, .shards = shards, .id = id, .fn = fn, .arg = arg};
    call->sum.status = STATUS_COUNT;
    call->sweep.send = id_send(id);
    memcpy(call->sweep.account, account, strlen(account) + 1);
    enum err err = of_send(call) ? sweeps_put(redis, shards, &call->sweep,
                                              clock_wall_ms() + IN_CASE_MS, on_put_in_case, call)
                                 : give(call);
    if (err != ERR_OK)
        xfree(call);
    return err;
}
