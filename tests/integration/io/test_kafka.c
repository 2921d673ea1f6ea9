#include "common/base/clock.h"
#include "common/io/kafka.h"
#include "tests/support/drive.h"
#include "tests/support/surroundings.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_RECORDS = 4000, MAX_PARTITIONS = 4, MEMBERS = 3, REVOKE_MS = 1500 };

static struct loop *loop;
static struct kafka_producer *producer;
static char topic[SURROUNDINGS_NAME_SIZE], group[SURROUNDINGS_NAME_SIZE];

/* --- producing --- */

static unsigned outcomes[3], reported;
static bool inside_produce;

static void on_outcome(void *arg, enum kafka_outcome outcome)
{
    (void)arg;
    cr_expect_not(inside_produce, "called from inside kafka_produce");
    outcomes[outcome]++;
    reported++;
}

static enum err produce(const char *to, struct str value)
{
    inside_produce = true;
    enum err err = kafka_produce(producer, to, (struct str){0}, value, on_outcome, NULL);
    inside_produce = false;
    return err;
}

static void start_producer(int64_t timeout_ms, unsigned queue_count)
{
    const struct kafka_producer_conf conf = {.brokers = surroundings_brokers(),
                                             .client_id = "test",
                                             .timeout_ms = timeout_ms,
                                             .queue_count = queue_count};
    cr_assert_eq(kafka_producer_new(&producer, loop, &conf), ERR_OK);
}

/* Records whose values are the numbers from..to. */
static void produce_numbers(unsigned from, unsigned to)
{
    char number[12];
    unsigned before = reported;
    for (unsigned i = from; i < to; i++) {
        (void)snprintf(number, sizeof(number), "%u", i);
        cr_assert_eq(produce(topic, str_of(number)), ERR_OK);
    }
    cr_assert(drive_until_count(loop, &reported, before + to - from, 20000));
    cr_assert_eq(outcomes[KAFKA_PERSISTED], reported);
}

static void start(int partitions)
{
    loop = drive_loop();
    surroundings_name(topic, "records");
    surroundings_name(group, "group");
    surroundings_create_topic(topic, partitions);
    start_producer(20000, 10000);
}

static void stop(void)
{
    kafka_producer_free(producer, 5000);
    loop_free(loop);
    surroundings_delete_topic(topic);
}

Test(kafka, tells_the_outcome_of_each_record)
{
    start(3);
    produce_numbers(0, 1000);
    cr_expect_eq(kafka_producer_waiting(producer), 0);
    cr_expect(kafka_producer_connected(producer));
    cr_expect_not_null(kafka_producer_cluster(producer));
    stop();
}

Test(kafka, refuses_what_is_too_long_or_too_much)
{
    static char large[1200 * 1000];
    start(1);
    memset(large, 'x', sizeof(large));
    cr_expect_eq(produce(topic, (struct str){large, sizeof(large)}), ERR_TOO_LONG);
    kafka_producer_free(producer, 0);
    start_producer(20000, 10);
    for (unsigned i = 0; i < 10; i++)
        cr_expect_eq(produce(topic, STR("x")), ERR_OK);
    cr_expect_eq(produce(topic, STR("x")), ERR_FULL);
    cr_expect_eq(kafka_producer_waiting(producer), 10);
    cr_assert(drive_until_count(loop, &reported, 10, 20000));
    cr_expect_eq(outcomes[KAFKA_PERSISTED], 10);
    stop();
}

/* A worker may be up before the topics are made. */
Test(kafka, finds_a_topic_that_is_made_later)
{
    char missing[SURROUNDINGS_NAME_SIZE];
    start(1);
    kafka_producer_free(producer, 0);
    start_producer(3000, 100);
    surroundings_name(missing, "missing");
    enum err err = produce(missing, STR("x"));
    if (err == ERR_OK) {
        cr_assert(drive_until_count(loop, &reported, 1, 40000));
        cr_expect_eq(outcomes[KAFKA_NOT_PERSISTED], 1);
    } else {
        cr_expect_eq(err, ERR_NOT_FOUND);
    }
    surroundings_create_topic(missing, 1);
    int64_t from_ms = clock_mono_ms();
    while (outcomes[KAFKA_PERSISTED] == 0 && clock_mono_ms() - from_ms < 15000) {
        unsigned before = reported;
        err = produce(missing, STR("x"));
        if (err == ERR_OK)
            cr_assert(drive_until_count(loop, &reported, before + 1, 40000));
        else
            drive_for(loop, 100);
    }
    cr_expect_eq(outcomes[KAFKA_PERSISTED], 1, "not found %lld ms after it was made",
                 (long long)(clock_mono_ms() - from_ms));
    surroundings_delete_topic(missing);
    stop();
}

Test(kafka, tells_what_is_queued_when_the_producer_is_freed)
{
    start(1);
    for (unsigned i = 0; i < 100; i++)
        cr_assert_eq(produce(topic, STR("x")), ERR_OK);
    kafka_producer_free(producer, 10000);
    cr_expect_eq(outcomes[KAFKA_PERSISTED], 100);
    start_producer(20000, 1000);
    for (unsigned i = 0; i < 100; i++)
        cr_assert_eq(produce(topic, STR("x")), ERR_OK);
    kafka_producer_free(producer, 0);
    producer = NULL;
    cr_expect_eq(reported, 200, "each is told, whatever became of it");
    stop();
}

/* --- consuming --- */

struct taken {
    int32_t partition;
    int64_t offset;
    uint32_t epoch;
    bool finished;
};

struct member {
    struct kafka_consumer *consumer;
    struct taken taken[2 * MAX_RECORDS];
    unsigned count;    /* taken, so far */
    unsigned room;     /* what it takes before it says that there is no room */
    unsigned refusals; /* how often it said so */
    bool finishes;     /* each record as it comes */
};

static struct member members[MEMBERS];
static unsigned seen[MAX_RECORDS]; /* by number, by all members */
static unsigned distinct;

static unsigned number_of(struct str value)
{
    unsigned long long number = MAX_RECORDS;
    cr_assert(str_to_uint(value, MAX_RECORDS - 1, &number));
    return (unsigned)number;
}

static void finish(struct member *m, unsigned i)
{
    struct taken *t = &m->taken[i];
    t->finished = true;
    kafka_finish(m->consumer, t->partition, t->offset, t->epoch);
}

static bool on_record(void *arg, const struct kafka_record *record)
{
    struct member *m = arg;
    if (m->count >= m->room) {
        m->refusals++;
        return false;
    }
    cr_assert_lt(m->count, 2 * MAX_RECORDS);
    m->taken[m->count] = (struct taken){record->partition, record->offset, record->epoch, false};
    if (seen[number_of(record->value)]++ == 0)
        distinct++;
    m->count++;
    if (m->finishes)
        finish(m, m->count - 1);
    return true;
}

static void join(struct member *m, unsigned room, unsigned open_cap)
{
    const struct kafka_consumer_conf conf = {.brokers = surroundings_brokers(),
                                             .client_id = "test",
                                             .group = group,
                                             .topic = topic,
                                             .revoke_wait_ms = REVOKE_MS,
                                             .open_cap = open_cap,
                                             .record = on_record,
                                             .arg = m};
    bool finishes = m->finishes;
    *m = (struct member){.room = room, .finishes = finishes};
    cr_assert_eq(kafka_consumer_new(&m->consumer, loop, &conf), ERR_OK);
}

static void leave(struct member *m)
{
    kafka_consumer_free(m->consumer);
    m->consumer = NULL;
}

/* Finishes all that the member has taken, in a random order. */
static void finish_all(struct member *m, unsigned seed)
{
    static unsigned order[2 * MAX_RECORDS];
    unsigned n = 0;
    for (unsigned i = 0; i < m->count; i++) {
        if (!m->taken[i].finished)
            order[n++] = i;
    }
    for (; n > 0; n--) {
        unsigned pick = (unsigned)rand_r(&seed) % n;
        finish(m, order[pick]);
        order[pick] = order[n - 1];
    }
}

static bool assigned(void *arg)
{
    const struct member *m = arg;
    return kafka_consumer_assigned(m->consumer);
}

static bool partitions_seen(const struct member *m, unsigned from, bool seen_partition[])
{
    for (unsigned i = from; i < m->count; i++)
        seen_partition[m->taken[i].partition] = true;
    return true;
}

Test(kafka, hands_out_the_records_of_a_partition_in_order)
{
    int64_t next[MAX_PARTITIONS] = {0};
    start(MAX_PARTITIONS);
    produce_numbers(0, 2000);
    join(&members[0], MAX_RECORDS, MAX_RECORDS);
    cr_assert(drive_until_count(loop, &distinct, 2000, 20000), "%u came", distinct);
    for (unsigned i = 0; i < members[0].count; i++)
        cr_assert_eq(members[0].taken[i].offset, next[members[0].taken[i].partition]++);
    cr_expect_eq(members[0].count, 2000);
    cr_expect_eq(kafka_consumer_open(members[0].consumer), 2000);
    finish_all(&members[0], 1);
    cr_expect_eq(kafka_consumer_open(members[0].consumer), 0);
    finish(&members[0], 7);
    cr_expect_eq(kafka_consumer_open(members[0].consumer), 0, "twice is once");
    leave(&members[0]);
    stop();
}

/* What is committed is the low watermark: the next member begins exactly there. */
Test(kafka, goes_on_at_the_first_unfinished_record)
{
    enum { N = 500, OPEN = 123 };
    start(1);
    produce_numbers(0, N);
    join(&members[0], MAX_RECORDS, MAX_RECORDS);
    cr_assert(drive_until_count(loop, &members[0].count, N, 20000));
    for (unsigned i = N; i-- > 0;) {
        if (i != OPEN && i != OPEN + 100)
            finish(&members[0], i);
    }
    cr_expect_eq(kafka_consumer_open(members[0].consumer), 2);
    leave(&members[0]);
    join(&members[1], MAX_RECORDS, MAX_RECORDS);
    cr_assert(drive_until_count(loop, &members[1].count, N - OPEN, 20000));
    cr_expect_eq(members[1].taken[0].offset, OPEN);
    drive_for(loop, 200);
    cr_expect_eq(members[1].count, N - OPEN);
    finish_all(&members[1], 2);
    leave(&members[1]);
    join(&members[2], MAX_RECORDS, MAX_RECORDS);
    cr_assert(drive_until(loop, assigned, &members[2], 20000));
    produce_numbers(N, N + 1);
    cr_assert(drive_until_count(loop, &members[2].count, 1, 20000));
    cr_expect_eq(members[2].taken[0].offset, N, "all was finished before");
    leave(&members[2]);
    stop();
}

Test(kafka, commits_while_it_goes_on)
{
    start(1);
    produce_numbers(0, 100);
    members[0].finishes = true;
    join(&members[0], MAX_RECORDS, MAX_RECORDS);
    cr_assert(drive_until_count(loop, &members[0].count, 100, 20000));
    drive_for(loop, 2500);                       /* the interval of commits, and some */
    join(&members[1], MAX_RECORDS, MAX_RECORDS); /* takes the partition, or not: one has it */
    drive_for(loop, 3000);
    produce_numbers(100, 101);
    cr_assert(drive_until_count(loop, &distinct, 101, 20000));
    cr_expect_eq(members[0].count + members[1].count, 101, "none came twice");
    leave(&members[1]);
    leave(&members[0]);
    stop();
}

Test(kafka, stops_when_the_reader_has_no_room_and_goes_on_when_it_has)
{
    start(2);
    produce_numbers(0, 300);
    join(&members[0], 50, MAX_RECORDS);
    cr_assert(drive_until_count(loop, &members[0].refusals, 1, 20000));
    drive_for(loop, 300);
    cr_expect_eq(members[0].count, 50);
    cr_expect_lt(members[0].refusals, 10, "asked %u times in vain", members[0].refusals);
    members[0].room = 200;
    kafka_consumer_more(members[0].consumer);
    cr_assert(drive_until_count(loop, &members[0].count, 200, 400), "%u came", members[0].count);
    members[0].room = MAX_RECORDS;
    finish(&members[0], 0); /* a finished record makes room, too */
    cr_assert(drive_until_count(loop, &members[0].count, 300, 400), "%u came", members[0].count);
    cr_expect_eq(distinct, 300);
    leave(&members[0]);
    stop();
}

Test(kafka, hands_out_no_more_than_the_open_records_of_each_partition)
{
    bool seen_partition[MAX_PARTITIONS] = {false};
    start(2);
    produce_numbers(0, 1000);
    join(&members[0], MAX_RECORDS, 20);
    cr_assert(drive_until_count(loop, &members[0].count, 40, 20000));
    drive_for(loop, 300);
    cr_expect_eq(members[0].count, 40);
    cr_expect(partitions_seen(&members[0], 0, seen_partition) && seen_partition[0] &&
              seen_partition[1]);
    while (members[0].count < 1000) {
        unsigned before = members[0].count;
        finish_all(&members[0], before);
        cr_assert(drive_until_count(loop, &members[0].count, before + 1, 5000));
    }
    cr_expect_eq(distinct, 1000);
    leave(&members[0]);
    stop();
}

Test(kafka, hands_out_nothing_more_once_stopped)
{
    start(1);
    produce_numbers(0, 10);
    join(&members[0], MAX_RECORDS, MAX_RECORDS);
    cr_assert(drive_until_count(loop, &members[0].count, 10, 20000));
    kafka_consumer_stop(members[0].consumer);
    produce_numbers(10, 20);
    drive_for(loop, 500);
    cr_expect_eq(members[0].count, 10);
    finish_all(&members[0], 3);
    leave(&members[0]);
    join(&members[1], MAX_RECORDS, MAX_RECORDS);
    cr_assert(drive_until_count(loop, &members[1].count, 10, 20000));
    cr_expect_eq(members[1].taken[0].offset, 10, "the rest is for the next");
    leave(&members[1]);
    stop();
}

/* --- two members --- */

static void two_members_share(unsigned room_of_first)
{
    bool seen_partition[MAX_PARTITIONS] = {false};
    start(2);
    produce_numbers(0, 400);
    members[0].finishes = room_of_first > 400;
    join(&members[0], room_of_first, MAX_RECORDS);
    unsigned first = room_of_first < 400 ? room_of_first : 400;
    cr_assert(drive_until_count(loop, &members[0].count, first, 20000));
    members[1].finishes = true;
    join(&members[1], MAX_RECORDS, MAX_RECORDS);
    cr_assert(drive_until(loop, assigned, &members[1], 15000), "the second never got its share");
    cr_assert(drive_until(loop, assigned, &members[0], 15000));
    members[0].room = 2 * MAX_RECORDS;
    kafka_consumer_more(members[0].consumer);
    unsigned from0 = members[0].count, from1 = members[1].count;
    produce_numbers(400, 800);
    cr_assert(drive_until_count(loop, &distinct, 800, 20000), "%u came", distinct);
    cr_expect_gt(members[0].count, from0);
    cr_expect_gt(members[1].count, from1);
    (void)partitions_seen(&members[0], from0, seen_partition);
    (void)partitions_seen(&members[1], from1, seen_partition);
    cr_expect(seen_partition[0] && seen_partition[1]);
    leave(&members[1]);
    leave(&members[0]);
    stop();
}

Test(kafka, two_members_share_the_partitions)
{
    two_members_share(MAX_RECORDS);
}

/* A carrier may be away for an hour, so that a member takes nothing: the group must go on. */
Test(kafka, a_member_without_room_keeps_nobody_from_joining)
{
    two_members_share(30);
}

static int64_t join_second_while_open(unsigned finish_after_ms)
{
    int64_t from_ms = clock_mono_ms();
    join(&members[1], 2 * MAX_RECORDS, MAX_RECORDS);
    if (finish_after_ms > 0) {
        drive_for(loop, finish_after_ms);
        finish_all(&members[0], 5);
    }
    cr_assert(drive_until(loop, assigned, &members[1], 20000));
    return clock_mono_ms() - from_ms;
}

Test(kafka, waits_for_open_records_before_it_lets_go)
{
    start(2);
    produce_numbers(0, 100);
    join(&members[0], MAX_RECORDS, MAX_RECORDS);
    cr_assert(drive_until_count(loop, &members[0].count, 100, 20000));
    (void)join_second_while_open(1200); /* a member learns of it with its next heartbeat */
    drive_for(loop, 1500);
    cr_expect_eq(members[0].count, 100, "none came again");
    cr_expect_eq(members[1].count, 0, "none came again");
    produce_numbers(100, 200);
    cr_assert(drive_until_count(loop, &distinct, 200, 20000));
    cr_expect_eq(members[0].count + members[1].count, 200);
    leave(&members[1]);
    leave(&members[0]);
    stop();
}

Test(kafka, lets_go_in_time_when_records_stay_open_and_loses_none)
{
    start(2);
    produce_numbers(0, 100);
    join(&members[0], MAX_RECORDS, MAX_RECORDS);
    cr_assert(drive_until_count(loop, &members[0].count, 100, 20000));
    for (unsigned i = 0; i < 100; i++) {
        if (members[0].taken[i].offset < 10)
            finish(&members[0], i);
    }
    int64_t took_ms = join_second_while_open(0);
    cr_expect_lt(took_ms, REVOKE_MS + 6000, "%lld ms", (long long)took_ms);
    unsigned open = 100 - 20;
    cr_assert(drive_until(loop, assigned, &members[0], 20000));
    int64_t until_ms = clock_mono_ms() + 10000;
    while (members[0].count + members[1].count < 100 + open && clock_mono_ms() < until_ms)
        loop_turn(loop, 10);
    cr_expect_eq(members[0].count + members[1].count, 100 + open,
                 "%u and %u: each open one comes again, and no other", members[0].count,
                 members[1].count);
    for (unsigned i = 0; i < 100; i++)
        finish(&members[0], i); /* of the assignment that is over */
    cr_expect_eq(kafka_consumer_open(members[0].consumer), members[0].count - 100);
    leave(&members[1]);
    leave(&members[0]);
    stop();
}

Test(kafka, is_freed_while_it_waits_for_open_records)
{
    start(2);
    produce_numbers(0, 50);
    join(&members[0], MAX_RECORDS, MAX_RECORDS);
    cr_assert(drive_until_count(loop, &members[0].count, 50, 20000));
    join(&members[1], MAX_RECORDS, MAX_RECORDS);
    drive_for(loop, 1500); /* by now the first is asked to let go */
    int64_t from_ms = clock_mono_ms();
    leave(&members[0]);
    cr_expect_lt(clock_mono_ms() - from_ms, 5000);
    cr_assert(drive_until_count(loop, &members[1].count, 50, 20000));
    leave(&members[1]);
    stop();
}

/* Members come and go while records are produced, finished in any order, or left open. */
Test(kafka, loses_nothing_while_members_come_and_go)
{
    enum { ROUNDS = 8, PER_ROUND = 300 };
    start(MAX_PARTITIONS);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct member *m = &members[round % 2];
        if (m->consumer != NULL)
            leave(m);
        m->finishes = round % 3 != 0;
        join(m, 2 * MAX_RECORDS, 100 + 50 * round);
        produce_numbers(round * PER_ROUND, (round + 1) * PER_ROUND);
        drive_for(loop, 700);
        for (unsigned i = 0; i < 2; i++) {
            if (members[i].consumer != NULL && round % 2 == 0)
                finish_all(&members[i], round);
        }
    }
    for (unsigned i = 0; i < 2; i++)
        leave(&members[i]);
    members[2].finishes = true;
    join(&members[2], 2 * MAX_RECORDS, MAX_RECORDS);
    cr_assert(drive_until_count(loop, &distinct, ROUNDS * PER_ROUND, 30000), "%u of %d came",
              distinct, ROUNDS * PER_ROUND);
    leave(&members[2]);
    stop();
}
