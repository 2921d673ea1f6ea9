#include "common/io/kafka.h"

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/io/kafka_client.h"
#include "common/io/kafka_topics.h"

#include <stdatomic.h>
#include <stdio.h>

enum { MAX_TOPICS = 16, POLL_MS = 1000, PURGE_MS = 2000, STICK_MS = 20, API_KEY_PRODUCE = 0 };

struct topic {
    char name[64];
    rd_kafka_topic_t *handle;
};

/* A record on its way. */
struct flight {
    kafka_produced_fn fn;
    void *arg;
    unsigned requests_before; /* Produce requests written when it was handed over */
};

struct kafka_producer {
    struct loop *loop;
    struct kafka_producer_conf conf;
    rd_kafka_t *rk; /* NULL while a dead one could not be replaced */
    rd_kafka_queue_t *queue;
    struct kafka_wakeup wakeup;
    struct loop_timer
        timer; /* librdkafka wants a poll now and then, whatever the descriptor says */
    struct topic topics[MAX_TOPICS];
    size_t topic_count;
    atomic_uint
        requests; /* Produce requests written to a broker, counted by librdkafka's threads */
    unsigned waiting;
    bool connected, closing;
    char *cluster;
};

/* "Not persisted" is librdkafka's word for NOT_LEADER_OR_FOLLOWER too, which a leader that is being
 * shut down also answers after it has appended the batch (Kafka's DelayedProduce); when the retry
 * then times out, the record is in the log all the same. So its word counts only for a record that
 * no request can have carried. */
static bool may_have_been_written(struct kafka_producer *p, const struct flight *flight)
{
    return atomic_load(&p->requests) != flight->requests_before;
}

/* Only a broker that has a record knows its offset. librdkafka also calls persisted, without one,
 * what a later record's acknowledgement seems to imply: that of a record refused (its leader is
 * starting, say), while the next one, already under way, was taken. A broker does that if it knows
 * nothing of the producer in that partition yet: then any sequence number will do. Such a record is
 * not in the log, and librdkafka won't send it again. */
static bool has_place(const rd_kafka_message_t *message)
{
    return message->offset >= 0;
}

static void on_report(rd_kafka_t *rk, const rd_kafka_message_t *message, void *arg)
{
    struct kafka_producer *p = arg;
    struct flight *flight = message->_private;
    enum kafka_outcome outcome = KAFKA_UNKNOWN;
    (void)rk;
    switch (rd_kafka_message_status(message)) {
    case RD_KAFKA_MSG_STATUS_PERSISTED:
        p->connected = true;
        if (has_place(message))
            outcome = KAFKA_PERSISTED;
        else
            LOG(LOG_WARN, EV("kafka_not_vouched_for"),
                KSTR("topic", rd_kafka_topic_name(message->rkt)),
                KINT("partition", message->partition));
        break;
    case RD_KAFKA_MSG_STATUS_NOT_PERSISTED:
        if (flight != NULL && !may_have_been_written(p, flight))
            outcome = KAFKA_NOT_PERSISTED;
        break;
    case RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED:
        break;
    }
    p->waiting--;
    if (flight == NULL)
        return;
    flight->fn(flight->arg, outcome);
    xfree(flight);
}

static void on_error(rd_kafka_t *rk, int code, const char *text, void *arg)
{
    struct kafka_producer *p = arg;
    (void)rk;
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
        p->connected = false;
    LOG(LOG_WARN, EV("kafka_producer"), KSTR("text", text));
}

/* Once a second: the one sign, both ways, of whether any broker is up. The library tells when all
 * are down, but not when one is up again; without this, one who does not produce while we are not
 * connected would never again. */
static int on_stats(rd_kafka_t *rk, char *json, size_t n, void *arg)
{
    struct kafka_producer *p = arg;
    (void)rk;
    (void)n;
    p->connected = strstr(json, "\"state\":\"UP\"") != NULL;
    return 0;
}

/* Called on a broker's thread when a whole request is written, before that thread can fail or
 * finish what it carries. */
/* NOLINTNEXTLINE(readability-function-size): librdkafka's signature */
static rd_kafka_resp_err_t on_request(rd_kafka_t *rk, int fd, const char *broker, int32_t broker_id,
                                      int16_t api_key, int16_t version, int32_t correlation,
                                      size_t size, void *arg)
{
    struct kafka_producer *p = arg;
    (void)rk, (void)fd, (void)broker, (void)broker_id, (void)version, (void)correlation, (void)size;
    if (api_key == API_KEY_PRODUCE)
        atomic_fetch_add(&p->requests, 1);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t watch_requests(rd_kafka_t *rk, const rd_kafka_conf_t *conf, void *arg,
                                          char *why, size_t why_size)
{
    (void)conf, (void)why, (void)why_size;
    return rd_kafka_interceptor_add_on_request_sent(rk, "requests", on_request, arg);
}

static enum err open_handle(struct kafka_producer *p)
{
    char timeout[24], linger[24], queue[24], record_max[24], why[200];
    rd_kafka_conf_t *conf = NULL;
    (void)snprintf(timeout, sizeof(timeout), "%lld", (long long)p->conf.timeout_ms);
    (void)snprintf(linger, sizeof(linger), "%lld", (long long)p->conf.linger_ms);
    (void)snprintf(queue, sizeof(queue), "%u", p->conf.queue_count);
    (void)snprintf(record_max, sizeof(record_max), "%d", KAFKA_JOB_MAX + KAFKA_RECORD_MAX);
    const struct kafka_property properties[] = {
        {"enable.idempotence",
         "true"}, /* with it: acks=all, five requests in flight, retries in order */
        {"delivery.timeout.ms", timeout},
        {"linger.ms", linger},
        {"queue.buffering.max.messages", queue},
        {"queue.buffering.max.kbytes", "262144"},
        {"message.max.bytes", record_max},
        {"statistics.interval.ms", "1000"},
        {"compression.codec", "lz4"},
        {"partitioner", "murmur2_random"}, /* the same placement as the Java client's */
        {NULL, NULL},
    };
    enum err err = kafka_client_conf(&conf, p->conf.brokers, p->conf.client_id, properties);
    if (err != ERR_OK)
        return err;
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_stats_cb(conf, on_stats);
    rd_kafka_conf_set_opaque(conf, p);
    (void)rd_kafka_conf_interceptor_add_on_new(conf, "requests", watch_requests, p);
    p->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
    if (p->rk == NULL) {
        LOG(LOG_ERROR, EV("kafka_producer"), KSTR("text", why));
        rd_kafka_conf_destroy(conf);
        return ERR_CONFIG;
    }
    p->queue = rd_kafka_queue_get_main(p->rk);
    kafka_wakeup_attach(&p->wakeup, p->queue);
    return ERR_OK;
}

static void close_handle(struct kafka_producer *p, int64_t wait_ms)
{
    if (p->rk == NULL)
        return;
    p->closing = true; /* what a callback produced now would never be told of */
    (void)rd_kafka_flush(p->rk, (int)wait_ms);
    (void)rd_kafka_purge(p->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    int64_t until_ms = clock_mono_ms() + PURGE_MS;
    while (p->waiting > 0 && clock_mono_ms() < until_ms)
        (void)rd_kafka_poll(p->rk, 10); /* reports of what was purged */
    p->closing = false;
    for (size_t i = 0; i < p->topic_count; i++)
        rd_kafka_topic_destroy(p->topics[i].handle);
    p->topic_count = 0;
    kafka_wakeup_detach(p->queue);
    rd_kafka_queue_destroy(p->queue);
    rd_kafka_destroy(p->rk);
    p->rk = NULL;
}

/* A fatal error means that the idempotent producer can't keep its promise any more: only a new one
 * can. */
static void replace_if_dead(struct kafka_producer *p)
{
    char why[200];
    if (rd_kafka_fatal_error(p->rk, why, sizeof(why)) == RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    LOG(LOG_WARN, EV("kafka_producer_replaced"), KSTR("text", why));
    close_handle(p, 0);
    if (open_handle(p) != ERR_OK)
        p->rk = NULL;
}

static void serve(struct kafka_producer *p)
{
    if (p->rk == NULL)
        return;
    while (rd_kafka_poll(p->rk, 0) > 0)
        ;
    replace_if_dead(p);
}

static void on_fd(void *arg, int fd, int events)
{
    struct kafka_producer *p = arg;
    (void)fd;
    (void)events;
    kafka_wakeup_read(&p->wakeup);
    serve(p);
}

static void on_timer(void *arg)
{
    struct kafka_producer *p = arg;
    if (p->rk == NULL)
        (void)(open_handle(p) == ERR_OK);
    serve(p);
    loop_timer_set(p->loop, &p->timer, loop_now_ms(p->loop) + POLL_MS);
}

enum err kafka_producer_new(struct kafka_producer **ret_producer, struct loop *loop,
                            const struct kafka_producer_conf *conf)
{
    struct kafka_producer *p = xalloc(sizeof(*p));
    p->loop = loop;
    p->conf = *conf;
    p->timer = (struct loop_timer){.fn = on_timer, .arg = p};
    enum err err = kafka_wakeup_init(&p->wakeup, loop, on_fd, p);
    if (err == ERR_OK)
        err = open_handle(p);
    if (err != ERR_OK) {
        kafka_producer_free(p, 0);
        return err;
    }
    loop_timer_set(loop, &p->timer, loop_now_ms(loop) + POLL_MS);
    *ret_producer = p;
    return ERR_OK;
}

void kafka_producer_free(struct kafka_producer *own_producer, int64_t wait_ms)
{
    struct kafka_producer *p = own_producer;
    if (p == NULL)
        return;
    loop_timer_stop(p->loop, &p->timer);
    close_handle(p, wait_ms);
    kafka_wakeup_done(&p->wakeup);
    xfree(p->cluster);
    xfree(p);
}

static int32_t stick(const rd_kafka_topic_t *topic, const void *key, size_t key_n, int32_t count,
                     void *topic_arg, void *message_arg)
{
    int32_t first = (int32_t)(clock_mono_ms() / STICK_MS % count);
    (void)key;
    (void)key_n;
    (void)topic_arg;
    (void)message_arg;
    for (int32_t i = 0; i < count; i++) {
        int32_t partition = (first + i) % count;
        if (rd_kafka_topic_partition_available(topic, partition))
            return partition;
    }
    return first;
}

static rd_kafka_topic_t *make_topic(const struct kafka_producer *p, const char *name)
{
    const char *const *unordered = p->conf.unordered;
    while (unordered != NULL && *unordered != NULL && strcmp(*unordered, name) != 0)
        unordered++;
    if (unordered == NULL || *unordered == NULL)
        return rd_kafka_topic_new(p->rk, name, NULL);
    /* a new one would not know our time-out */
    rd_kafka_topic_conf_t *conf = rd_kafka_default_topic_conf_dup(p->rk);
    rd_kafka_topic_conf_set_partitioner_cb(conf, stick);
    return rd_kafka_topic_new(p->rk, name, conf);
}

static rd_kafka_topic_t *topic_handle(struct kafka_producer *p, const char *name)
{
    for (size_t i = 0; i < p->topic_count; i++) {
        if (strcmp(p->topics[i].name, name) == 0)
            return p->topics[i].handle;
    }
    if (p->topic_count == MAX_TOPICS)
        return NULL;
    struct topic *topic = &p->topics[p->topic_count];
    (void)snprintf(topic->name, sizeof(topic->name), "%s", name);
    topic->handle = make_topic(p, name);
    if (topic->handle != NULL)
        p->topic_count++;
    return topic->handle;
}

static enum err produce_error(void)
{
    switch ((int)rd_kafka_last_error()) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
        return ERR_TOO_LONG;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        return ERR_NOT_FOUND;
    default:
        return ERR_FULL;
    }
}

enum err kafka_produce(struct kafka_producer *p, const char *topic, struct str key,
                       struct str value, kafka_produced_fn fn, void *arg)
{
    union {
        const char *in;
        void *out;
    } bytes = {.in = value.p}; /* RD_KAFKA_MSG_F_COPY: it is only read */
    rd_kafka_topic_t *handle = p->rk != NULL && !p->closing ? topic_handle(p, topic) : NULL;
    if (value.n > kafka_topic_record_max(topic))
        return ERR_TOO_LONG; /* the broker would say so too, but only later */
    if (handle == NULL)
        return ERR_FULL;
    struct flight *flight = xalloc(sizeof(*flight));
    *flight = (struct flight){fn, arg, atomic_load(&p->requests)};
    if (rd_kafka_produce(handle, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, bytes.out, value.n,
                         key.p, key.n, flight) != 0) {
        xfree(flight);
        return produce_error();
    }
    p->waiting++;
    return ERR_OK;
}

void kafka_producer_learn(struct kafka_producer *p, const char *topic)
{
    if (p->rk != NULL)
        (void)topic_handle(p, topic);
}

unsigned kafka_producer_waiting(const struct kafka_producer *p)
{
    return p->waiting;
}

bool kafka_producer_connected(const struct kafka_producer *p)
{
    return p->rk != NULL && p->connected;
}

const char *kafka_producer_cluster(struct kafka_producer *p)
{
    if (p->cluster == NULL && p->rk != NULL) {
        char *id = rd_kafka_clusterid(p->rk, 0);
        if (id != NULL) {
            p->cluster = xstrndup(id, strlen(id));
            rd_kafka_mem_free(p->rk, id);
            p->connected = true;
        }
    }
    return p->cluster;
}
