#include "common/base/clock.h"
#include "tests/support/records.h"

#include <criterion/criterion.h>

enum { PARTITIONS = 4 };

static struct records r;
static struct member members[3];

static bool got_from(const struct member *m, unsigned from, int32_t partition)
{
    for (unsigned i = from; i < m->count; i++) {
        if (m->taken[i].partition == partition)
            return true;
    }
    return false;
}

static void two_members_share(unsigned room_of_first)
{
    records_start(&r, 2);
    records_produce_numbers(&r, 0, 400);
    members[0].finishes = room_of_first > 400;
    member_join(&members[0], &r, room_of_first, RECORDS_MAX);
    unsigned first = room_of_first < 400 ? room_of_first : 400;
    cr_assert(drive_until_count(r.loop, &members[0].count, first, 20000));
    members[1].finishes = true;
    member_join(&members[1], &r, RECORDS_MAX, RECORDS_MAX);
    cr_assert(member_wait_until_assigned(&members[1], 15000), "the second never got its share");
    cr_assert(member_wait_until_assigned(&members[0], 15000));
    members[0].room = 2 * RECORDS_MAX;
    kafka_consumer_more(members[0].consumer);
    unsigned from0 = members[0].count, from1 = members[1].count;
    records_produce_numbers(&r, 400, 800);
    cr_assert(drive_until_count(r.loop, &r.distinct, 800, 20000), "%u came", r.distinct);
    cr_expect_gt(members[0].count, from0);
    cr_expect_gt(members[1].count, from1);
    for (int32_t p = 0; p < 2; p++)
        cr_expect_neq(got_from(&members[0], from0, p), got_from(&members[1], from1, p),
                      "each partition has one owner");
    member_leave(&members[1]);
    member_leave(&members[0]);
    records_stop(&r);
}

Test(kafka_group, two_members_share_the_partitions)
{
    two_members_share(RECORDS_MAX);
}

/* A carrier may be away for an hour, so that a member takes nothing: the group must go on. */
Test(kafka_group, a_member_without_room_keeps_nobody_from_joining)
{
    two_members_share(30);
}

static int64_t join_second_while_open(unsigned finish_after_ms)
{
    int64_t from_ms = clock_mono_ms();
    member_join(&members[1], &r, 2 * RECORDS_MAX, RECORDS_MAX);
    if (finish_after_ms > 0) {
        drive_for(r.loop, finish_after_ms);
        member_finish_all(&members[0], 5);
    }
    cr_assert(member_wait_until_assigned(&members[1], 20000));
    return clock_mono_ms() - from_ms;
}

Test(kafka_group, waits_for_open_records_before_it_lets_go)
{
    records_start(&r, 2);
    records_produce_numbers(&r, 0, 100);
    member_join(&members[0], &r, RECORDS_MAX, RECORDS_MAX);
    cr_assert(drive_until_count(r.loop, &members[0].count, 100, 20000));
    (void)join_second_while_open(1200); /* a member learns of it with its next heartbeat */
    drive_for(r.loop, 1500);
    cr_expect_eq(members[0].count, 100, "none came again");
    cr_expect_eq(members[1].count, 0, "none came again");
    records_produce_numbers(&r, 100, 200);
    cr_assert(drive_until_count(r.loop, &r.distinct, 200, 20000));
    cr_expect_eq(members[0].count + members[1].count, 200);
    member_leave(&members[1]);
    member_leave(&members[0]);
    records_stop(&r);
}

Test(kafka_group, lets_go_in_time_when_records_stay_open_and_loses_none)
{
    records_start(&r, 2);
    records_produce_numbers(&r, 0, 100);
    member_join(&members[0], &r, RECORDS_MAX, RECORDS_MAX);
    cr_assert(drive_until_count(r.loop, &members[0].count, 100, 20000));
    for (unsigned i = 0; i < 100; i++) {
        if (members[0].taken[i].offset < 10)
            member_finish(&members[0], i);
    }
    int64_t took_ms = join_second_while_open(0);
    cr_expect_lt(took_ms, RECORDS_REVOKE_MS + 6000, "%lld ms", (long long)took_ms);
    unsigned open = 100 - 20;
    cr_assert(member_wait_until_assigned(&members[0], 20000));
    int64_t until_ms = clock_mono_ms() + 10000;
    while (members[0].count + members[1].count < 100 + open && clock_mono_ms() < until_ms)
        loop_turn(r.loop, 10);
    cr_expect_eq(members[0].count + members[1].count, 100 + open,
                 "%u and %u: each open one comes again, and no other", members[0].count,
                 members[1].count);
    for (unsigned i = 0; i < 100; i++)
        member_finish(&members[0], i); /* of the assignment that is over */
    cr_expect_eq(kafka_consumer_open(members[0].consumer), members[0].count - 100);
    member_leave(&members[1]);
    member_leave(&members[0]);
    records_stop(&r);
}

/* A member whose every place is taken by records of an earlier assignment. */
Test(kafka_group, goes_on_when_records_of_an_earlier_assignment_make_room)
{
    records_start(&r, 2);
    records_produce_numbers(&r, 0, 50);
    member_join(&members[0], &r, 50, RECORDS_MAX);
    cr_assert(drive_until_count(r.loop, &members[0].count, 50, 20000));
    (void)join_second_while_open(0);
    cr_assert(member_wait_until_assigned(&members[0], 20000));
    records_produce_numbers(&r, 50, 100);
    cr_assert(drive_until_count(r.loop, &members[0].refusals, 1, 10000));
    members[0].room = RECORDS_MAX;
    for (unsigned i = 0; i < 50; i++)
        member_finish(&members[0], i);
    cr_expect(drive_until_count(r.loop, &r.distinct, 100, 10000), "%u of 100 came", r.distinct);
    cr_expect_gt(members[0].count, 50);
    member_leave(&members[1]);
    member_leave(&members[0]);
    records_stop(&r);
}

Test(kafka_group, is_freed_while_it_waits_for_open_records)
{
    records_start(&r, 2);
    records_produce_numbers(&r, 0, 50);
    member_join(&members[0], &r, RECORDS_MAX, RECORDS_MAX);
    cr_assert(drive_until_count(r.loop, &members[0].count, 50, 20000));
    member_join(&members[1], &r, RECORDS_MAX, RECORDS_MAX);
    drive_for(r.loop, 1500); /* by now the first is asked to let go */
    int64_t from_ms = clock_mono_ms();
    member_leave(&members[0]);
    cr_expect_lt(clock_mono_ms() - from_ms, 5000);
    cr_assert(drive_until_count(r.loop, &members[1].count, 50, 20000));
    member_leave(&members[1]);
    records_stop(&r);
}

/* Members come and go while records are produced, finished in any order, or left open. */
Test(kafka_group, loses_nothing_while_members_come_and_go)
{
    enum { ROUNDS = 8, PER_ROUND = 300 };
    records_start(&r, PARTITIONS);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct member *m = &members[round % 2];
        if (m->consumer != NULL)
            member_leave(m);
        m->finishes = round % 3 != 0;
        member_join(m, &r, 2 * RECORDS_MAX, 100 + 50 * round);
        records_produce_numbers(&r, round * PER_ROUND, (round + 1) * PER_ROUND);
        drive_for(r.loop, 700);
        for (unsigned i = 0; i < 2; i++) {
            if (members[i].consumer != NULL && round % 2 == 0)
                member_finish_all(&members[i], round);
        }
    }
    for (unsigned i = 0; i < 2; i++)
        member_leave(&members[i]);
    members[2].finishes = true;
    member_join(&members[2], &r, 2 * RECORDS_MAX, RECORDS_MAX);
    cr_assert(drive_until_count(r.loop, &r.distinct, ROUNDS * PER_ROUND, 30000), "%u of %d came",
              r.distinct, ROUNDS * PER_ROUND);
    member_leave(&members[2]);
    records_stop(&r);
}
