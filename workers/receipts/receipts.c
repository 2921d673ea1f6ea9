#include "workers/receipts/receipts.h"

#include "common/base/log.h"
#include "common/io/kafka_topics.h"

enum {
    PRODUCE_TIMEOUT_MS = 30000,
    PRODUCER_QUEUE = 10000,
    OPEN_MAX = 5000,
    OPEN_CAP = 100000,
    GATHER_MS = 20,
    REVOKE_WAIT_MS = 2000,
    PAUSE_MS = 200,
    CLOSE_WAIT_MS = 2000,
};

static const struct metric_def metric_defs[] = {RECEIPTS_METRICS(METRIC_DEF)};

/* A report between Kafka and Redis. */
struct receipt {
    struct receipt *next;
    struct receipts *receipts;
    struct reported reported;
    const char *dead; /* why it is dead-lettered; NULL = it isn't */
    struct kafka_kept kept;
};

struct batch {
    struct receipts *receipts;
    size_t count;
    struct receipt *list[MESSAGES_BATCH];
};

static void wait_for_turn(struct receipt *receipt)
{
    struct receipts *r = receipt->receipts;
    receipt->next = NULL;
    *r->end = receipt;
    r->end = &receipt->next;
}

static struct receipt *take_turn(struct receipts *r)
{
    struct receipt *receipt = r->first;
    r->first = receipt->next;
    if (r->first == NULL)
        r->end = &r->first;
    return receipt;
}

static void on_pause_over(void *arg)
{
    (void)arg; /* waking the loop is enough: give_all runs before each wait */
}

static void pause(struct receipts *r)
{
    if (r->pause.at == 0)
        loop_timer_set(r->ctx->loop, &r->pause, loop_now_ms(r->ctx->loop) + PAUSE_MS);
}

static void receipt_free(struct receipt *own_receipt)
{
    kafka_kept_done(&own_receipt->kept);
    xfree(own_receipt);
}

static void finish(struct receipt *own_receipt)
{
    struct receipts *r = own_receipt->receipts;
    const struct kafka_record *record = &own_receipt->kept.record;
    kafka_finish(r->consumer, record->partition, record->offset, record->epoch);
    r->open--;
    receipt_free(own_receipt);
}

static void on_buried(void *arg, enum kafka_outcome outcome)
{
    struct receipt *receipt = arg;
    if (outcome == KAFKA_PERSISTED) {
        finish(receipt);
        return;
    }
    wait_for_turn(receipt);
    pause(receipt->receipts);
}

static void bury(struct receipt *receipt)
{
    struct receipts *r = receipt->receipts;
    metrics_add(r->ctx->metrics, RECEIPTS_DEAD_LETTERS, 1);
    if (links_dead_letter(&r->links, receipt->dead, TOPIC_REPORTS, &receipt->kept.record, on_buried,
                          receipt) != ERR_OK)
        on_buried(receipt, KAFKA_NOT_PERSISTED);
}

static void applied(struct receipt *receipt)
{
    struct metrics *m = receipt->receipts->ctx->metrics;
    const struct report *report = &receipt->reported.report;
    switch (receipt->reported.written) {
    case WRITTEN_ABSENT:
        receipt->dead = "a report for a message that isn't known";
        bury(receipt);
        return;
    case WRITTEN_CHANGED:
        metrics_add(m, report->state == REPORT_DELIVERED ? RECEIPTS_DELIVERED : RECEIPTS_FAILED, 1);
        LOG(LOG_INFO, EV("report"), KSTR("account", report->account), KID("msg", report->message),
            KINT("attempt", report->attempt),
            KSTR("state", report->state == REPORT_DELIVERED ? "delivered" : "failed"),
            KSTR("reason", error_code(report->error)));
        break;
    case WRITTEN_GIVEN_UP: /* only what an attempt came to */
    case WRITTEN_SAME:
        metrics_add(m, RECEIPTS_SAME, 1);
        break;
    case WRITTEN_REFUSED:
        metrics_add(m, RECEIPTS_REFUSED, 1);
        break;
    }
    finish(receipt);
}

static void on_applied(void *arg, enum err err)
{
    struct batch *batch = arg;
    for (size_t i = 0; i < batch->count; i++) {
        if (err == ERR_OK)
            applied(batch->list[i]);
        else
            wait_for_turn(batch->list[i]); /* applying twice changes nothing */
    }
    if (err != ERR_OK)
        pause(batch->receipts);
    xfree(batch);
}

/* One account's reports from the front of the list, given together. */
static void give(struct receipts *r)
{
    struct reported *reports[MESSAGES_BATCH];
    struct batch *batch = xalloc(sizeof(*batch));
    batch->receipts = r;
    while (r->first != NULL && r->first->dead == NULL && batch->count < MESSAGES_BATCH &&
           (batch->count == 0 || strcmp(r->first->reported.report.account,
                                        batch->list[0]->reported.report.account) == 0)) {
        struct receipt *receipt = take_turn(r);
        reports[batch->count] = &receipt->reported;
        batch->list[batch->count++] = receipt;
    }
    if (messages_report(r->links.redis, reports, batch->count, on_applied, batch) != ERR_OK)
        on_applied(batch, ERR_IO);
}

static int64_t give_all(void *arg)
{
    struct receipts *r = arg;
    while (r->first != NULL && r->pause.at == 0 && redis_connected(r->links.redis)) {
        if (r->first->dead != NULL)
            bury(take_turn(r));
        else
            give(r);
    }
    return -1;
}

static bool on_record(void *arg, const struct kafka_record *record)
{
    struct receipts *r = arg;
    if (r->open >= OPEN_MAX)
        return false;
    struct receipt *receipt = xalloc(sizeof(*receipt));
    receipt->receipts = r;
    kafka_keep(&receipt->kept, record);
    enum err err = report_parse(&receipt->reported.report, record->value);
    if (err != ERR_OK)
        receipt->dead = err_text(err);
    r->open++;
    wait_for_turn(receipt);
    return true;
}

static void set_gauges(void *arg)
{
    struct receipts *r = arg;
    metrics_set(r->ctx->metrics, RECEIPTS_OPEN, r->open);
}

static enum err start(struct worker_ctx *ctx, void *arg)
{
    static const char *const topics[] = {TOPIC_DEAD, NULL};
    static const struct links_conf links = {PRODUCE_TIMEOUT_MS, 5, PRODUCER_QUEUE, topics};
    struct receipts *r = arg;
    const struct kafka_consumer_conf consumer = {
        .brokers = ctx->settings->kafka_brokers,
        .client_id = ctx->name,
        .group = "sms-receipts",
        .topic = TOPIC_REPORTS,
        .revoke_wait_ms = REVOKE_WAIT_MS,
        .open_cap = OPEN_CAP,
        .gather_ms = GATHER_MS,
        .record = on_record,
        .arg = r,
    };
    r->ctx = ctx;
    r->end = &r->first;
    r->pause = (struct loop_timer){.fn = on_pause_over, .arg = r};
    metrics_before_write(ctx->metrics, set_gauges, r);
    loop_hook(ctx->loop, give_all,
              r); /* before the links: what is given to Redis here leaves in the same turn */
    enum err err = links_open(&r->links, ctx, &links);
    return err == ERR_OK ? kafka_consumer_new(&r->consumer, ctx->loop, &consumer) : err;
}

static bool ready(void *arg, const char **ret_why)
{
    const struct receipts *r = arg;
    if (!links_ready(&r->links, ret_why))
        return false;
    *ret_why = "Kafka has not given this worker its partitions yet";
    return kafka_consumer_assigned(r->consumer);
}

static void drain(void *arg)
{
    struct receipts *r = arg;
    kafka_consumer_stop(r->consumer);
}

static bool drained(void *arg)
{
    const struct receipts *r = arg;
    return r->open == 0;
}

static void left(void *arg, struct buf *text)
{
    const struct receipts *r = arg;
    buf_printf(text, "%u reports; they are read again by the next owner", r->open);
}

static void stop(void *arg)
{
    struct receipts *r = arg;
    loop_unhook(r->ctx->loop, give_all, r);
    links_close(&r->links, CLOSE_WAIT_MS);
    loop_timer_stop(r->ctx->loop, &r->pause);
    kafka_consumer_free(r->consumer);
    while (r->first != NULL)
        receipt_free(take_turn(r));
}

struct worker receipts_worker(struct receipts *receipts)
{
    return (struct worker){
        .id = WORKER_RECEIPTS,
        .summary = "Applies carriers' delivery reports.",
        .metrics = metric_defs,
        .metric_count = RECEIPTS_METRIC_COUNT,
        .start = start,
        .ready = ready,
        .drain = drain,
        .drained = drained,
        .left = left,
        .stop = stop,
        .arg = receipts,
    };
}
