#include "common/store/jobs.h"

#include "common/sms/calendar.h"
#include "common/sms/line.h"
#include "common/store/args.h"
#include "common/store/judge.h"
#include "common/store/keys.h"
#include "common/store/plan.h"
#include "common/store/scripts.h"
#include "common/store/shares.h"

#include <stdio.h>

/* A call on its way. */
struct call {
    job_state_fn state_fn;
    job_chunk_fn done_fn;
    void *arg;
    struct chunk *chunk; /* that is read back */
};

static struct args args = {
    .texts = {.cap = SIZE_MAX / 2}}; /* scratch, used between two lines of one function */

static struct call *new_call(job_state_fn state_fn, job_chunk_fn done_fn, void *arg)
{
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){.state_fn = state_fn, .done_fn = done_fn, .arg = arg};
    args_clear(&args);
    return call;
}

static enum err give(struct redis *redis, const struct redis_script *script, int keys, redis_fn fn,
                     struct call *call)
{
    enum err err = redis_eval(redis, script, keys, (int)args.count, args_list(&args), fn, call);
    if (err != ERR_OK)
        xfree(call);
    return err;
}

static void add_send_key(char letter, const struct chunk *shared)
{
    keys_send(args_begin(&args), letter, shared->account, shared->send);
    args_end(&args);
}

static void add_account(const struct chunk *shared)
{
    buf_printf(args_begin(&args), "{%s}", shared->account);
    args_end(&args);
}

/* --- the cursor --- */

static void add_cursor(const struct job_cursor *cursor)
{
    buf_printf(args_begin(&args), "%u/%s", cursor->next, cursor->after);
    args_end(&args);
}

static bool read_cursor(struct job_cursor *cursor, struct str text)
{
    unsigned long long next;
    struct str number = str_cut(&text, '/');
    if (!str_to_uint(number, UINT32_MAX, &next) || text.n >= sizeof(cursor->after))
        return false;
    cursor->next = (uint32_t)next;
    memcpy(cursor->after, text.n > 0 ? text.p : "", text.n);
    cursor->after[text.n] = '\0';
    return true;
}

static void tell(struct call *own_call, enum err err, const struct job_state *state)
{
    own_call->state_fn(own_call->arg, err, err == ERR_OK ? state : NULL);
    xfree(own_call);
}

/* A number that may be written as text, or absent. */
static int64_t number_at(const struct redisReply *reply, size_t i, int64_t absent)
{
    unsigned long long number;
    struct str text = redis_reply_str(redis_reply_at(reply, i));
    return str_to_uint(text, INT64_MAX, &number) ? (int64_t)number : absent;
}

static void read_control(struct job_state *state, const struct redisReply *reply)
{
    state->paused = redis_reply_str(redis_reply_at(reply, 3)).n > 0;
    state->rate_milli = number_at(reply, 4, -1);
    state->due_ms = number_at(reply, 5, 0);
    state->until_ms = number_at(reply, 6, 0);
    state->now_ms = redis_reply_int(redis_reply_at(reply, 7));
    state->made = redis_reply_int(redis_reply_at(reply, 8));
    state->queued = redis_reply_int(redis_reply_at(reply, 9));
    state->weight = number_at(reply, 10, SHARES_WEIGHT_DEFAULT);
    state->still = redis_reply_int(redis_reply_at(reply, 11)) == 1;
}

static void on_opened(void *arg, enum err err, const struct redisReply *reply)
{
    struct job_state state = {.cancelled = false};
    err = judge_script(err, reply);
    if (err == ERR_OK) {
        struct str job = redis_reply_str(redis_reply_at(reply, 1));
        state.cancelled = redis_reply_str(redis_reply_at(reply, 2)).n > 0;
        state.ended = job.n == 0 || str_eq(job, STR("F")) || str_eq(job, STR("C"));
        read_control(&state, reply);
        if (!read_cursor(&state.cursor, redis_reply_str(redis_reply_at(reply, 0))))
            err = ERR_CONFLICT;
    }
    tell(arg, err, &state);
}

enum err jobs_open(struct redis *redis, const struct job *job, size_t may_count, bool scheduled,
                   job_state_fn fn, void *arg)
{
    struct call *call = new_call(fn, NULL, arg);
    add_send_key('s', &job->shared);
    add_send_key('b', &job->shared);
    add_account(&job->shared);
    plan_add_index(&args, &job->shared);
    args_view(&args, scheduled ? STR("W") : STR("Q"));
    description_write(args_begin(&args), &job->shared);
    args_end(&args);
    args_view(&args, job->shared.body);
    args_int(&args, (int64_t)may_count);
    args_int(&args, calendar_day(chunk_counted_ms(&job->shared)));
    return give(redis, &script_job_open, 2, on_opened, call);
}

static void on_chunk_made(void *arg, enum err err, const struct redisReply *reply)
{
    struct job_state state = {.cancelled = false};
    err = judge_script(err, reply);
    if (err == ERR_OK && redis_reply_str(reply).n == 0)
        state.cancelled = true;
    else if (err == ERR_OK && !read_cursor(&state.cursor, redis_reply_str(reply)))
        err = ERR_CONFLICT;
    tell(arg, err, &state);
}

enum err jobs_make_chunk(struct redis *redis, const struct chunk *chunk,
                         const struct job_cursor *from, const struct job_cursor *to,
                         job_state_fn fn, void *arg)
{
    struct call *call = new_call(fn, NULL, arg);
    keys_lines(args_begin(&args), chunk->account, chunk->send, false, chunk->number);
    args_end(&args);
    add_account(chunk);
    add_cursor(from);
    add_cursor(to);
    plan_add(&args, chunk);
    return give(redis, &script_job_chunk, 1, on_chunk_made, call);
}

/* --- reading a chunk back --- */

/* The reply's line and text of recipient i. */
static struct str reply_text(const struct redisReply *reply, size_t i)
{
    return redis_reply_str(redis_reply_at(reply, 2 * i + 1));
}

static enum err reply_line(struct line *line, const struct redisReply *reply, size_t i)
{
    return line_parse(line, redis_reply_str(redis_reply_at(reply, 2 * i)));
}

/* What one recipient gets; without a text it failed before it could be sent. */
static enum err read_item(struct chunk_item *item, const struct line *line, struct str text,
                          char **room)
{
    if (text.n == 0) {
        *item = (struct chunk_item){.parts = 1,
                                    .error = line->error != ERROR_NONE ? line->error : ERROR_OTHER};
        return ERR_OK;
    }
    memcpy(*room, text.p, text.n);
    enum err err = chunk_item_make(item, (struct str){*room, text.n});
    *room += text.n;
    return err;
}

static void make_items(struct chunk *chunk, const struct redisReply *reply)
{
    size_t all = 0;
    for (size_t i = 0; i < chunk->to_count; i++)
        all += reply_text(reply, i).n;
    if (all == 0)
        return;
    chunk->items = xalloc_array(chunk->to_count, sizeof(chunk->items[0]));
    chunk->own_bodies = xalloc(all);
}

static enum err read_lines(struct chunk *chunk, const struct redisReply *reply)
{
    enum err err = ERR_OK;
    chunk->to_count = redis_reply_count(reply) / 2;
    if (chunk->to_count == 0 || chunk->to_count > CHUNK_MAX)
        return ERR_NOT_FOUND;
    make_items(chunk, reply);
    char *room = chunk->own_bodies;
    for (size_t i = 0; i < chunk->to_count && err == ERR_OK; i++) {
        struct line line;
        err = reply_line(&line, reply, i);
        if (err == ERR_OK)
            err = phone_parse_digits(&chunk->to[i], line.digits);
        if (err == ERR_OK && chunk->items != NULL)
            err = read_item(&chunk->items[i], &line, reply_text(reply, i), &room);
    }
    return err == ERR_OK ? ERR_OK : ERR_CONFLICT;
}

static void on_read(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_script(err, reply);
    if (err == ERR_OK)
        err = read_lines(call->chunk, reply);
    call->done_fn(call->arg, err);
    xfree(call);
}

enum err jobs_read_chunk(struct redis *redis, struct chunk *chunk, job_chunk_fn fn, void *arg)
{
    struct call *call = new_call(NULL, fn, arg);
    call->chunk = chunk;
    keys_lines(args_begin(&args), chunk->account, chunk->send, false, chunk->number);
    args_end(&args);
    keys_texts(args_begin(&args), chunk->account, chunk->send, chunk->number);
    args_end(&args);
    return give(redis, &script_job_read, 2, on_read, call);
}

/* --- the end --- */

static void on_ended(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    call->done_fn(call->arg, judge_script(err, reply));
    xfree(call);
}

enum err jobs_end(struct redis *redis, const struct job *job, job_chunk_fn fn, void *arg)
{
    struct call *call = new_call(NULL, fn, arg);
    add_send_key('s', &job->shared);
    add_account(&job->shared);
    return give(redis, &script_job_end, 1, on_ended, call);
}
