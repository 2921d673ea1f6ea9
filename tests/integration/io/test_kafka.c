#include "common/base/clock.h"
#include "tests/support/records.h"

#include <criterion/criterion.h>
#include <string.h>

enum { PARTITIONS = 4 };

static struct records r;
static struct member members[3];

/* --- producing --- */

Test(kafka, tells_the_outcome_of_each_record)
{
    records_start(&r, 3);
    records_produce_numbers(&r, 0, 1000);
    cr_expect_eq(kafka_producer_waiting(r.producer), 0);
    cr_expect(kafka_producer_connected(r.producer));
    cr_expect_not_null(kafka_producer_cluster(r.producer));
    records_stop(&r);
}

Test(kafka, refuses_what_is_too_long_or_too_much)
{
    static char large[1200 * 1000];
    records_start(&r, 1);
    memset(large, 'x', sizeof(large));
    cr_expect_eq(records_produce(&r, r.topic, (struct str){large, sizeof(large)}), ERR_TOO_LONG);
    kafka_producer_free(r.producer, 0);
    records_start_producer(&r, 20000, 10);
    for (unsigned i = 0; i < 10; i++)
        cr_expect_eq(records_produce(&r, r.topic, STR("x")), ERR_OK);
    cr_expect_eq(records_produce(&r, r.topic, STR("x")), ERR_FULL);
    cr_expect_eq(kafka_producer_waiting(r.producer), 10);
    cr_assert(drive_until_count(r.loop, &r.reported, 10, 20000));
    cr_expect_eq(r.outcomes[KAFKA_PERSISTED], 10);
    records_stop(&r);
}

/* A worker may be up before the topics are made. */
Test(kafka, finds_a_topic_that_is_made_later)
{
    char missing[SURROUNDINGS_NAME_SIZE];
    records_start(&r, 1);
    kafka_producer_free(r.producer, 0);
    records_start_producer(&r, 3000, 100);
    surroundings_name(missing, "missing");
    enum err err = records_produce(&r, missing, STR("x"));
    if (err == ERR_OK) {
        cr_assert(drive_until_count(r.loop, &r.reported, 1, 40000));
        cr_expect_eq(r.outcomes[KAFKA_NOT_PERSISTED], 1);
    } else {
        cr_expect_eq(err, ERR_NOT_FOUND);
    }
    surroundings_create_topic(missing, 1);
    int64_t from_ms = clock_mono_ms();
    while (r.outcomes[KAFKA_PERSISTED] == 0 && clock_mono_ms() - from_ms < 15000) {
        unsigned before = r.reported;
        err = records_produce(&r, missing, STR("x"));
        if (err == ERR_OK)
            cr_assert(drive_until_count(r.loop, &r.reported, before + 1, 40000));
        else
            drive_for(r.loop, 100);
    }
    cr_expect_eq(r.outcomes[KAFKA_PERSISTED], 1, "not found %lld ms after it was made",
                 (long long)(clock_mono_ms() - from_ms));
    surroundings_delete_topic(missing);
    records_stop(&r);
}

Test(kafka, tells_what_is_queued_when_the_producer_is_freed)
{
    records_start(&r, 1);
    for (unsigned i = 0; i < 100; i++)
        cr_assert_eq(records_produce(&r, r.topic, STR("x")), ERR_OK);
    kafka_producer_free(r.producer, 10000);
    cr_expect_eq(r.outcomes[KAFKA_PERSISTED], 100);
    records_start_producer(&r, 20000, 1000);
    for (unsigned i = 0; i < 100; i++)
        cr_assert_eq(records_produce(&r, r.topic, STR("x")), ERR_OK);
    kafka_producer_free(r.producer, 0);
    r.producer = NULL;
    cr_expect_eq(r.reported, 200, "each is told, whatever became of it");
    records_stop(&r);
}

/* --- consuming --- */

Test(kafka, hands_out_the_records_of_a_partition_in_order)
{
    int64_t next[PARTITIONS] = {0};
    records_start(&r, PARTITIONS);
    records_produce_numbers(&r, 0, 2000);
    member_join(&members[0], &r, RECORDS_MAX, RECORDS_MAX);
    cr_assert(drive_until_count(r.loop, &r.distinct, 2000, 20000), "%u came", r.distinct);
    for (unsigned i = 0; i < members[0].count; i++)
        cr_assert_eq(members[0].taken[i].offset, next[members[0].taken[i].partition]++);
    cr_expect_eq(members[0].count, 2000);
    cr_expect_eq(kafka_consumer_open(members[0].consumer), 2000);
    member_finish_all(&members[0], 1);
    cr_expect_eq(kafka_consumer_open(members[0].consumer), 0);
    member_finish(&members[0], 7);
    cr_expect_eq(kafka_consumer_open(members[0].consumer), 0, "twice is once");
    member_leave(&members[0]);
    records_stop(&r);
}

/* What is committed is the low watermark: the next member begins exactly there. */
Test(kafka, goes_on_at_the_first_unfinished_record)
{
    enum { N = 500, OPEN = 123 };
    records_start(&r, 1);
    records_produce_numbers(&r, 0, N);
    member_join(&members[0], &r, RECORDS_MAX, RECORDS_MAX);
    cr_assert(drive_until_count(r.loop, &members[0].count, N, 20000));
    for (unsigned i = N; i-- > 0;) {
        if (i != OPEN && i != OPEN + 100)
            member_finish(&members[0], i);
    }
    cr_expect_eq(kafka_consumer_open(members[0].consumer), 2);
    member_leave(&members[0]);
    member_join(&members[1], &r, RECORDS_MAX, RECORDS_MAX);
    cr_assert(drive_until_count(r.loop, &members[1].count, N - OPEN, 20000));
    cr_expect_eq(members[1].taken[0].offset, OPEN);
    drive_for(r.loop, 200);
    cr_expect_eq(members[1].count, N - OPEN);
    member_finish_all(&members[1], 2);
    member_leave(&members[1]);
    member_join(&members[2], &r, RECORDS_MAX, RECORDS_MAX);
    cr_assert(member_wait_until_assigned(&members[2], 20000));
    records_produce_numbers(&r, N, N + 1);
    cr_assert(drive_until_count(r.loop, &members[2].count, 1, 20000));
    cr_expect_eq(members[2].taken[0].offset, N, "all was finished before");
    member_leave(&members[2]);
    records_stop(&r);
}

Test(kafka, commits_while_it_goes_on)
{
    records_start(&r, 1);
    records_produce_numbers(&r, 0, 100);
    members[0].finishes = true;
    member_join(&members[0], &r, RECORDS_MAX, RECORDS_MAX);
    cr_assert(drive_until_count(r.loop, &members[0].count, 100, 20000));
    drive_for(r.loop, 2500); /* the interval of commits, and some */
    member_join(&members[1], &r, RECORDS_MAX,
                RECORDS_MAX); /* takes the partition, or not: one has it */
    drive_for(r.loop, 3000);
    records_produce_numbers(&r, 100, 101);
    cr_assert(drive_until_count(r.loop, &r.distinct, 101, 20000));
    cr_expect_eq(members[0].count + members[1].count, 101, "none came twice");
    member_leave(&members[1]);
    member_leave(&members[0]);
    records_stop(&r);
}

Test(kafka, stops_when_the_reader_has_no_room_and_goes_on_when_it_has)
{
    records_start(&r, 2);
    records_produce_numbers(&r, 0, 300);
    member_join(&members[0], &r, 50, RECORDS_MAX);
    cr_assert(drive_until_count(r.loop, &members[0].refusals, 1, 20000));
    drive_for(r.loop, 300);
    cr_expect_eq(members[0].count, 50);
    cr_expect_lt(members[0].refusals, 10, "asked %u times in vain", members[0].refusals);
    members[0].room = 200;
    kafka_consumer_more(members[0].consumer);
    cr_assert(drive_until_count(r.loop, &members[0].count, 200, 400), "%u came", members[0].count);
    members[0].room = RECORDS_MAX;
    member_finish(&members[0], 0); /* a finished record makes room, too */
    cr_assert(drive_until_count(r.loop, &members[0].count, 300, 400), "%u came", members[0].count);
    cr_expect_eq(r.distinct, 300);
    member_leave(&members[0]);
    records_stop(&r);
}

Test(kafka, hands_out_no_more_than_the_open_records_of_each_partition)
{
    unsigned from_each[PARTITIONS] = {0};
    records_start(&r, 2);
    records_produce_numbers(&r, 0, 1000);
    member_join(&members[0], &r, RECORDS_MAX, 20);
    cr_assert(drive_until_count(r.loop, &members[0].count, 40, 20000));
    drive_for(r.loop, 300);
    cr_expect_eq(members[0].count, 40);
    for (unsigned i = 0; i < 40; i++)
        from_each[members[0].taken[i].partition]++;
    cr_expect_eq(from_each[0], 20);
    cr_expect_eq(from_each[1], 20);
    while (members[0].count < 1000) {
        unsigned before = members[0].count;
        member_finish_all(&members[0], before);
        cr_assert(drive_until_count(r.loop, &members[0].count, before + 1, 5000));
    }
    cr_expect_eq(r.distinct, 1000);
    member_leave(&members[0]);
    records_stop(&r);
}

Test(kafka, hands_out_nothing_more_once_stopped)
{
    records_start(&r, 1);
    records_produce_numbers(&r, 0, 10);
    member_join(&members[0], &r, RECORDS_MAX, RECORDS_MAX);
    cr_assert(drive_until_count(r.loop, &members[0].count, 10, 20000));
    kafka_consumer_stop(members[0].consumer);
    records_produce_numbers(&r, 10, 20);
    drive_for(r.loop, 500);
    cr_expect_eq(members[0].count, 10);
    member_finish_all(&members[0], 3);
    member_leave(&members[0]);
    member_join(&members[1], &r, RECORDS_MAX, RECORDS_MAX);
    cr_assert(drive_until_count(r.loop, &members[1].count, 10, 20000));
    cr_expect_eq(members[1].taken[0].offset, 10, "the rest is for the next");
    member_leave(&members[1]);
    records_stop(&r);
}
