#include "common/io/kafka.h"

#include "common/base/buf.h"
#include "common/base/log.h"
#include "common/io/kafka_client.h"
#include "common/io/tracker.h"

#include <stdio.h>

enum { RECORDS_PER_TURN = 500, POLL_MS = 500, FETCH_WAIT_MS = 100 };

static const char GATHER_BYTES[] = "32768";

/* Each partition has its queue, apart from the one for the group's events: a reader without room,
 * or a partition with too many open records, must not keep the group from moving partitions. */
struct partition {
    int32_t number;
    uint32_t epoch;
    struct tracker open;
    rd_kafka_queue_t *queue;
    rd_kafka_message_t *held; /* the reader had no room for it */
};

struct kafka_consumer {
    struct loop *loop;
    struct kafka_consumer_conf conf;
    rd_kafka_t *rk;
    rd_kafka_queue_t *events;
    struct kafka_wakeup wakeup;
    struct loop_timer
        timer; /* librdkafka wants a poll now and then, whatever the descriptor says */
    struct loop_timer revoke; /* set while a revocation waits for open records */
    struct partition *partitions;
    size_t partition_count;
    size_t next; /* partition to begin with */
    uint32_t epoch;
    bool full; /* the reader had no room */
    bool stopped, assigned, closing;
};

/* --- which partitions are ours --- */

static struct partition *partition_of(struct kafka_consumer *c, int32_t number)
{
    for (size_t i = 0; i < c->partition_count; i++) {
        if (c->partitions[i].number == number)
            return &c->partitions[i];
    }
    return NULL;
}

static void partition_init(struct kafka_consumer *c, struct partition *p, int32_t number)
{
    *p = (struct partition){.number = number, .epoch = c->epoch};
    tracker_init(&p->open, c->conf.open_cap);
    p->queue = rd_kafka_queue_get_partition(c->rk, c->conf.topic, number);
    if (p->queue == NULL)
        return;
    rd_kafka_queue_forward(p->queue, NULL);
    kafka_wakeup_attach(&c->wakeup, p->queue);
}

static void partition_done(struct partition *p)
{
    tracker_done(&p->open);
    if (p->held != NULL)
        rd_kafka_message_destroy(p->held); /* one that is kept makes closing hang */
    if (p->queue == NULL)
        return;
    kafka_wakeup_detach(p->queue); /* the library keeps the queue, for when it comes back to us */
    rd_kafka_queue_destroy(p->queue);
}

static void forget_partitions(struct kafka_consumer *c)
{
    for (size_t i = 0; i < c->partition_count; i++)
        partition_done(&c->partitions[i]);
    xfree(c->partitions);
    c->partitions = NULL;
    c->partition_count = 0;
    c->next = 0;
    c->assigned = c->full = false;
}

/* Before the assignment, so that no record comes where nobody looks for it. */
static void take_partitions(struct kafka_consumer *c, const rd_kafka_topic_partition_list_t *list)
{
    forget_partitions(c);
    c->epoch++;
    c->partition_count = (size_t)list->cnt;
    c->partitions = xalloc_array(c->partition_count, sizeof(c->partitions[0]));
    for (size_t i = 0; i < c->partition_count; i++)
        partition_init(c, &c->partitions[i], list->elems[i].partition);
    c->assigned = true;
}

static bool revoking(const struct kafka_consumer *c)
{
    return c->revoke.at != 0;
}

/* The library commits what is stored, and only then joins the group again. */
static void let_go(struct kafka_consumer *c)
{
    loop_timer_stop(c->loop, &c->revoke);
    forget_partitions(c);
    (void)rd_kafka_assign(c->rk, NULL);
    loop_timer_set(c->loop, &c->timer, loop_now_ms(c->loop));
}

static void on_revoke_late(void *arg)
{
    let_go(arg);
}

static void on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t err,
                         rd_kafka_topic_partition_list_t *list, void *arg)
{
    struct kafka_consumer *c = arg;
    if (err == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        take_partitions(c, list);
        (void)rd_kafka_assign(rk, list);
        loop_timer_set(c->loop, &c->timer, loop_now_ms(c->loop));
        return;
    }
    if (c->closing || kafka_consumer_open(c) == 0 || rd_kafka_assignment_lost(rk))
        let_go(c);
    else /* the group waits for our answer, and nothing new is handed out meanwhile */
        loop_timer_set(c->loop, &c->revoke, loop_now_ms(c->loop) + c->conf.revoke_wait_ms);
}

/* --- handing out --- */

static void report(struct kafka_consumer *c, const rd_kafka_message_t *message)
{
    LOG(LOG_WARN, EV("kafka_consumer"), KSTR("topic", c->conf.topic),
        KSTR("text", rd_kafka_message_errstr(message)));
}

/* False when the reader has no room. */
static bool hand_out(struct kafka_consumer *c, struct partition *p,
                     const rd_kafka_message_t *message)
{
    const struct kafka_record record = {
        .key = {message->key, message->key_len},
        .value = {message->payload, message->len},
        .partition = message->partition,
        .offset = message->offset,
        .epoch = p->epoch,
    };
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        report(c, message);
        return true;
    }
    if (tracker_open(&p->open, message->offset) != ERR_OK)
        return false;
    if (c->conf.record(c->conf.arg, &record))
        return true;
    tracker_forget_last(&p->open);
    return false;
}

/* True when there may be more than most. */
static bool hand_out_from(struct kafka_consumer *c, struct partition *p, size_t most)
{
    for (size_t i = 0; i < most; i++) {
        if (p->queue == NULL || tracker_count(&p->open) >= c->conf.open_cap)
            return false;
        rd_kafka_message_t *message =
            p->held != NULL ? p->held : rd_kafka_consume_queue(p->queue, 0);
        p->held = NULL;
        if (message == NULL)
            return false;
        if (!hand_out(c, p, message)) {
            p->held = message;
            c->full = true;
            return false;
        }
        rd_kafka_message_destroy(message);
    }
    return true;
}

static void hand_out_all(struct kafka_consumer *c)
{
    bool more = false;
    if (c->partition_count == 0)
        return;
    size_t most = RECORDS_PER_TURN / c->partition_count + 1;
    for (size_t i = 0; i < c->partition_count && !c->full; i++) {
        struct partition *p = &c->partitions[(c->next + i) % c->partition_count];
        more = hand_out_from(c, p, most) || more;
    }
    c->next = (c->next + 1) % c->partition_count;
    if (more && !c->full) /* after the others had their turn */
        loop_timer_set(c->loop, &c->timer, loop_now_ms(c->loop));
}

/* What the group and the brokers have to tell; a rebalance calls on_rebalance. */
static void serve_events(struct kafka_consumer *c)
{
    rd_kafka_message_t *message;
    while (!revoking(c) && (message = rd_kafka_consumer_poll(c->rk, 0)) != NULL) {
        report(c, message);
        rd_kafka_message_destroy(message);
    }
}

static void serve(struct kafka_consumer *c)
{
    serve_events(c);
    if (!revoking(c) && !c->stopped && !c->full)
        hand_out_all(c);
}

static void on_fd(void *arg, int fd, int events)
{
    struct kafka_consumer *c = arg;
    (void)fd;
    (void)events;
    kafka_wakeup_read(&c->wakeup);
    serve(c);
}

static void on_timer(void *arg)
{
    struct kafka_consumer *c = arg;
    loop_timer_set(c->loop, &c->timer, loop_now_ms(c->loop) + POLL_MS);
    serve(c);
}

void kafka_consumer_more(struct kafka_consumer *c)
{
    if (!c->full)
        return;
    c->full = false;
    loop_timer_set(c->loop, &c->timer, loop_now_ms(c->loop));
}

void kafka_consumer_stop(struct kafka_consumer *c)
{
    c->stopped = true;
}

static void store(struct kafka_consumer *c, int32_t partition, int64_t next)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, c->conf.topic, partition)->offset = next;
    /* refused only for a partition that is being taken away */
    (void)rd_kafka_offsets_store(c->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
}

void kafka_finish(struct kafka_consumer *c, int32_t partition, int64_t offset, uint32_t epoch)
{
    struct partition *p = partition_of(c, partition);
    kafka_consumer_more(
        c); /* also when it is of an earlier assignment: the reader has room again */
    if (p == NULL || p->epoch != epoch)
        return;
    bool crowded = tracker_count(&p->open) >= c->conf.open_cap;
    int64_t next = tracker_finish(&p->open, offset);
    if (next >= 0)
        store(c, partition, next);
    if (revoking(c) && kafka_consumer_open(c) == 0)
        loop_timer_set(c->loop, &c->revoke, loop_now_ms(c->loop));
    else if (crowded && next >= 0)
        loop_timer_set(c->loop, &c->timer, loop_now_ms(c->loop));
}

unsigned kafka_consumer_open(const struct kafka_consumer *c)
{
    size_t open = 0;
    for (size_t i = 0; i < c->partition_count; i++)
        open += tracker_unfinished(&c->partitions[i].open);
    return (unsigned)open;
}

bool kafka_consumer_assigned(const struct kafka_consumer *c)
{
    return c->assigned;
}

/* --- the handle --- */

static void on_error(rd_kafka_t *rk, int code, const char *text, void *arg)
{
    struct kafka_consumer *c = arg;
    (void)rk;
    LOG(LOG_WARN, EV("kafka_consumer"), KSTR("topic", c->conf.topic), KINT("code", code),
        KSTR("text", text));
}

static enum err open_handle(struct kafka_consumer *c)
{
    char why[200], wait[24];
    rd_kafka_conf_t *conf = NULL;
    (void)snprintf(wait, sizeof(wait), "%lld",
                   (long long)(c->conf.gather_ms > 0 ? c->conf.gather_ms : FETCH_WAIT_MS));
    const struct kafka_property properties[] = {
        {"group.id", c->conf.group},
        {"enable.auto.commit", "true"}, /* of what is stored; storing is ours */
        {"auto.commit.interval.ms", "1000"},
        {"enable.auto.offset.store", "false"},
        {"auto.offset.reset",
         "earliest"}, /* the library's own default would skip what came before the first commit */
        {"partition.assignment.strategy",
         "range"}, /* five faults of 2.0.2 are in the cooperative one only */
        {"session.timeout.ms", "10000"},
        {"heartbeat.interval.ms", "1000"},
        {"queued.min.messages", "2000"},
        {"queued.max.messages.kbytes", "2048"}, /* of each partition, since each has its queue */
        {"fetch.min.bytes", c->conf.gather_ms > 0 ? GATHER_BYTES : "1"},
        {"fetch.wait.max.ms", wait},
        {"fetch.error.backoff.ms", "100"},
        {"check.crcs", "true"},
        {NULL, NULL},
    };
    enum err err = kafka_client_conf(&conf, c->conf.brokers, c->conf.client_id, properties);
    if (err != ERR_OK)
        return err;
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_opaque(conf, c);
    c->rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
    if (c->rk == NULL) {
        LOG(LOG_ERROR, EV("kafka_consumer"), KSTR("text", why));
        rd_kafka_conf_destroy(conf);
        return ERR_CONFIG;
    }
    (void)rd_kafka_poll_set_consumer(c->rk);
    c->events = rd_kafka_queue_get_consumer(c->rk);
    kafka_wakeup_attach(&c->wakeup, c->events);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    (void)rd_kafka_topic_partition_list_add(topics, c->conf.topic, RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t subscribed = rd_kafka_subscribe(c->rk, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    return subscribed == RD_KAFKA_RESP_ERR_NO_ERROR ? ERR_OK : ERR_CONFIG;
}

enum err kafka_consumer_new(struct kafka_consumer **ret_consumer, struct loop *loop,
                            const struct kafka_consumer_conf *conf)
{
    struct kafka_consumer *c = xalloc(sizeof(*c));
    c->loop = loop;
    c->conf = *conf;
    c->timer = (struct loop_timer){.fn = on_timer, .arg = c};
    c->revoke = (struct loop_timer){.fn = on_revoke_late, .arg = c};
    enum err err = kafka_wakeup_init(&c->wakeup, loop, on_fd, c);
    if (err == ERR_OK)
        err = open_handle(c);
    if (err != ERR_OK) {
        kafka_consumer_free(c);
        return err;
    }
    loop_timer_set(loop, &c->timer, loop_now_ms(loop));
    *ret_consumer = c;
    return ERR_OK;
}

void kafka_consumer_free(struct kafka_consumer *own_consumer)
{
    struct kafka_consumer *c = own_consumer;
    if (c == NULL)
        return;
    c->closing = true;
    if (c->rk != NULL) {
        if (revoking(c))
            let_go(c);
        forget_partitions(c);
        (void)rd_kafka_consumer_close(c->rk);
        if (c->events != NULL) {
            kafka_wakeup_detach(c->events);
            rd_kafka_queue_destroy(c->events);
        }
        rd_kafka_destroy(c->rk);
    }
    loop_timer_stop(c->loop, &c->timer);
    loop_timer_stop(c->loop, &c->revoke);
    kafka_wakeup_done(&c->wakeup);
    xfree(c);
}
