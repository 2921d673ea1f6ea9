#include "common/io/kafka_topics.h"

#include "common/base/buf.h"
#include "common/io/kafka_client.h"

#include <stdio.h>

enum {
    BATCH_BYTES = 48588
}; /* a batch is longer than its records; with it, the default of 1 MiB and 12 */

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const char *const topics[] = {TOPIC_JOBS,    TOPIC_DISPATCH_FAST, TOPIC_DISPATCH_BULK,
                                     TOPIC_REPORTS, TOPIC_INBOUND,       TOPIC_EVENTS,
                                     TOPIC_DEAD};
static const char *const ledgers[] = {TOPIC_JOBS, TOPIC_DISPATCH_FAST, TOPIC_DISPATCH_BULK};

size_t kafka_topic_record_max(const char *topic)
{
    return strcmp(topic, TOPIC_JOBS) == 0 ? KAFKA_JOB_MAX : KAFKA_RECORD_MAX;
}

bool kafka_topic_known(const char *topic)
{
    for (size_t i = 0; i < COUNT_OF(topics); i++) {
        if (strcmp(topics[i], topic) == 0)
            return true;
    }
    return false;
}

static enum err new_topic(rd_kafka_NewTopic_t **ret_topic, const char *name,
                          const struct kafka_topics_conf *conf, char why[KAFKA_WHY_SIZE])
{
    char retention[24], record_max[24];
    rd_kafka_NewTopic_t *topic =
        rd_kafka_NewTopic_new(name, conf->partitions, conf->replication, why, KAFKA_WHY_SIZE);
    if (topic == NULL)
        return ERR_CONFLICT;
    (void)snprintf(retention, sizeof(retention), "%lld", (long long)conf->retention_ms);
    (void)rd_kafka_NewTopic_set_config(topic, "retention.ms", retention);
    (void)snprintf(record_max, sizeof(record_max), "%zu",
                   kafka_topic_record_max(name) + BATCH_BYTES);
    (void)rd_kafka_NewTopic_set_config(topic, "max.message.bytes", record_max);
    *ret_topic = topic;
    return ERR_OK;
}

/* Counts what was created; "it exists" is fine. */
static enum err judge_results(const rd_kafka_CreateTopics_result_t *result, size_t *ret_created,
                              char why[KAFKA_WHY_SIZE])
{
    size_t count = 0, created = 0;
    const rd_kafka_topic_result_t **results = rd_kafka_CreateTopics_result_topics(result, &count);
    for (size_t i = 0; i < count; i++) {
        rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]);
        if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
            continue;
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            (void)snprintf(why, KAFKA_WHY_SIZE, "topic %s: %s",
                           rd_kafka_topic_result_name(results[i]),
                           rd_kafka_topic_result_error_string(results[i]));
            return ERR_CONFLICT;
        }
        created++;
    }
    *ret_created = created;
    return ERR_OK;
}

static enum err create_all(rd_kafka_t *rk, const struct kafka_topics_conf *conf,
                           size_t *ret_created, char why[KAFKA_WHY_SIZE])
{
    rd_kafka_NewTopic_t *wanted[COUNT_OF(topics)] = {0};
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_event_t *event = NULL;
    enum err err = ERR_OK;
    for (size_t i = 0; i < COUNT_OF(topics) && err == ERR_OK; i++)
        err = new_topic(&wanted[i], topics[i], conf, why);
    if (err != ERR_OK)
        goto out;
    rd_kafka_CreateTopics(rk, wanted, COUNT_OF(topics), NULL, queue);
    event = rd_kafka_queue_poll(queue, (int)conf->wait_ms);
    if (event == NULL || rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        (void)snprintf(why, KAFKA_WHY_SIZE, "%s",
                       event != NULL ? rd_kafka_event_error_string(event) : "no answer in time");
        err = ERR_IO;
        goto out;
    }
    err = judge_results(rd_kafka_event_CreateTopics_result(event), ret_created, why);
out:
    if (event != NULL)
        rd_kafka_event_destroy(event);
    for (size_t i = 0; i < COUNT_OF(topics); i++) {
        if (wanted[i] != NULL)
            rd_kafka_NewTopic_destroy(wanted[i]);
    }
    rd_kafka_queue_destroy(queue);
    return err;
}

static enum err count_topic(rd_kafka_t *rk, const char *name, const struct kafka_topics_conf *conf,
                            int64_t *records)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, name, NULL);
    enum err err = ERR_IO;
    if (topic == NULL || rd_kafka_metadata(rk, 0, topic, &metadata, (int)conf->wait_ms) !=
                             RD_KAFKA_RESP_ERR_NO_ERROR)
        goto out;
    err = ERR_OK;
    for (int p = 0; metadata->topic_cnt > 0 && p < metadata->topics[0].partition_cnt; p++) {
        int64_t low = 0, high = 0;
        if (rd_kafka_query_watermark_offsets(rk, name, p, &low, &high, (int)conf->wait_ms) !=
            RD_KAFKA_RESP_ERR_NO_ERROR)
            err = ERR_IO;
        *records += high - low;
    }
out:
    if (metadata != NULL)
        rd_kafka_metadata_destroy(metadata);
    if (topic != NULL)
        rd_kafka_topic_destroy(topic);
    return err;
}

static enum err look(rd_kafka_t *rk, struct kafka_topics_found *found,
                     const struct kafka_topics_conf *conf, char why[KAFKA_WHY_SIZE])
{
    char *cluster = rd_kafka_clusterid(rk, (int)conf->wait_ms);
    if (cluster == NULL) {
        (void)snprintf(why, KAFKA_WHY_SIZE, "no broker answers at %s", conf->brokers);
        return ERR_IO;
    }
    (void)snprintf(found->cluster, sizeof(found->cluster), "%s", cluster);
    rd_kafka_mem_free(rk, cluster);
    enum err err = create_all(rk, conf, &found->created, why);
    for (size_t i = 0; i < COUNT_OF(ledgers) && err == ERR_OK && found->created < COUNT_OF(topics);
         i++) {
        err = count_topic(rk, ledgers[i], conf, &found->records);
        if (err != ERR_OK)
            (void)snprintf(why, KAFKA_WHY_SIZE, "topic %s: its offsets can't be read", ledgers[i]);
    }
    return err;
}

enum err kafka_topics_ensure(struct kafka_topics_found *ret_found,
                             const struct kafka_topics_conf *conf, char why[KAFKA_WHY_SIZE])
{
    static const struct kafka_property none[] = {{NULL, NULL}};
    struct kafka_topics_found found = {.created = 0};
    rd_kafka_conf_t *rk_conf = NULL;
    enum err err = kafka_client_conf(&rk_conf, conf->brokers, "sms-ctl", none);
    if (err != ERR_OK)
        return err;
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, rk_conf, why, KAFKA_WHY_SIZE);
    if (rk == NULL) {
        rd_kafka_conf_destroy(rk_conf);
        return ERR_CONFIG;
    }
    err = look(rk, &found, conf, why);
    rd_kafka_destroy(rk);
    if (err == ERR_OK)
        *ret_found = found;
    return err;
}
