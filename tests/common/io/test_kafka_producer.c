#include "common/io/kafka.h"
#include "tests/support/drive.h"

#include <criterion/criterion.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

/* Against librdkafka's own mock of a cluster, whose broker can be taken down and told to err. */

enum { PRODUCE_API = 0, BROKER = 1 };

static const char topic[] = "records";
static const char *const no_topics[] = {NULL}, *const our_topic[] = {topic, NULL};
static const char *const *unordered = no_topics;

static struct loop *loop;
static struct kafka_producer *producer;
static rd_kafka_t *host; /* the handle that the mock lives in */
static rd_kafka_mock_cluster_t *cluster;

static unsigned outcomes[3], reported;

static void on_outcome(void *arg, enum kafka_outcome outcome)
{
    (void)arg;
    outcomes[outcome]++;
    reported++;
}

static void start(int64_t timeout_ms)
{
    char why[200];
    rd_kafka_conf_t *quiet = rd_kafka_conf_new();
    (void)rd_kafka_conf_set(quiet, "log_level", "3", why, sizeof(why));
    host = rd_kafka_new(RD_KAFKA_PRODUCER, quiet, why, sizeof(why));
    cr_assert_not_null(host, "%s", why);
    cluster = rd_kafka_mock_cluster_new(host, 1);
    cr_assert_not_null(cluster);
    cr_assert_eq(rd_kafka_mock_topic_create(cluster, topic, 2, 1), RD_KAFKA_RESP_ERR_NO_ERROR);
    const struct kafka_producer_conf conf = {.brokers = rd_kafka_mock_cluster_bootstraps(cluster),
                                             .client_id = "test",
                                             .timeout_ms = timeout_ms,
                                             .queue_count = 1000,
                                             .unordered = unordered};
    loop = drive_loop();
    cr_assert_eq(kafka_producer_new(&producer, loop, &conf), ERR_OK);
}

static void stop(void)
{
    kafka_producer_free(producer, 1000);
    loop_free(loop);
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(host);
}

static enum err produce(void)
{
    return kafka_produce(producer, topic, STR("key"), STR("value"), on_outcome, NULL);
}

static void produce_and_wait(enum kafka_outcome want)
{
    unsigned before = outcomes[want], reports = reported;
    cr_assert_eq(produce(), ERR_OK);
    cr_assert(drive_until_count(loop, &reported, reports + 1, 15000));
    cr_expect_eq(outcomes[want], before + 1, "persisted %u, not %u, unknown %u",
                 outcomes[KAFKA_PERSISTED], outcomes[KAFKA_NOT_PERSISTED], outcomes[KAFKA_UNKNOWN]);
}

static bool connected(void *arg)
{
    (void)arg;
    return kafka_producer_connected(producer);
}

static bool disconnected(void *arg)
{
    return !connected(arg);
}

/* Who produces only while it is connected depends on being told when it is again. */
Test(kafka_producer, knows_when_the_brokers_are_back_without_producing)
{
    start(5000);
    produce_and_wait(KAFKA_PERSISTED);
    cr_expect(kafka_producer_connected(producer));
    cr_assert_eq(rd_kafka_mock_broker_set_down(cluster, BROKER), RD_KAFKA_RESP_ERR_NO_ERROR);
    cr_assert(drive_until(loop, disconnected, NULL, 5000));
    drive_for(loop, 1500);
    cr_expect_not(kafka_producer_connected(producer));
    cr_assert_eq(rd_kafka_mock_broker_set_up(cluster, BROKER), RD_KAFKA_RESP_ERR_NO_ERROR);
    cr_assert(drive_until(loop, connected, NULL, 6000));
    produce_and_wait(KAFKA_PERSISTED);
    stop();
}

Test(kafka_producer, tells_that_a_record_which_never_left_is_not_there)
{
    start(1000);
    produce_and_wait(KAFKA_PERSISTED);
    cr_assert_eq(rd_kafka_mock_broker_set_down(cluster, BROKER), RD_KAFKA_RESP_ERR_NO_ERROR);
    cr_assert(drive_until(loop, disconnected, NULL, 5000));
    produce_and_wait(KAFKA_NOT_PERSISTED);
    stop();
}

Test(kafka_producer, keeps_to_the_time_out_where_order_does_not_matter)
{
    unordered = our_topic;
    start(1000);
    produce_and_wait(KAFKA_PERSISTED);
    cr_assert_eq(rd_kafka_mock_broker_set_down(cluster, BROKER), RD_KAFKA_RESP_ERR_NO_ERROR);
    cr_assert(drive_until(loop, disconnected, NULL, 5000));
    produce_and_wait(KAFKA_NOT_PERSISTED);
    stop();
}

Test(kafka_producer, tells_that_it_does_not_know_when_no_acknowledgement_came)
{
    start(1000);
    produce_and_wait(KAFKA_PERSISTED);
    cr_assert_eq(rd_kafka_mock_broker_set_rtt(cluster, BROKER, 5000), RD_KAFKA_RESP_ERR_NO_ERROR);
    produce_and_wait(KAFKA_UNKNOWN);
    stop();
}

Test(kafka_producer, writes_once_what_the_broker_refused_for_a_while)
{
    start(10000);
    produce_and_wait(KAFKA_PERSISTED);
    rd_kafka_mock_push_request_errors(
        cluster, PRODUCE_API, 3, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
    produce_and_wait(KAFKA_PERSISTED);
    stop();
}

/* Of both partitions. */
static unsigned records_there(void)
{
    char why[200];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    unsigned count = 0;
    (void)rd_kafka_conf_set(conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(cluster),
                            why, sizeof(why));
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
    for (int32_t partition = 0; partition < 2; partition++) {
        int64_t low = 0, high = 0;
        cr_assert_eq(rd_kafka_query_watermark_offsets(rk, topic, partition, &low, &high, 5000),
                     RD_KAFKA_RESP_ERR_NO_ERROR);
        count += (unsigned)high;
    }
    rd_kafka_destroy(rk);
    return count;
}

/* A broker that knows nothing of a producer takes any sequence number from it: the second record's
 * too, when it became the leader right after it refused the first. librdkafka takes that for an
 * acknowledgement of both. */
Test(kafka_producer, does_not_take_a_later_record_s_acknowledgement_for_an_earlier_one_s)
{
    start(10000);
    produce_and_wait(KAFKA_PERSISTED);
    cr_assert_eq(rd_kafka_mock_broker_set_rtt(cluster, BROKER, 300), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_mock_push_request_errors(cluster, PRODUCE_API, 1,
                                      RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
    cr_assert_eq(produce(), ERR_OK);
    drive_for(loop, 30); /* each in a request of its own, both under way */
    cr_assert_eq(produce(), ERR_OK);
    cr_assert(drive_until_count(loop, &reported, 3, 15000));
    cr_assert_eq(rd_kafka_mock_broker_set_rtt(cluster, BROKER, 0), RD_KAFKA_RESP_ERR_NO_ERROR);
    unsigned there = records_there();
    cr_expect_leq(outcomes[KAFKA_PERSISTED], there, "persisted %u, unknown %u, and %u are there",
                  outcomes[KAFKA_PERSISTED], outcomes[KAFKA_UNKNOWN], there);
    stop();
}

static void on_outcome_produce_again(void *arg, enum kafka_outcome outcome)
{
    on_outcome(arg, outcome);
    if (reported < 100)
        (void)(produce() == ERR_OK);
}

Test(kafka_producer, lets_a_callback_produce)
{
    start(5000);
    cr_assert_eq(
        kafka_produce(producer, topic, (struct str){0}, STR("x"), on_outcome_produce_again, NULL),
        ERR_OK);
    cr_assert(drive_until_count(loop, &reported, 2, 5000));
    cr_expect_eq(outcomes[KAFKA_PERSISTED], 2);
    stop();
}

Test(kafka_producer, bears_a_callback_that_produces_while_it_is_freed)
{
    start(5000);
    for (unsigned i = 0; i < 10; i++)
        cr_assert_eq(kafka_produce(producer, topic, (struct str){0}, STR("x"),
                                   on_outcome_produce_again, NULL),
                     ERR_OK);
    kafka_producer_free(producer, 0);
    producer = NULL;
    cr_expect_eq(reported, 10, "%u", reported);
    stop();
}

/* The broker's answer to a sequence number that it can't have: the idempotent producer is dead. */
Test(kafka_producer, is_replaced_after_a_fatal_error)
{
    start(10000);
    produce_and_wait(KAFKA_PERSISTED);
    rd_kafka_mock_push_request_errors(cluster, PRODUCE_API, 1,
                                      RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
    unsigned before = reported;
    cr_assert_eq(produce(), ERR_OK);
    cr_assert(drive_until_count(loop, &reported, before + 1, 15000));
    cr_expect_eq(outcomes[KAFKA_PERSISTED], 1, "the broken one was not persisted");
    drive_for(loop, 100);
    produce_and_wait(KAFKA_PERSISTED);
    stop();
}
