/* What a broker answers only at moments that can't be had from a real one when wanted: these come
 * from librdkafka's own mock of a broker. */
#include "common/io/kafka.h"
#include "tests/support/drive.h"

#include <criterion/criterion.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

enum { PRODUCE = 0, REFUSALS = 1000 };

static unsigned reported, outcomes[3];

static void on_outcome(void *arg, enum kafka_outcome outcome)
{
    (void)arg;
    outcomes[outcome]++;
    reported++;
}

/* A leader that is being shut down answers NOT_LEADER_OR_FOLLOWER for what it has appended. */
Test(kafka_faults, a_record_that_no_leader_would_own_up_to_may_be_there)
{
    char why[200];
    rd_kafka_t *host = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), why, sizeof(why));
    rd_kafka_mock_cluster_t *mock = rd_kafka_mock_cluster_new(host, 1);
    rd_kafka_resp_err_t refusals[REFUSALS];
    for (size_t i = 0; i < REFUSALS; i++)
        refusals[i] = RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION;
    cr_assert_eq(rd_kafka_mock_topic_create(mock, "topic", 1, 1), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_mock_push_request_errors_array(mock, PRODUCE, REFUSALS, refusals);

    struct loop *loop = drive_loop();
    struct kafka_producer *producer = NULL;
    const struct kafka_producer_conf conf = {.brokers = rd_kafka_mock_cluster_bootstraps(mock),
                                             .client_id = "test",
                                             .timeout_ms = 1500,
                                             .queue_count = 10};
    cr_assert_eq(kafka_producer_new(&producer, loop, &conf), ERR_OK);
    cr_assert_eq(kafka_produce(producer, "topic", STR("key"), STR("value"), on_outcome, NULL),
                 ERR_OK);
    cr_assert(drive_until_count(loop, &reported, 1, 20000));
    cr_expect_eq(outcomes[KAFKA_UNKNOWN], 1);

    kafka_producer_free(producer, 0);
    loop_free(loop);
    rd_kafka_mock_cluster_destroy(mock);
    rd_kafka_destroy(host);
}
