#include "common/io/kafka_topics.h"
#include "common/worker/links.h"
#include "tests/support/drive.h"

#include <criterion/criterion.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

/* Against librdkafka's own mock of a cluster. */

static struct loop *loop;
static struct links links;
static rd_kafka_t *host; /* the handle that the mock lives in */
static rd_kafka_mock_cluster_t *cluster;
static unsigned persisted, reported;

static void start(void)
{
    char why[200];
    rd_kafka_conf_t *quiet = rd_kafka_conf_new();
    (void)rd_kafka_conf_set(quiet, "log_level", "3", why, sizeof(why));
    host = rd_kafka_new(RD_KAFKA_PRODUCER, quiet, why, sizeof(why));
    cr_assert_not_null(host, "%s", why);
    cluster = rd_kafka_mock_cluster_new(host, 1);
    cr_assert_not_null(cluster);
    cr_assert_eq(rd_kafka_mock_topic_create(cluster, TOPIC_DEAD, 1, 1), RD_KAFKA_RESP_ERR_NO_ERROR);
    const struct kafka_producer_conf conf = {.brokers = rd_kafka_mock_cluster_bootstraps(cluster),
                                             .client_id = "test",
                                             .timeout_ms = 10000,
                                             .queue_count = 100};
    loop = drive_loop();
    cr_assert_eq(kafka_producer_new(&links.producer, loop, &conf), ERR_OK);
}

static void stop(void)
{
    kafka_producer_free(links.producer, 1000);
    loop_free(loop);
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(host);
}

static void on_outcome(void *arg, enum kafka_outcome outcome)
{
    (void)arg;
    persisted += outcome == KAFKA_PERSISTED;
    reported++;
}

static void buries(char byte, size_t n)
{
    struct buf bytes = {.cap = n};
    for (size_t i = 0; i < n; i++)
        buf_char(&bytes, byte);
    const struct kafka_record record = {.key = buf_view(&bytes), .value = buf_view(&bytes)};
    unsigned before = reported;
    cr_assert_eq(links_dead_letter(&links, "test", "records", &record, on_outcome, NULL), ERR_OK,
                 "%zu bytes of %d", n, byte);
    cr_assert(drive_until_count(loop, &reported, before + 1, 15000));
    cr_expect_eq(persisted, reported, "%zu bytes of %d", n, byte);
    buf_done(&bytes);
}

/* One that can't be buried would stay in front of its partition for ever. */
Test(links, any_record_that_kafka_can_hold_becomes_a_dead_letter)
{
    start();
    buries('x', 0);
    buries('x', 64 * 1024);
    buries('x', 1000 * 1000);
    buries('\1', 64 * 1024);
    buries('\1', 1000 * 1000);
    stop();
}
