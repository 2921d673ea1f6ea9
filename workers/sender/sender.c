#include "workers/sender/sender.h"

#include "common/base/log.h"
#include "common/io/kafka_topics.h"
#include "common/worker/zones.h"

enum {
    PRODUCE_TIMEOUT_MS = 30000,
    PRODUCER_QUEUE = 10000,
    CONNECT_TIMEOUT_MS = 2000,
    ANSWER_CAP_BYTES = 65536,
    LEASE_MARGIN_MS = 3000, /* from the claim to the submit, at most */
    CLOSE_WAIT_MS = 2000,
};

static const struct metric_def metric_defs[] = {SENDER_METRICS(METRIC_DEF)};

static int64_t before_wait(void *arg)
{
    struct sender *s = arg;
    for (unsigned i = 0; i < LANE_COUNT; i++) {
        lane_claim(&s->lanes[i]);
        if (lane_wants(&s->lanes[i]))
            pace_want(&s->pace, i);
    }
    return recorder_flush(s);
}

static void set_gauges(void *arg)
{
    struct sender *s = arg;
    int64_t in_flight = 0, visits = 0;
    for (size_t i = 0; i < LANE_COUNT; i++) {
        in_flight += s->lanes[i].in_use;
        visits += s->lanes[i].visit_count;
    }
    metrics_set(s->ctx->metrics, SENDER_IN_FLIGHT, in_flight);
    metrics_set(s->ctx->metrics, SENDER_VISITS, visits);
    metrics_set(s->ctx->metrics, SENDER_PAUSED, s->traffic.paused);
    metrics_set(s->ctx->metrics, SENDER_CARRIER_LIMIT, (s->pace.limit_milli + 999) / 1000);
    metrics_set(s->ctx->metrics, SENDER_CARRIER_SHUT, (pace_shut_ms(&s->pace) + 999) / 1000);
}

static void on_switched(void *arg, bool paused)
{
    (void)arg; /* lanes look themselves, before each wait of the loop */
    LOG(paused ? LOG_WARN : LOG_INFO, EV(paused ? "traffic_paused" : "traffic_goes"));
}

static enum err open_resolver(struct sender *s)
{
    const struct resolver_conf conf = {
        .servers = s->ctx->settings->dns_servers,
        .search = true,
        .max_questions = 64,
        .max_names = 256,
        .max_waits = 1024,
        .timeout_ms = 5000,
        .min_ttl_ms = 5000,
        .max_ttl_ms = 300000,
        .negative_ttl_ms = 1000,
    };
    enum err err = resolver_new(&s->resolver, s->ctx->loop, &conf);
    if (err != ERR_OK)
        LOG(LOG_ERROR, EV("dns"), KSTR("servers", conf.servers), KSTR("reason", err_text(err)),
            KSTR("action", "SMS_DNS_SERVERS takes address[:port], separated by commas"));
    return err;
}

static enum err open_carriers(struct sender *s)
{
    const struct settings *settings = s->ctx->settings;
    char why[CARRIERS_WHY_SIZE];
    enum err err = carriers_load(&s->carriers, settings->carriers_file, why);
    if (err != ERR_OK) {
        LOG(LOG_ERROR, EV("carriers_file"), KSTR("file", settings->carriers_file),
            KSTR("reason", why),
            KSTR("action", "mend the file, or point SMS_CARRIERS_FILE at another"));
        return err;
    }
    err = open_resolver(s);
    if (err != ERR_OK)
        return err;
    s->carrier = &s->carriers.list[0];
    s->lease_ms = s->carrier->timeout_ms + LEASE_MARGIN_MS;
    pace_init(&s->pace, s);
    const struct httpc_conf conf = {
        .max_calls = (unsigned)(settings->sender_window_fast + settings->sender_window_bulk),
        .connect_timeout_ms = s->carrier->timeout_ms < CONNECT_TIMEOUT_MS ? s->carrier->timeout_ms
                                                                          : CONNECT_TIMEOUT_MS,
        .answer_cap_bytes = ANSWER_CAP_BYTES,
        .resolver = s->resolver,
    };
    return httpc_new(&s->httpc, s->ctx->loop, &conf);
}

static enum err start(struct worker_ctx *ctx, void *arg)
{
    static const char *const topics[] = {TOPIC_DEAD, NULL};
    static const struct links_conf links = {PRODUCE_TIMEOUT_MS, 5, PRODUCER_QUEUE, topics};
    struct sender *s = arg;
    s->ctx = ctx;
    recorder_init(&s->recorder, s);
    metrics_before_write(ctx->metrics, set_gauges, s);
    loop_hook(ctx->loop, before_wait,
              s); /* before the links: what is given to Redis here leaves in the same turn */
    enum err err = open_carriers(s);
    if (err == ERR_OK)
        err = zones_open(&s->local_time);
    if (err == ERR_OK)
        err = links_open(&s->links, ctx, &links);
    if (err == ERR_OK) {
        s->traffic.changed = on_switched;
        switch_watch(&s->traffic, ctx->loop, s->links.redis);
    }
    if (err == ERR_OK)
        err = lane_open(&s->lanes[LANE_FAST], s, TOPIC_DISPATCH_FAST,
                        (unsigned)ctx->settings->sender_window_fast);
    if (err == ERR_OK)
        err = lane_open(&s->lanes[LANE_BULK], s, TOPIC_DISPATCH_BULK,
                        (unsigned)ctx->settings->sender_window_bulk);
    return err;
}

static bool ready(void *arg, const char **ret_why)
{
    struct sender *s = arg;
    if (!links_ready(&s->links, ret_why))
        return false;
    for (size_t i = 0; i < LANE_COUNT; i++) {
        if (!kafka_consumer_assigned(s->lanes[i].consumer)) {
            *ret_why = "Kafka has not given this sender its partitions yet";
            return false;
        }
    }
    return true;
}

static void drain(void *arg)
{
    struct sender *s = arg;
    for (size_t i = 0; i < LANE_COUNT; i++)
        lane_drain(&s->lanes[i]);
}

static unsigned busy(const struct sender *s)
{
    unsigned count = (unsigned)s->recorder.count + s->recorder.on_the_way +
                     kafka_producer_waiting(s->links.producer);
    for (size_t i = 0; i < LANE_COUNT; i++)
        count += lane_busy(&s->lanes[i]);
    return count;
}

static bool drained(void *arg)
{
    return busy(arg) == 0;
}

static void left(void *arg, struct buf *text)
{
    buf_printf(text, "%u messages or chunks under way; their leases settle them", busy(arg));
}

static void stop(void *arg)
{
    struct sender *s = arg;
    loop_unhook(s->ctx->loop, before_wait, s);
    switch_unwatch(&s->traffic);
    httpc_free(s->httpc);
    resolver_free(s->resolver);
    links_close(&s->links, CLOSE_WAIT_MS);
    for (size_t i = 0; i < LANE_COUNT; i++)
        lane_close(&s->lanes[i]);
    pace_stop(&s->pace);
    recorder_done(&s->recorder, s->ctx->loop);
    buf_done(&s->outgoing.body);
    carriers_free(&s->carriers);
    local_time_free(s->local_time);
}

struct worker sender_worker(struct sender *sender)
{
    return (struct worker){
        .id = WORKER_SENDER,
        .summary = "Hands messages to carriers: reads chunks from Kafka, claims them in Redis, "
                   "submits, records.",
        .metrics = metric_defs,
        .metric_count = SENDER_METRIC_COUNT,
        .start = start,
        .ready = ready,
        .drain = drain,
        .drained = drained,
        .left = left,
        .stop = stop,
        .arg = sender,
    };
}
