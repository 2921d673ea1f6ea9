#include "workers/expander/task.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/io/kafka_topics.h"
#include "common/store/contacts.h"
#include "common/store/due.h"
#include "common/store/shares.h"
#include "workers/expander/asleep.h"
#include "workers/expander/expander.h"
#include "workers/expander/fill.h"
#include "workers/expander/slices.h"

#include <stdio.h>

enum {
    PAUSE_MS = 500,
    RECORD_CAP = 16 * 1024 * 1024,
    PAUSED_MS = 10000, /* resuming a send moves its job forward in the delay queue */
    STILL_MS = 5000,
    BYTES_PER_MS = 4096, /* of a job's record: one that is large is looked at less often */
};

static void go_on(struct task *task);

static void on_again(void *arg)
{
    task_start(arg);
}

struct task *task_new(struct expander *expander, const struct kafka_record *record)
{
    struct task *task = xalloc(sizeof(*task));
    enum err err = job_parse(&task->job, record->value);
    if (err != ERR_OK)
        task->dead = err_text(err);
    task->expander = expander;
    kafka_keep(&task->kept, record);
    task->again = (struct loop_timer){.fn = on_again, .arg = task};
    return task;
}

void task_free(struct task *own_task)
{
    loop_timer_stop(own_task->expander->ctx->loop, &own_task->again);
    chunk_done(&own_task->chunk);
    members_done(&own_task->members);
    failed_done(&own_task->resent);
    job_done(&own_task->job);
    kafka_kept_done(&own_task->kept);
    xfree(own_task);
}

/* Something is away: the slice is begun again in a while. Chunks that are made stay what they are. */
static void pause(struct task *task)
{
    struct loop *loop = task->expander->ctx->loop;
    if (task->again.at == 0)
        loop_timer_set(loop, &task->again, loop_now_ms(loop) + PAUSE_MS);
}

/* --- the ends of a task --- */

static void on_put(void *arg, enum err err)
{
    struct task *task = arg;
    if (err == ERR_OK)
        expander_finish(task->expander, task);
    else
        pause(task);
}

/* Into the delay queue, under the send's name. */
static void put(struct task *task, struct str record, int64_t at_ms)
{
    char name[CHUNK_NAME_SIZE], key[ID_TEXT_SIZE];
    job_name(name, &task->job);
    id_format(key, task->job.shared.send);
    const struct due due = {
        .name = str_of(name), .topic = STR(TOPIC_JOBS), .key = str_of(key), .record = record};
    const struct expander *e = task->expander;
    if (due_put(e->links.redis, (unsigned)e->ctx->settings->due_shards, &due, at_ms, on_put,
                task) != ERR_OK)
        pause(task);
}

static void put_rest(struct task *task)
{
    struct buf record = {.cap = RECORD_CAP};
    struct job rest = task->job; /* should this fail, the slice is begun again */
    rest.next = task->number;
    rest.asleep = task->asleep;
    job_write(&record, &rest);
    put(task, buf_view(&record), task->next_ms);
    buf_done(&record);
}

static void on_ended(void *arg, enum err err)
{
    struct task *task = arg;
    if (err != ERR_OK) {
        pause(task);
        return;
    }
    LOG(LOG_INFO, EV("expanded"), KSTR("account", task->job.shared.account),
        KID("send", task->job.shared.send), KINT("chunks", task->number));
    expander_finish(task->expander, task);
}

static void on_buried(void *arg, enum kafka_outcome outcome)
{
    struct task *task = arg;
    if (outcome == KAFKA_PERSISTED)
        expander_finish(task->expander, task);
    else
        pause(task);
}

static void bury(struct task *task)
{
    if (links_dead_letter(&task->expander->links, task->dead, TOPIC_JOBS, &task->kept.record,
                          on_buried, task) != ERR_OK)
        pause(task);
}

static struct sharer sharer_of(const struct task *task, char name[CHUNK_NAME_SIZE])
{
    job_name(name, &task->job);
    return (struct sharer){.account = task->job.shared.account,
                           .name = str_of(name),
                           .weight = task->state.weight,
                           .drain_milli = task->job.pace.drain_milli};
}

static void leave_shares(const struct task *task)
{
    char name[CHUNK_NAME_SIZE];
    const struct sharer sharer = sharer_of(task, name);
    shares_leave(task->expander->links.redis, &sharer);
}

static void end_job(struct task *task)
{
    leave_shares(task);
    if (jobs_end(task->expander->links.redis, &task->job, on_ended, task) != ERR_OK)
        pause(task);
}

/* Kafka has answered for all chunks of the slice. */
static void end_slice(struct task *task)
{
    task->idle = false;
    if (task->failed)
        pause(task);
    else if (task->at_end)
        end_job(task);
    else
        put_rest(task);
}

static void finish_slice(struct task *task)
{
    task->idle = true;
    if (task->waiting == 0)
        end_slice(task);
}

/* --- publishing a chunk --- */

/* A chunk that Kafka was given. */
struct given {
    struct task *task;
    size_t bytes;
};

static void on_published(void *arg, enum kafka_outcome outcome)
{
    struct given *own_given = arg;
    struct task *task = own_given->task;
    struct expander *e = task->expander;
    size_t bytes = own_given->bytes;
    xfree(own_given);
    task->failed = task->failed || outcome != KAFKA_PERSISTED;
    if (--task->waiting == 0 && task->idle)
        end_slice(task);
    expander_taken(e, bytes);
}

static bool give_kafka(struct task *task, const char *topic, struct str key, struct str record)
{
    struct expander *e = task->expander;
    struct given *given = xalloc(sizeof(*given));
    *given = (struct given){task, record.n};
    if (kafka_produce(e->links.producer, topic, key, record, on_published, given) != ERR_OK) {
        xfree(given);
        return false;
    }
    e->out_bytes += record.n;
    task->waiting++;
    return true;
}

void task_unhold(struct task *task)
{
    if (!task->held)
        return;
    task->held = false;
    go_on(task);
}

static void publish(struct task *task)
{
    static struct buf record = {.cap = RECORD_CAP}; /* scratch: Kafka's client copies it */
    char id[ID_TEXT_SIZE], key[ID_TEXT_SIZE + 16];
    const char *topic =
        task->chunk.type == MESSAGE_VERIFY ? TOPIC_DISPATCH_FAST : TOPIC_DISPATCH_BULK;
    buf_clear(&record);
    chunk_write(&record, &task->chunk);
    id_format(id, task->chunk.send);
    (void)snprintf(key, sizeof(key), "%s/%u", id, task->chunk.number);
    task->failed = !give_kafka(task, topic, str_of(key), buf_view(&record)) || task->failed;
    asleep_add(&task->asleep, &task->chunk, task->expander->local_time, task->state.now_ms);
    chunk_done(&task->chunk);
    task->number++;
    task->held = expander_full(task->expander);
    if (!task->held)
        go_on(task);
}

/* --- making a chunk --- */

static void give_up(struct task *task)
{
    chunk_done(&task->chunk);
    task->failed = true;
    finish_slice(task);
}

static void on_made(void *arg, enum err err, const struct job_state *state)
{
    struct task *task = arg;
    if (err != ERR_OK) {
        give_up(task);
        return;
    }
    if (state->cancelled) {
        chunk_done(&task->chunk);
        task->at_end = true;
        finish_slice(task);
        return;
    }
    task->cursor = state->cursor;
    if (state->cursor.next == task->to.next && strcmp(state->cursor.after, task->to.after) == 0) {
        expander_count_made(task->expander, &task->chunk);
        publish(task);
        return;
    }
    chunk_done(&task->chunk); /* another made it: read it as it is */
    go_on(task);
}

static void make(struct task *task)
{
    if (jobs_make_chunk(task->expander->links.redis, &task->chunk, &task->cursor, &task->to,
                        on_made, task) != ERR_OK)
        give_up(task);
}

static void make_explicit(struct task *task)
{
    fill_begin(&task->chunk, &task->job, task->number);
    fill_explicit(&task->chunk, &task->job);
    task->to = task->cursor;
    task->to.next = task->number + 1;
    make(task);
}

static void make_of_members(struct task *task, const struct str *contacts)
{
    fill_begin(&task->chunk, &task->job, task->number);
    fill_members(&task->chunk, &task->job, &task->members, contacts);
    task->to.next = task->number + 1;
    memcpy(task->to.after, task->members.after, sizeof(task->to.after));
    make(task);
}

static void on_contacts(void *arg, enum err err, const struct str *texts, size_t count)
{
    struct task *task = arg;
    if (err != ERR_OK || count != task->members.count)
        give_up(task);
    else
        make_of_members(task, texts);
}

/* The recipients of the next chunk were looked up. True: there is no such chunk. */
static bool is_over(struct task *task, enum err err, size_t count)
{
    if (err != ERR_OK) {
        give_up(task);
    } else if (count == 0) {
        task->at_end = true;
        finish_slice(task);
    }
    return err != ERR_OK || count == 0;
}

static void on_members(void *arg, enum err err)
{
    struct task *task = arg;
    struct id ids[CHUNK_MAX];
    if (is_over(task, err, task->members.count))
        return;
    if (!task->job.template) {
        make_of_members(task, NULL);
        return;
    }
    for (size_t i = 0; i < task->members.count; i++)
        ids[i] = task->members.list[i].contact;
    if (contacts_get_many(task->expander->links.redis, task->job.shared.account, ids,
                          task->members.count, on_contacts, task) != ERR_OK)
        give_up(task);
}

/* --- a resend --- */

static void on_failed(void *arg, enum err err)
{
    struct task *task = arg;
    if (is_over(task, err, task->chunk.to_count))
        return;
    task->to.next = task->number + 1;
    memcpy(task->to.after, task->resent.after, sizeof(task->to.after));
    make(task);
}

static void make_of_failed(struct task *task)
{
    fill_begin(&task->chunk, &task->job, task->number);
    memcpy(task->resent.after, task->cursor.after, sizeof(task->resent.after));
    if (failed_next(&task->resent, task->expander->links.redis, &task->job, &task->chunk, on_failed,
                    task) != ERR_OK)
        give_up(task);
}

/* --- chunks that were made before --- */

static void on_read(void *arg, enum err err)
{
    struct task *task = arg;
    if (err != ERR_OK) {
        give_up(task);
        return;
    }
    metrics_add(task->expander->ctx->metrics, EXPANDER_AGAIN, 1);
    publish(task);
}

static void read_back(struct task *task)
{
    fill_begin(&task->chunk, &task->job, task->number);
    if (jobs_read_chunk(task->expander->links.redis, &task->chunk, on_read, task) != ERR_OK)
        give_up(task);
}

/* The next chunk of the slice, or its end. */
static void go_on(struct task *task)
{
    bool made = task->number < task->cursor.next;
    task->at_end = !made && task->job.group_count == 0 && !job_is_resend(&task->job) &&
                   task->number >= job_explicit_chunks(&task->job);
    if (task->failed || task->at_end || task->number >= task->end)
        finish_slice(task);
    else if (made)
        read_back(task);
    else if (job_is_resend(&task->job))
        make_of_failed(task);
    else if (task->number < job_explicit_chunks(&task->job))
        make_explicit(task);
    else if (members_next(&task->members, task->expander->links.redis, &task->job,
                          task->cursor.after, on_members, task) != ERR_OK)
        give_up(task);
}

/* --- the begin --- */

static bool is_early(const struct task *task)
{
    return task->job.shared.due_ms > clock_wall_ms();
}

static struct slices_seen seen_of(const struct task *task)
{
    const struct job_state *state = &task->state;
    return (struct slices_seen){
        .now_ms = state->now_ms,
        .made = state->made,
        .queued = state->queued,
        .asleep = asleep_count(&task->asleep, state->now_ms),
        .rate_milli = state->rate_milli >= 0 ? state->rate_milli : task->job.shared.rate_milli,
        .least_wait_ms = (int64_t)task->kept.record.value.n / BYTES_PER_MS,
    };
}

static void begin(struct task *task, const struct slices_share *share)
{
    const struct slices_seen seen = seen_of(task);
    const struct slices_plan plan = slices_plan(&task->job.pace, &seen, share);
    uint32_t again = task->cursor.next > task->number ? task->cursor.next - task->number : 0;
    task->next_ms = task->state.now_ms + (again > SLICES_CHUNKS_MAX ? 0 : plan.wait_ms);
    again = again < SLICES_CHUNKS_MAX ? again : SLICES_CHUNKS_MAX;
    task->end = task->number + (plan.chunks > again ? plan.chunks : again);
    go_on(task);
}

/* Without Redis' answer the send does as if it were alone. */
static void on_shares(void *arg, enum err err, const struct shares *shares)
{
    struct slices_share share = {.all_milli = 0};
    if (err == ERR_OK)
        share = (struct slices_share){shares->all_milli, shares->millionths};
    begin(arg, &share);
}

static void look(struct task *task)
{
    char name[CHUNK_NAME_SIZE];
    const struct slices_seen seen = seen_of(task);
    slices_look(&task->job.pace, &seen);
    const struct sharer sharer = sharer_of(task, name);
    if (shares_take(task->expander->links.redis, &sharer, on_shares, task) != ERR_OK)
        on_shares(task, ERR_IO, NULL);
}

/* What control of sends set counts instead of what the job says. */
static void obey(struct task *task)
{
    struct chunk *shared = &task->job.shared;
    if (task->state.due_ms > 0)
        shared->due_ms = task->state.due_ms;
    if (task->state.until_ms > 0)
        shared->until_ms = task->state.until_ms;
}

static void put_back(struct task *task, int64_t at_ms)
{
    leave_shares(task);
    put(task, task->kept.record.value, at_ms);
}

static void on_opened(void *arg, enum err err, const struct job_state *state)
{
    struct task *task = arg;
    if (err != ERR_OK) {
        pause(task);
        return;
    }
    task->state = *state;
    task->cursor = state->cursor;
    obey(task);
    if (state->ended) {
        expander_finish(task->expander, task);
    } else if (state->cancelled) {
        task->at_end = true;
        finish_slice(task);
    } else if (state->paused) {
        put_back(task, state->now_ms + PAUSED_MS);
    } else if (is_early(task)) {
        put(task, task->kept.record.value, task->job.shared.due_ms);
    } else if (state->still) {
        put_back(task, state->now_ms + STILL_MS);
    } else {
        look(task);
    }
}

void task_start(struct task *task)
{
    task->failed = task->at_end = task->idle = task->held = false;
    task->number = task->job.next;
    task->asleep = task->job.asleep;
    if (task->dead != NULL) {
        bury(task);
        return;
    }
    if (jobs_open(task->expander->links.redis, &task->job, task->job.to_count, is_early(task),
                  on_opened, task) != ERR_OK)
        pause(task);
}
