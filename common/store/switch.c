#include "common/store/switch.h"

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/store/judge.h"
#include "common/store/scripts.h"

#include <jansson.h>
#include <stdio.h>

enum { FIRST_LOOK_MS = 20, TEXT_SIZE = 32 };

struct call {
    switch_fn fn;
    void *arg;
};

static struct switch_state read_state(const struct redisReply *reply)
{
    struct str text = redis_reply_str(reply);
    json_auto_t *root = json_loadb(text.p != NULL ? text.p : "", text.n, 0, NULL);
    return (struct switch_state){.paused = json_is_true(json_object_get(root, "paused")),
                                 .at_ms = json_integer_value(json_object_get(root, "at_ms"))};
}

static void on_state(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    struct switch_state state = {.at_ms = 0};
    err = judge_script(err, reply);
    if (err == ERR_OK)
        state = read_state(reply);
    call->fn(call->arg, err, err == ERR_OK ? &state : NULL);
    xfree(call);
}

static struct call *new_call(switch_fn fn, void *arg)
{
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){fn, arg};
    return call;
}

enum err switch_get(struct redis *redis, switch_fn fn, void *arg)
{
    const struct str argv[] = {STR("GET"), STR("control")};
    struct call *call = new_call(fn, arg);
    enum err err = redis_call(redis, 2, argv, on_state, call);
    if (err != ERR_OK)
        xfree(call);
    return err;
}

enum err switch_set(struct redis *redis, bool paused, switch_fn fn, void *arg)
{
    char at[TEXT_SIZE];
    (void)snprintf(at, sizeof(at), "%lld", (long long)clock_wall_ms());
    const struct str argv[] = {STR("control"), paused ? STR("true") : STR("false"), str_of(at)};
    struct call *call = new_call(fn, arg);
    enum err err = redis_eval(redis, &script_switch, 1, 3, argv, on_state, call);
    if (err != ERR_OK)
        xfree(call);
    return err;
}

/* --- the watch --- */

static void on_seen(void *arg, enum err err, const struct switch_state *state)
{
    struct switch_watch *watch = arg;
    watch->asking = false;
    if (err != ERR_OK)
        return;
    bool first = !watch->known, was = watch->paused;
    watch->known = true;
    watch->paused = state->paused;
    if (watch->paused != was || first)
        watch->changed(watch->arg, watch->paused);
}

static void on_time(void *arg)
{
    struct switch_watch *watch = arg;
    if (!watch->asking)
        watch->asking = switch_get(watch->redis, on_seen, watch) == ERR_OK;
    loop_timer_set(watch->loop, &watch->timer,
                   loop_now_ms(watch->loop) + (watch->known ? SWITCH_LOOK_MS : FIRST_LOOK_MS));
}

void switch_watch(struct switch_watch *watch, struct loop *loop, struct redis *redis)
{
    watch->loop = loop;
    watch->redis = redis;
    watch->timer = (struct loop_timer){.fn = on_time, .arg = watch};
    on_time(watch);
}

void switch_unwatch(struct switch_watch *watch)
{
    if (watch->loop != NULL)
        loop_timer_stop(watch->loop, &watch->timer);
}
