#include "common/store/record.h"

#include "common/base/buf.h"
#include "common/store/args.h"
#include "common/store/judge.h"
#include "common/store/scripts.h"

#include <jansson.h>

struct call {
    record_fn fn;
    void *arg;
    enum err when_nil;
};

static struct call *new_call(record_fn fn, void *arg, enum err when_nil)
{
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){fn, arg, when_nil};
    return call;
}

static void on_reply(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_reply(err, reply);
    if (err == ERR_OK && redis_reply_nil(reply))
        err = call->when_nil;
    call->fn(call->arg, err, err == ERR_OK ? redis_reply_str(reply) : (struct str){0});
    xfree(call);
}

static enum err given(enum err err, struct call *own_call)
{
    if (err != ERR_OK)
        xfree(own_call);
    return err;
}

enum err record_create(struct redis *redis, struct str key, struct str record, record_fn fn,
                       void *arg)
{
    struct call *call = new_call(fn, arg, ERR_CONFLICT);
    const struct str argv[] = {STR("SET"), key, record, STR("NX")};
    return given(redis_call(redis, 4, argv, on_reply, call), call);
}

enum err record_get(struct redis *redis, struct str key, record_fn fn, void *arg)
{
    struct call *call = new_call(fn, arg, ERR_NOT_FOUND);
    return given(redis_call(redis, 2, (struct str[]){STR("GET"), key}, on_reply, call), call);
}

enum err record_merge(struct redis *redis, struct str key, struct str changes, int64_t keep_ms,
                      record_fn fn, void *arg)
{
    struct args a;
    struct call *call = new_call(fn, arg, ERR_NOT_FOUND);
    args_init(&a);
    args_view(&a, key);
    args_view(&a, changes);
    args_int(&a, keep_ms);
    enum err err = redis_eval(redis, &script_merge, 1, (int)a.count, args_list(&a), on_reply, call);
    args_done(&a);
    return given(err, call);
}

bool record_text(char *to, size_t room, const json_t *root, const char *name)
{
    const json_t *value = json_object_get(root, name);
    if (!json_is_string(value) || json_string_length(value) >= room)
        return false;
    memcpy(to, json_string_value(value), json_string_length(value) + 1);
    return true;
}

int64_t record_int(const json_t *root, const char *name)
{
    return json_integer_value(json_object_get(root, name));
}
