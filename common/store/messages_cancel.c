#include "common/store/messages.h"

#include "common/store/args.h"
#include "common/store/judge.h"
#include "common/store/keys.h"
#include "common/store/scripts.h"

#include <stdio.h>

enum { AT_ONCE = 16 }; /* scripts of one call on their way */

struct call {
    struct redis *redis;
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct id id;
    cancelled_fn fn;
    void *arg;
    uint32_t next,
        chunks; /* chunks of a send of many: the next to cancel, and how many there are */
    unsigned waiting;
    bool found;
    enum err err;
    struct cancelled sum;
};

static void add_reply(struct call *call, enum err err, const struct redisReply *reply)
{
    err = judge_script(err, reply);
    if (err != ERR_OK) {
        call->err = err;
        return;
    }
    if (redis_reply_count(reply) == 0)
        return;
    struct str letter = redis_reply_str(redis_reply_at(reply, 3));
    call->found = true;
    call->sum.now += (unsigned)redis_reply_int(redis_reply_at(reply, 0));
    call->sum.before += (unsigned)redis_reply_int(redis_reply_at(reply, 1));
    call->sum.too_late += (unsigned)redis_reply_int(redis_reply_at(reply, 2));
    if (letter.n == 1)
        call->sum.status = status_of_letter(letter.p[0]);
}

static void go_on(struct call *call);

static void on_chunk(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    add_reply(call, err, reply);
    call->waiting--;
    go_on(call);
}

/* place: of a message; "0": see cancel.lua; "*": all of the chunk. */
static enum err give(struct call *call, bool single, uint32_t chunk, const char *place, redis_fn fn)
{
    struct args a;
    args_init(&a);
    keys_lines(args_begin(&a), call->account, call->id, single, chunk);
    args_end(&a);
    keys_send(args_begin(&a), 's', call->account, call->id);
    args_end(&a);
    buf_printf(args_begin(&a), "{%s}", call->account);
    args_end(&a);
    args_view(&a, str_of(place));
    enum err err =
        redis_eval(call->redis, &script_cancel, 2, (int)a.count, args_list(&a), fn, call);
    args_done(&a);
    return err;
}

/* Cancels the chunks, some at a time, and tells the sum when all are. */
static void go_on(struct call *call)
{
    while (call->err == ERR_OK && call->next < call->chunks && call->waiting < AT_ONCE) {
        call->err = give(call, false, call->next++, "*", on_chunk);
        call->waiting += call->err == ERR_OK;
    }
    if (call->waiting > 0)
        return;
    call->fn(call->arg, call->err, call->found && call->err == ERR_OK ? &call->sum : NULL);
    xfree(call);
}

static void on_first(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    add_reply(call, err, reply);
    if (call->err == ERR_OK)
        call->chunks = (uint32_t)redis_reply_int(redis_reply_at(reply, 4));
    go_on(call);
}

enum err messages_cancel(struct redis *redis, const char *account, struct id id, cancelled_fn fn,
                         void *arg)
{
    char text[12];
    uint32_t chunk, place;
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){.redis = redis, .id = id, .fn = fn, .arg = arg};
    call->sum.status = STATUS_COUNT;
    memcpy(call->account, account, strlen(account) + 1);
    chunk_place(id, &chunk, &place);
    (void)snprintf(text, sizeof(text), "%u", place);
    enum err err = give(call, place == 0, chunk, text, on_first);
    if (err != ERR_OK)
        xfree(call);
    return err;
}
