#include "workers/expander/expander.h"

#include "common/base/log.h"
#include "common/io/kafka_topics.h"
#include "common/sms/sweep.h"
#include "common/worker/zones.h"
#include "workers/expander/sweeping.h"
#include "workers/expander/task.h"

enum {
    PRODUCE_TIMEOUT_MS = 30000,
    PRODUCER_QUEUE = 20000,
    OPEN_MAX = 64,
    OPEN_BYTES_MAX = 8 * 1024 * 1024, /* but for the first */
    OUT_BYTES_MAX = 4 * 1024 * 1024,
    OPEN_CAP = 10000,
    REVOKE_WAIT_MS = 2000,
    CLOSE_WAIT_MS = 5000,
};

static const struct metric_def metric_defs[] = {EXPANDER_METRICS(METRIC_DEF)};

static void forget(struct expander *e, struct task *own_task)
{
    if (own_task->prev != NULL)
        own_task->prev->next = own_task->next;
    else
        e->tasks = own_task->next;
    if (own_task->next != NULL)
        own_task->next->prev = own_task->prev;
    e->open--;
    e->open_bytes -= own_task->kept.record.value.n;
    task_free(own_task);
}

void expander_count_made(struct expander *e, const struct chunk *chunk)
{
    int64_t failed = 0;
    for (size_t i = 0; chunk->items != NULL && i < chunk->to_count; i++)
        failed += chunk->items[i].error != ERROR_NONE;
    metrics_add(e->ctx->metrics, EXPANDER_CHUNKS, 1);
    metrics_add(e->ctx->metrics, EXPANDER_RECIPIENTS, (int64_t)chunk->to_count);
    metrics_add(e->ctx->metrics, EXPANDER_FAILED, failed);
}

void expander_finish(struct expander *e, struct task *own_task)
{
    const struct kafka_record *record = &own_task->kept.record;
    kafka_finish(e->consumer, record->partition, record->offset, record->epoch);
    forget(e, own_task);
    kafka_consumer_more(e->consumer);
}

bool expander_full(const struct expander *e)
{
    return e->out_bytes >= OUT_BYTES_MAX;
}

void expander_taken(struct expander *e, size_t bytes)
{
    struct task *next;
    e->out_bytes -= bytes;
    for (struct task *task = e->tasks; task != NULL && !expander_full(e); task = next) {
        next = task->next; /* it may end */
        task_unhold(task);
    }
}

static bool on_record(void *arg, const struct kafka_record *record)
{
    struct expander *e = arg;
    if (e->draining || switch_stopped(&e->traffic) || e->open >= OPEN_MAX ||
        (e->open > 0 && e->open_bytes + record->value.n > OPEN_BYTES_MAX))
        return false;
    if (sweep_is(record->value)) {
        sweeping_start(e, record);
        return true;
    }
    struct task *task = task_new(e, record);
    task->next = e->tasks;
    if (e->tasks != NULL)
        e->tasks->prev = task;
    e->tasks = task;
    e->open++;
    e->open_bytes += task->kept.record.value.n;
    if (task->dead != NULL)
        metrics_add(e->ctx->metrics, EXPANDER_DEAD_LETTERS, 1);
    task_start(task);
    return true;
}

static void set_gauges(void *arg)
{
    struct expander *e = arg;
    metrics_set(e->ctx->metrics, EXPANDER_OPEN, e->open);
    metrics_set(e->ctx->metrics, EXPANDER_PAUSED, e->traffic.paused);
}

static void on_switched(void *arg, bool paused)
{
    struct expander *e = arg;
    LOG(paused ? LOG_WARN : LOG_INFO, EV(paused ? "traffic_paused" : "traffic_goes"));
    if (!paused)
        kafka_consumer_more(e->consumer);
}

static enum err start(struct worker_ctx *ctx, void *arg)
{
    static const char *const topics[] = {TOPIC_DEAD, NULL};
    static const struct links_conf links = {PRODUCE_TIMEOUT_MS, 5, PRODUCER_QUEUE, topics};
    struct expander *e = arg;
    const struct kafka_consumer_conf consumer = {
        .brokers = ctx->settings->kafka_brokers,
        .client_id = ctx->name,
        .group = "sms-expander",
        .topic = TOPIC_JOBS,
        .revoke_wait_ms = REVOKE_WAIT_MS,
        .open_cap = OPEN_CAP,
        .record = on_record,
        .arg = e,
    };
    e->ctx = ctx;
    metrics_before_write(ctx->metrics, set_gauges, e);
    enum err err = zones_open(&e->local_time);
    if (err == ERR_OK)
        err = links_open(&e->links, ctx, &links);
    if (err == ERR_OK)
        err = kafka_consumer_new(&e->consumer, ctx->loop, &consumer);
    if (err == ERR_OK) {
        e->traffic.changed = on_switched;
        e->traffic.arg = e;
        switch_watch(&e->traffic, ctx->loop, e->links.redis);
    }
    return err;
}

static bool ready(void *arg, const char **ret_why)
{
    const struct expander *e = arg;
    if (!links_ready(&e->links, ret_why))
        return false;
    *ret_why = "Kafka has not given this worker its partitions yet";
    return kafka_consumer_assigned(e->consumer);
}

static void drain(void *arg)
{
    struct expander *e = arg;
    e->draining = true;
    kafka_consumer_stop(e->consumer);
}

static bool drained(void *arg)
{
    const struct expander *e = arg;
    return e->open == 0;
}

static void left(void *arg, struct buf *text)
{
    const struct expander *e = arg;
    buf_printf(text, "%u jobs; they are read again by the next owner", e->open);
}

static void stop(void *arg)
{
    struct expander *e = arg;
    switch_unwatch(&e->traffic);
    links_close(&e->links, CLOSE_WAIT_MS); /* ends what waits for Kafka or Redis */
    kafka_consumer_free(e->consumer);
    e->consumer = NULL;
    while (e->tasks != NULL)
        forget(e, e->tasks);
    local_time_free(e->local_time);
    sweeping_stop_all(e);
}

struct worker expander_worker(struct expander *expander)
{
    return (struct worker){
        .id = WORKER_EXPANDER,
        .summary = "Cuts large sends, and those to groups, into chunks.",
        .metrics = metric_defs,
        .metric_count = EXPANDER_METRIC_COUNT,
        .start = start,
        .ready = ready,
        .drain = drain,
        .drained = drained,
        .left = left,
        .stop = stop,
        .arg = expander,
    };
}
