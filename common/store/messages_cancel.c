#include "common/store/messages.h"

#include "common/base/log.h"
#include "common/store/args.h"
#include "common/store/keys.h"
#include "common/store/scripts.h"

struct call {
    cancelled_fn fn;
    void *arg;
};

static void on_reply(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    if (err == ERR_OK && redis_reply_error(reply) != NULL) {
        LOG(LOG_ERROR, EV("redis_script"), KSTR("text", redis_reply_error(reply)));
        err = ERR_CONFLICT;
    }
    struct str letter = redis_reply_str(redis_reply_at(reply, 3));
    const struct cancelled cancelled = {
        .now = (unsigned)redis_reply_int(redis_reply_at(reply, 0)),
        .before = (unsigned)redis_reply_int(redis_reply_at(reply, 1)),
        .too_late = (unsigned)redis_reply_int(redis_reply_at(reply, 2)),
        .status = letter.n == 1 ? status_of_letter(letter.p[0]) : STATUS_COUNT,
    };
    bool found = err == ERR_OK && redis_reply_count(reply) > 0;
    call->fn(call->arg, err, found ? &cancelled : NULL);
    xfree(call);
}

enum err messages_cancel(struct redis *redis, const char *account, struct id id, cancelled_fn fn,
                         void *arg)
{
    struct args a;
    uint32_t chunk, place;
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){fn, arg};
    chunk_place(id, &chunk, &place);
    args_init(&a);
    keys_lines(args_begin(&a), account, id, place == 0, chunk);
    args_end(&a);
    keys_lines(args_begin(&a), account, id, false, 0);
    args_end(&a);
    buf_printf(args_begin(&a), "{%s}", account);
    args_end(&a);
    args_int(&a, place);
    enum err err =
        redis_eval(redis, &script_cancel, 2, (int)a.count, args_list(&a), on_reply, call);
    args_done(&a);
    if (err != ERR_OK)
        xfree(call);
    return err;
}
