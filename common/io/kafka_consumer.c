#include "common/io/kafka.h"

#include "common/base/buf.h"
#include "common/base/log.h"
#include "common/io/kafka_client.h"
#include "common/io/tracker.h"

enum { RECORDS_PER_TURN = 500, POLL_MS = 500 };

struct partition {
    int32_t number;
    uint32_t epoch;
    struct tracker open;
};

struct kafka_consumer {
    struct loop *loop;
    struct kafka_consumer_conf conf;
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue;
    struct kafka_wakeup wakeup;
    struct loop_timer
        timer; /* librdkafka wants a poll now and then, whatever the descriptor says */
    struct loop_timer revoke; /* set while a revocation waits for open records */
    struct partition *partitions;
    size_t partition_count;
    uint32_t epoch;
    unsigned open;
    rd_kafka_message_t *held; /* the reader had no room for it */
    bool stopped, assigned;
};

static void serve(struct kafka_consumer *c);

/* --- which partitions are ours
 * ------------------------------------------------------------------------------------ */

static struct partition *partition_of(struct kafka_consumer *c, int32_t number)
{
    for (size_t i = 0; i < c->partition_count; i++) {
        if (c->partitions[i].number == number)
            return &c->partitions[i];
    }
    return NULL;
}

static void forget_partitions(struct kafka_consumer *c)
{
    for (size_t i = 0; i < c->partition_count; i++)
        tracker_done(&c->partitions[i].open);
    xfree(c->partitions);
    c->partitions = NULL;
    c->partition_count = 0;
    c->open = 0;
    c->assigned = false;
    if (c->held != NULL)
        rd_kafka_message_destroy(c->held);
    c->held = NULL;
}

static void take_partitions(struct kafka_consumer *c, const rd_kafka_topic_partition_list_t *list)
{
    forget_partitions(c);
    c->epoch++;
    c->partition_count = (size_t)list->cnt;
    c->partitions = xalloc_array(c->partition_count, sizeof(c->partitions[0]));
    for (size_t i = 0; i < c->partition_count; i++) {
        c->partitions[i] =
            (struct partition){.number = list->elems[i].partition, .epoch = c->epoch};
        tracker_init(&c->partitions[i].open, c->conf.open_cap);
    }
    c->assigned = true;
}

static bool revoking(const struct kafka_consumer *c)
{
    return c->revoke.at != 0;
}

static void let_go(struct kafka_consumer *c)
{
    loop_timer_stop(c->loop, &c->revoke);
    if (!rd_kafka_assignment_lost(c->rk))
        (void)rd_kafka_commit(c->rk, NULL, 0); /* what is stored; nothing stored is fine */
    forget_partitions(c);
    (void)rd_kafka_assign(c->rk, NULL);
    serve(c);
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
        return;
    }
    if (c->open == 0 || rd_kafka_assignment_lost(rk)) {
        if (!rd_kafka_assignment_lost(rk))
            (void)rd_kafka_commit(rk, NULL, 0);
        forget_partitions(c);
        (void)rd_kafka_assign(rk, NULL);
        return;
    }
    /* The group waits for our answer, and nothing new is handed out meanwhile. */
    loop_timer_set(c->loop, &c->revoke, loop_now_ms(c->loop) + c->conf.revoke_wait_ms);
}

/* --- handing out
 * ----------------------------------------------------------------------------------------------------
 */

/* False when the reader has no room, or the partition too many open records. */
static bool hand_out(struct kafka_consumer *c, const rd_kafka_message_t *message)
{
    struct partition *partition = partition_of(c, message->partition);
    if (partition == NULL)
        return true; /* of an assignment that is over */
    if (tracker_count(&partition->open) >= c->conf.open_cap)
        return false;
    const struct kafka_record record = {
        .key = {message->key, message->key_len},
        .value = {message->payload, message->len},
        .partition = message->partition,
        .offset = message->offset,
        .epoch = partition->epoch,
    };
    if (tracker_open(&partition->open, message->offset) != ERR_OK)
        return false;
    c->open++;
    if (c->conf.record(c->conf.arg, &record))
        return true;
    c->open--;
    tracker_forget_last(&partition->open);
    return false;
}

static void hold_or_drop(struct kafka_consumer *c, rd_kafka_message_t *own_message)
{
    if (own_message->err == RD_KAFKA_RESP_ERR_NO_ERROR && !hand_out(c, own_message)) {
        c->held = own_message;
        return;
    }
    if (own_message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        LOG(LOG_WARN, EV("kafka_consumer"), KSTR("topic", c->conf.topic),
            KSTR("text", rd_kafka_message_errstr(own_message)));
    rd_kafka_message_destroy(own_message);
}

static void serve(struct kafka_consumer *c)
{
    if (c->rk == NULL || revoking(c))
        return;
    if (c->held != NULL && !c->stopped) {
        rd_kafka_message_t *again = c->held;
        c->held = NULL;
        hold_or_drop(c, again);
    }
    for (int i = 0; i < RECORDS_PER_TURN && c->held == NULL && !revoking(c); i++) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(c->rk, 0);
        if (message == NULL)
            return;
        if (c->stopped && message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            rd_kafka_message_destroy(
                message); /* not taken, so it is read again by the next owner */
        else
            hold_or_drop(c, message);
    }
    if (c->held == NULL)
        loop_timer_set(c->loop, &c->timer,
                       loop_now_ms(c->loop)); /* more waits: after the others had their turn */
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
    if (c->held != NULL)
        loop_timer_set(c->loop, &c->timer, loop_now_ms(c->loop));
}

void kafka_consumer_stop(struct kafka_consumer *c)
{
    c->stopped = true;
}

void kafka_finish(struct kafka_consumer *c, int32_t partition, int64_t offset, uint32_t epoch)
{
    struct partition *p = partition_of(c, partition);
    if (p == NULL || p->epoch != epoch)
        return;
    int64_t next = tracker_finish(&p->open, offset);
    if (c->open > 0)
        c->open--;
    if (next >= 0) {
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
        rd_kafka_topic_partition_list_add(list, c->conf.topic, partition)->offset = next;
        (void)rd_kafka_offsets_store(
            c->rk, list); /* refused only for a partition that is being taken away */
        rd_kafka_topic_partition_list_destroy(list);
    }
    if (revoking(c) && c->open == 0)
        loop_timer_set(c->loop, &c->revoke, loop_now_ms(c->loop));
    else
        kafka_consumer_more(c);
}

unsigned kafka_consumer_open(const struct kafka_consumer *c)
{
    return c->open;
}

bool kafka_consumer_assigned(const struct kafka_consumer *c)
{
    return c->assigned;
}

/* --- the handle
 * -------------------------------------------------------------------------------------------------------
 */

static void on_error(rd_kafka_t *rk, int code, const char *text, void *arg)
{
    struct kafka_consumer *c = arg;
    (void)rk;
    LOG(LOG_WARN, EV("kafka_consumer"), KSTR("topic", c->conf.topic), KINT("code", code),
        KSTR("text", text));
}

static enum err open_handle(struct kafka_consumer *c)
{
    char why[200];
    rd_kafka_conf_t *conf = NULL;
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
        {"max.poll.interval.ms", "3600000"}, /* while Redis or a carrier is away nothing is taken;
                                                /healthz tells a stuck loop */
        {"queued.min.messages", "2000"},
        {"queued.max.messages.kbytes", "16384"},
        {"fetch.wait.max.ms", "100"},
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
    c->queue = rd_kafka_queue_get_consumer(c->rk);
    kafka_wakeup_attach(&c->wakeup, c->queue);
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
    loop_timer_stop(c->loop, &c->timer);
    loop_timer_stop(c->loop, &c->revoke);
    if (c->rk != NULL) {
        if (c->held != NULL)
            rd_kafka_message_destroy(c->held); /* a message that is kept makes closing hang */
        c->held = NULL;
        c->open = 0;
        (void)rd_kafka_consumer_close(c->rk);
        if (c->queue != NULL)
            rd_kafka_queue_destroy(c->queue);
        rd_kafka_destroy(c->rk);
    }
    forget_partitions(c);
    kafka_wakeup_done(&c->wakeup);
    xfree(c);
}
