#include "common/io/kafka_read.h"

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/io/kafka_client.h"

#include <stdio.h>

/* One reading of a topic, or of one record of it. */
struct reading {
    const struct kafka_read_conf *conf;
    const char *topic;
    char *why;
    kafka_read_fn fn;
    void *arg;
    rd_kafka_t *rk;
    rd_kafka_topic_partition_list_t *from; /* where each partition begins */
    int64_t *end;                          /* and where it ends, in the same order */
    int open;                              /* partitions that are not read to their end */
};

static enum err give_up(const struct reading *r, enum err err, const char *what)
{
    (void)snprintf(r->why, KAFKA_WHY_SIZE, "topic %s: %s", r->topic, what);
    return err;
}

static enum err open_client(struct reading *r)
{
    static const struct kafka_property properties[] = {
        {"group.id", "sms-ctl"}, /* only so that it may read: it commits nothing */
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"fetch.message.max.bytes", "8388608"},
        {NULL, NULL},
    };
    rd_kafka_conf_t *conf = NULL;
    enum err err = kafka_client_conf(&conf, r->conf->brokers, "sms-ctl", properties);
    if (err != ERR_OK)
        return err;
    r->rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, r->why, KAFKA_WHY_SIZE);
    if (r->rk == NULL) {
        rd_kafka_conf_destroy(conf);
        return ERR_CONFIG;
    }
    (void)rd_kafka_poll_set_consumer(r->rk);
    return ERR_OK;
}

static enum err count_partitions(struct reading *r, int *ret_count)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(r->rk, r->topic, NULL);
    enum err err = ERR_OK;
    if (topic == NULL || rd_kafka_metadata(r->rk, 0, topic, &metadata, (int)r->conf->wait_ms) !=
                             RD_KAFKA_RESP_ERR_NO_ERROR)
        err = give_up(r, ERR_IO, "no broker answers");
    else if (metadata->topic_cnt == 0 || metadata->topics[0].partition_cnt == 0)
        err = give_up(r, ERR_NOT_FOUND, "there is no such topic");
    else
        *ret_count = metadata->topics[0].partition_cnt;
    if (metadata != NULL)
        rd_kafka_metadata_destroy(metadata);
    if (topic != NULL)
        rd_kafka_topic_destroy(topic);
    return err;
}

/* Reads the partition between its offsets, or only that one. */
static enum err add_partition(struct reading *r, int32_t partition, const int64_t *only)
{
    int64_t low = 0, high = 0;
    if (rd_kafka_query_watermark_offsets(r->rk, r->topic, partition, &low, &high,
                                         (int)r->conf->wait_ms) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return give_up(r, ERR_IO, "its offsets can't be read");
    if (only != NULL && (*only < low || *only >= high))
        return give_up(r, ERR_NOT_FOUND, "it doesn't hold this record any more");
    if (only != NULL) {
        low = *only;
        high = low + 1;
    }
    if (low == high)
        return ERR_OK;
    r->end[r->from->cnt] = high;
    rd_kafka_topic_partition_list_add(r->from, r->topic, partition)->offset = low;
    r->open++;
    return ERR_OK;
}

static void take(struct reading *r, const rd_kafka_message_t *message)
{
    int i = 0;
    while (i < r->from->cnt && r->from->elems[i].partition != message->partition)
        i++;
    if (i == r->from->cnt || message->offset >= r->end[i])
        return;
    const struct kafka_found found = {
        .key = {message->key, message->key_len},
        .value = {message->payload, message->len},
        .partition = message->partition,
        .offset = message->offset,
        .at_ms = rd_kafka_message_timestamp(message, NULL),
    };
    r->fn(r->arg, &found);
    if (message->offset + 1 == r->end[i])
        r->open--;
}

static enum err read_all(struct reading *r)
{
    int64_t until_ms = clock_mono_ms() + r->conf->wait_ms;
    if (rd_kafka_assign(r->rk, r->from) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return give_up(r, ERR_IO, "it can't be read");
    while (r->open > 0) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(r->rk, 100);
        if (message != NULL && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            take(r, message);
            until_ms = clock_mono_ms() + r->conf->wait_ms;
        }
        if (message != NULL)
            rd_kafka_message_destroy(message);
        if (clock_mono_ms() >= until_ms)
            return give_up(r, ERR_IO, "the broker stopped answering");
    }
    return ERR_OK;
}

static enum err read_partitions(struct reading *r, const struct kafka_found *only)
{
    int count = 0;
    enum err err = count_partitions(r, &count);
    if (err != ERR_OK)
        return err;
    if (only != NULL && (only->partition < 0 || only->partition >= count))
        return give_up(r, ERR_NOT_FOUND, "it has no such partition");
    r->from = rd_kafka_topic_partition_list_new(count);
    r->end = xalloc_array((size_t)count, sizeof(r->end[0]));
    for (int p = 0; p < count && err == ERR_OK; p++) {
        if (only == NULL || only->partition == p)
            err = add_partition(r, p, only != NULL ? &only->offset : NULL);
    }
    return err == ERR_OK ? read_all(r) : err;
}

static enum err carry_out(struct reading *r, const struct kafka_found *only)
{
    enum err err = open_client(r);
    if (err == ERR_OK)
        err = read_partitions(r, only);
    if (r->from != NULL)
        rd_kafka_topic_partition_list_destroy(r->from);
    xfree(r->end);
    if (r->rk != NULL) {
        (void)rd_kafka_consumer_close(r->rk);
        rd_kafka_destroy(r->rk);
    }
    return err;
}

enum err kafka_read_topic(const struct kafka_read_conf *conf, const char *topic, kafka_read_fn fn,
                          void *arg, char why[KAFKA_WHY_SIZE])
{
    struct reading r = {.conf = conf, .topic = topic, .why = why, .fn = fn, .arg = arg};
    return carry_out(&r, NULL);
}

enum err kafka_read_one(const struct kafka_read_conf *conf, const char *topic,
                        const struct kafka_found *which, kafka_read_fn fn, void *arg,
                        char why[KAFKA_WHY_SIZE])
{
    struct reading r = {.conf = conf, .topic = topic, .why = why, .fn = fn, .arg = arg};
    return carry_out(&r, which);
}
