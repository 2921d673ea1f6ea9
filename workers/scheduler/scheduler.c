#include "workers/scheduler/scheduler.h"

#include "common/base/log.h"
#include "common/io/kafka_topics.h"
#include "common/store/due.h"

enum {
    PRODUCER_QUEUE = 100000,
    CLOSE_WAIT_MS = 5000,
    NAMES_CAP = 16 * 1024 * 1024,
    TAKE_BYTES = 4 * 1024 * 1024, /* a job's record may be twice that */
};

static const struct metric_def metric_defs[] = {SCHEDULER_METRICS(METRIC_DEF)};

/* What one take lent to us. */
struct batch {
    struct shard *shard;
    struct buf lease, names; /* names one after another */
    size_t count, waiting;   /* taken; not yet reported by Kafka */
    int64_t next_ms;         /* from the take until more is due; -1: none waits */
    struct loan *loans;
    struct str *done; /* names to remove */
    size_t done_count;
};

struct loan {
    struct batch *batch;
    size_t from, n; /* its name in batch->names */
};

/* When the next is due as far as was told (next_ms, -1: nothing is), or at the latest when it is
 * time to ask whether something sooner was put. */
static void look_again(struct shard *shard, int64_t next_ms)
{
    const struct worker_ctx *ctx = shard->scheduler->ctx;
    int64_t poll_ms = ctx->settings->scheduler_poll_ms;
    shard->busy = false;
    if (!shard->scheduler->draining)
        loop_timer_set(ctx->loop, &shard->timer,
                       loop_now_ms(ctx->loop) +
                           (next_ms >= 0 && next_ms < poll_ms ? next_ms : poll_ms));
}

static void batch_free(struct batch *own_batch)
{
    buf_done(&own_batch->lease);
    buf_done(&own_batch->names);
    xfree(own_batch->loans);
    xfree(own_batch->done);
    xfree(own_batch);
}

/* Whether they were removed or not: what stayed is due again when its lease ends. */
static void on_removed(void *arg, enum err err)
{
    struct batch *batch = arg;
    look_again(batch->shard, err == ERR_OK ? batch->next_ms : -1);
    batch_free(batch);
}

static void remove_done(struct batch *batch)
{
    struct scheduler *s = batch->shard->scheduler;
    metrics_add(s->ctx->metrics, SCHEDULER_RELEASED, (int64_t)batch->done_count);
    metrics_add(s->ctx->metrics, SCHEDULER_FAILED, (int64_t)(batch->count - batch->done_count));
    if (batch->done_count == 0 ||
        due_done(s->links.redis, batch->shard->number, buf_view(&batch->lease), batch->done,
                 batch->done_count, on_removed, batch) != ERR_OK)
        on_removed(batch, ERR_IO);
}

static void on_published(void *arg, enum kafka_outcome outcome)
{
    struct loan *loan = arg;
    struct batch *batch = loan->batch;
    if (outcome == KAFKA_PERSISTED)
        batch->done[batch->done_count++] = (struct str){batch->names.p + loan->from, loan->n};
    if (--batch->waiting == 0)
        remove_done(batch);
}

/* What Kafka will never take goes to sms.dead. */
static enum err produce(struct loan *loan, const char *topic, const struct due *due)
{
    struct scheduler *s = loan->batch->shard->scheduler;
    const char *why = "the record is larger than its topic takes";
    enum err err = kafka_topic_known(topic) ? kafka_produce(s->links.producer, topic, due->key,
                                                            due->record, on_published, loan)
                                            : ERR_NOT_FOUND;
    if (err == ERR_NOT_FOUND && !kafka_topic_known(topic))
        why = "there is no such topic";
    else if (err != ERR_TOO_LONG)
        return err;
    const struct kafka_record record = {
        .key = due->key, .value = due->record, .partition = -1, .offset = -1};
    metrics_add(s->ctx->metrics, SCHEDULER_DEAD_LETTERS, 1);
    return links_dead_letter(&s->links, why, topic, &record, on_published, loan);
}

static void publish(struct batch *batch, const struct due *list)
{
    char topic[64];
    for (size_t i = 0; i < batch->count; i++) {
        batch->loans[i] = (struct loan){batch, batch->names.n, list[i].name.n};
        buf_str(&batch->names, list[i].name);
    }
    batch->waiting = batch->count + 1; /* itself, so that it lives until all are given */
    for (size_t i = 0; i < batch->count; i++) {
        size_t n = list[i].topic.n < sizeof(topic) - 1 ? list[i].topic.n : sizeof(topic) - 1;
        memcpy(topic, list[i].topic.p, n);
        topic[n] = '\0';
        if (produce(&batch->loans[i], topic, &list[i]) != ERR_OK)
            batch->waiting--;
    }
    if (--batch->waiting == 0)
        remove_done(batch);
}

static void on_taken(void *arg, enum err err, const struct due_taken *taken)
{
    struct shard *shard = arg;
    if (err != ERR_OK || taken->count == 0) {
        look_again(shard, err == ERR_OK ? taken->next_ms : -1);
        return;
    }
    size_t count = taken->count;
    struct batch *batch = xalloc(sizeof(*batch));
    batch->shard = shard;
    batch->count = count;
    batch->next_ms = taken->next_ms;
    batch->loans = xalloc_array(count, sizeof(batch->loans[0]));
    batch->done = xalloc_array(count, sizeof(batch->done[0]));
    buf_init(&batch->lease, 64);
    buf_init(&batch->names, NAMES_CAP);
    buf_str(&batch->lease, taken->lease);
    publish(batch, taken->list);
}

static void on_look(void *arg)
{
    struct shard *shard = arg;
    const struct scheduler *s = shard->scheduler;
    const struct settings *settings = s->ctx->settings;
    const struct due_limits limits = {.lease_ms = settings->scheduler_lease_ms,
                                      .count = (unsigned)settings->scheduler_batch,
                                      .bytes = TAKE_BYTES};
    shard->busy = true;
    if (due_take(s->links.redis, shard->number, &limits, on_taken, shard) != ERR_OK)
        look_again(shard, -1);
}

static enum err start(struct worker_ctx *ctx, void *arg)
{
    static const char *const topics[] = {TOPIC_DISPATCH_FAST, TOPIC_DISPATCH_BULK, TOPIC_JOBS,
                                         TOPIC_DEAD, NULL};
    struct scheduler *s = arg;
    /* A lease must outlast Kafka's answer: what is published after it ended would be published
     * twice. */
    const struct links_conf links = {ctx->settings->scheduler_lease_ms / 2, 1, PRODUCER_QUEUE,
                                     topics};
    s->ctx = ctx;
    s->shard_count = (size_t)ctx->settings->due_shards;
    s->shards = xalloc_array(s->shard_count, sizeof(s->shards[0]));
    enum err err = links_open(&s->links, ctx, &links);
    for (size_t i = 0; i < s->shard_count && err == ERR_OK; i++) {
        struct shard *shard = &s->shards[i];
        *shard = (struct shard){
            .scheduler = s, .number = (unsigned)i, .timer = {.fn = on_look, .arg = shard}};
        loop_timer_set(ctx->loop, &shard->timer, loop_now_ms(ctx->loop));
    }
    return err;
}

static bool ready(void *arg, const char **ret_why)
{
    const struct scheduler *s = arg;
    return links_ready(&s->links, ret_why);
}

static void drain(void *arg)
{
    struct scheduler *s = arg;
    s->draining = true;
    for (size_t i = 0; i < s->shard_count; i++)
        loop_timer_stop(s->ctx->loop, &s->shards[i].timer);
}

static bool drained(void *arg)
{
    const struct scheduler *s = arg;
    for (size_t i = 0; i < s->shard_count; i++) {
        if (s->shards[i].busy)
            return false;
    }
    return true;
}

static void left(void *arg, struct buf *text)
{
    (void)arg;
    buf_text(text, "records lent to this scheduler; they are due again when their leases end");
}

static void stop(void *arg)
{
    struct scheduler *s = arg;
    drain(s);
    links_close(&s->links, CLOSE_WAIT_MS);
    xfree(s->shards);
}

struct worker scheduler_worker(struct scheduler *scheduler)
{
    return (struct worker){
        .id = WORKER_SCHEDULER,
        .summary = "Releases what waits in the delay queue, when its time has come.",
        .metrics = metric_defs,
        .metric_count = SCHEDULER_METRIC_COUNT,
        .start = start,
        .ready = ready,
        .drain = drain,
        .drained = drained,
        .left = left,
        .stop = stop,
        .arg = scheduler,
    };
}
