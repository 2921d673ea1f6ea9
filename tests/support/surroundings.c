#include "tests/support/surroundings.h"

#include "common/base/clock.h"
#include "common/io/crypto.h"

#include <criterion/criterion.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ADMIN_MS = 20000 };

static const char *from_environment(const char *name, const char *example)
{
    const char *value = getenv(name); /* NOLINT(concurrency-mt-unsafe): nobody sets it */
    cr_assert(value != NULL && value[0] != '\0',
              "this test needs %s, such as %s; 'scripts/test integration' starts what it needs",
              name, example);
    return value;
}

const char *surroundings_redis(void)
{
    return from_environment("REDIS_URL", "redis://127.0.0.1:6379");
}

const char *surroundings_brokers(void)
{
    return from_environment("KAFKA_BROKERS", "127.0.0.1:9092");
}

void surroundings_name(char name[SURROUNDINGS_NAME_SIZE], const char *what)
{
    char random[13];
    crypto_random_text(random, sizeof(random) - 1);
    (void)snprintf(name, SURROUNDINGS_NAME_SIZE, "test.%s.%s", what, random);
}

static rd_kafka_t *admin(void)
{
    char why[256] = "";
    const char *brokers = surroundings_brokers();
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    cr_assert_eq(rd_kafka_conf_set(conf, "bootstrap.servers", brokers, why, sizeof(why)),
                 RD_KAFKA_CONF_OK, "%s", why);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
    cr_assert_not_null(rk, "%s", why);
    return rk;
}

static void expect_done(rd_kafka_queue_t *queue, const char *what)
{
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, ADMIN_MS);
    cr_assert_not_null(event, "%s: no answer from %s", what, surroundings_brokers());
    cr_assert_eq(rd_kafka_event_error(event), RD_KAFKA_RESP_ERR_NO_ERROR, "%s: %s", what,
                 rd_kafka_event_error_string(event));
    rd_kafka_event_destroy(event);
}

/* Brokers answer for a new topic a moment after they have made it, and not all at once. */
static void await_leader(rd_kafka_t *rk, const char *topic, int32_t partition)
{
    const struct timespec moment = {.tv_nsec = 20000000};
    int64_t low, high, until_ms = clock_mono_ms() + ADMIN_MS;
    while (rd_kafka_query_watermark_offsets(rk, topic, partition, &low, &high, ADMIN_MS) !=
           RD_KAFKA_RESP_ERR_NO_ERROR) {
        cr_assert_lt(clock_mono_ms(), until_ms, "%s has no leader", topic);
        (void)nanosleep(&moment, NULL);
    }
}

void surroundings_create_topic(const char *topic, int partitions)
{
    char why[256] = "";
    rd_kafka_t *rk = admin();
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_NewTopic_t *wanted = rd_kafka_NewTopic_new(topic, partitions, 1, why, sizeof(why));
    cr_assert_not_null(wanted, "%s", why);
    rd_kafka_CreateTopics(rk, &wanted, 1, NULL, queue);
    expect_done(queue, topic);
    for (int32_t partition = 0; partition < partitions; partition++)
        await_leader(rk, topic, partition);
    rd_kafka_NewTopic_destroy(wanted);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

void surroundings_delete_topic(const char *topic)
{
    rd_kafka_t *rk = admin();
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_DeleteTopic_t *unwanted = rd_kafka_DeleteTopic_new(topic);
    rd_kafka_DeleteTopics(rk, &unwanted, 1, NULL, queue);
    expect_done(queue, topic);
    rd_kafka_DeleteTopic_destroy(unwanted);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}
