#include "common/store/pokes.h"

#include "common/store/args.h"
#include "common/store/judge.h"

#include <stdio.h>

enum { STEP = 500, DIGITS = ID_KEY_SIZE - 1, NUMBER = 6 /* digits of a chunk's, in the sets */ };

struct call {
    struct redis *redis;
    unsigned shards;
    struct poke poke;
    char key[ID_KEY_SIZE];
    const char *letters;             /* of the sets to look at, from this one on */
    char after[DIGITS + NUMBER + 1]; /* the last member of the set that was looked at */
    bool ended;                      /* there is no more in the set */
    size_t found;
    due_found_fn fn;
    void *arg;
};

static void finish(struct call *own_call, enum err err)
{
    own_call->fn(own_call->arg, err, own_call->found);
    xfree(own_call);
}

static void next_step(struct call *call);

static void on_moved(void *arg, enum err err, size_t found)
{
    struct call *call = arg;
    call->found += found;
    if (err != ERR_OK)
        finish(call, err);
    else
        next_step(call);
}

/* A chunk's name; number NULL: the job's. */
static struct str write_name(char name[CHUNK_NAME_SIZE], const struct call *call,
                             const char *number)
{
    int n = snprintf(name, CHUNK_NAME_SIZE, "%s/%s%s%s", call->poke.account, call->key,
                     number != NULL ? "/" : "", number != NULL ? number : "");
    return (struct str){name, (size_t)n};
}

static void move(struct call *call, const struct due_names *names)
{
    enum err err = due_move(call->redis, call->shards, names, call->poke.at_ms, on_moved, call);
    if (err != ERR_OK)
        finish(call, err);
}

/* The chunks that members of a set stand for. */
static void move_members(struct call *call, const struct redisReply *reply, size_t count)
{
    char(*names)[CHUNK_NAME_SIZE] = xalloc_array(count, sizeof(names[0]));
    struct str *list = xalloc_array(count, sizeof(list[0]));
    struct due_names due = {.list = list};
    for (size_t i = 0; i < count; i++) {
        char number[NUMBER + 8];
        unsigned long long value;
        struct str member = redis_reply_str(redis_reply_at(reply, i));
        if (member.n != DIGITS + NUMBER ||
            !str_to_uint((struct str){member.p + DIGITS, NUMBER}, UINT32_MAX, &value))
            continue;
        (void)snprintf(number, sizeof(number), "%u", (unsigned)value);
        list[due.count] = write_name(names[due.count], call, number);
        due.count++;
        memcpy(call->after, member.p, member.n);
    }
    if (due.count > 0)
        move(call, &due);
    else
        next_step(call);
    xfree(list);
    xfree(names);
}

static void on_members(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_script(err, reply);
    if (err != ERR_OK) {
        finish(call, err);
        return;
    }
    size_t count = redis_reply_count(reply);
    call->ended = count < STEP;
    move_members(call, reply, count);
}

/* The send's next members of the first set. */
static enum err ask_members(struct call *call)
{
    struct args a;
    args_init(&a);
    args_view(&a, STR("ZRANGEBYLEX"));
    buf_printf(args_begin(&a), "z:{%s}:%c", call->poke.account, call->letters[0]);
    args_end(&a);
    if (call->after[0] != '\0')
        buf_printf(args_begin(&a), "(%s", call->after);
    else
        buf_printf(args_begin(&a), "[%s0", call->key);
    args_end(&a);
    buf_printf(args_begin(&a), "[%s999999", call->key);
    args_end(&a);
    args_view(&a, STR("LIMIT"));
    args_int(&a, 0);
    args_int(&a, STEP);
    enum err err = redis_call(call->redis, (int)a.count, args_list(&a), on_members, call);
    args_done(&a);
    return err;
}

static void next_step(struct call *call)
{
    if (call->ended) {
        call->letters++;
        call->after[0] = '\0';
        call->ended = false;
    }
    if (call->letters[0] == '\0') {
        finish(call, ERR_OK);
        return;
    }
    enum err err = ask_members(call);
    if (err != ERR_OK)
        finish(call, err);
}

enum err pokes_give(struct redis *redis, unsigned shards, const struct poke *poke, due_found_fn fn,
                    void *arg)
{
    char names[2][CHUNK_NAME_SIZE];
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){
        .redis = redis, .shards = shards, .poke = *poke, .letters = "QW", .fn = fn, .arg = arg};
    id_key(call->key, poke->send);
    const struct str list[] = {write_name(names[0], call, NULL), write_name(names[1], call, "0")};
    const struct due_names first = {list, 2};
    enum err err = due_move(redis, shards, &first, poke->at_ms, on_moved, call);
    if (err != ERR_OK)
        xfree(call);
    return err;
}
