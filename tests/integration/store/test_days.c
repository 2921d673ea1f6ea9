#include "common/store/days.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>

static struct store s;
static int64_t today;

static void open_store(void)
{
    store_open(&s);
    today = calendar_day(store_now_ms(&s));
}

static void close_store(void)
{
    store_close(&s);
}

TestSuite(days, .init = open_store, .fini = close_store);

struct answer {
    bool came;
    struct days_counts counts;
};

static void on_days(void *arg, enum err err, const struct days_counts *counts)
{
    struct answer *answer = arg;
    cr_assert_eq(err, ERR_OK, "%s", err_text(err));
    answer->came = true;
    answer->counts = *counts;
}

static struct days_counts look(int64_t first, int64_t last)
{
    struct answer answer = {.came = false};
    cr_assert_eq(days_read(s.redis, s.account, (struct days){first, last}, on_days, &answer),
                 ERR_OK);
    for (int turns = 0; !answer.came && turns < 200; turns++)
        loop_turn(s.loop, 50);
    cr_assert(answer.came);
    return answer.counts;
}

static void count(int64_t day, const char *field, int64_t value)
{
    (void)store_int(&s, "HSET d:{%s}:%lld %s %lld", s.account, (long long)day, field,
                    (long long)value);
}

Test(days, an_account_without_messages_counts_none)
{
    struct days_counts counts = look(today - 29, today);
    struct counts sum = days_sum(&counts, counts.days);
    cr_expect_eq(counts_sent(&sum), 0);
    cr_expect_eq(sum.units, 0);
}

Test(days, each_day_is_its_own)
{
    count(today, "D", 1);
    count(today - 1, "D", 10);
    count(today - 29, "D", 100);
    count(today - 30, "D", 1000);
    count(today + 1, "W", 5);
    count(today - 1, "u", 7);
    struct days_counts counts = look(today - 29, today + 1);
    struct counts all = days_sum(&counts, counts.days);
    cr_expect_eq(all.by_status[STATUS_DELIVERED], 111);
    cr_expect_eq(all.by_status[STATUS_SCHEDULED], 5);
    cr_expect_eq(all.units, 7);
    struct counts two = days_sum(&counts, (struct days){today - 1, today});
    cr_expect_eq(two.by_status[STATUS_DELIVERED], 11);
    struct counts beyond = days_sum(&counts, (struct days){today - 100, today - 29});
    cr_expect_eq(beyond.by_status[STATUS_DELIVERED], 100, "only what was asked for");
}

Test(days, the_most_that_can_be_asked_for)
{
    count(today - PERIODS_MAX_DAYS + 1, "D", 1);
    struct days_counts counts = look(today - PERIODS_MAX_DAYS + 1, today);
    struct counts all = days_sum(&counts, counts.days);
    cr_expect_eq(counts_sent(&all), 1);
}

Test(days, what_the_state_of_messages_counts)
{
    struct chunk now, later;
    store_chunk(&now, &s, 3);
    store_chunk(&later, &s, 2);
    later.due_ms = store_now_ms(&s) + INT64_C(2) * 86400000;
    store_create(&s, &now);
    store_create(&s, &later);
    struct days_counts counts = look(today, today + 3);
    struct counts first = days_sum(&counts, (struct days){store_day(&now), store_day(&now)});
    cr_expect_eq(first.by_status[STATUS_QUEUED], 3);
    cr_expect_eq(counts_sent(&first), 3);
    struct counts all = days_sum(&counts, counts.days);
    cr_expect_eq(all.by_status[STATUS_SCHEDULED], 2, "on the day for which it is scheduled");
    cr_expect_eq(first.by_status[STATUS_SCHEDULED], 0);
    cr_expect_eq(counts_sent(&all), 3);
}

Test(days, a_message_counts_on_its_own_day_and_its_parts_on_that_of_acceptance)
{
    struct chunk chunk;
    store_chunk(&chunk, &s, 1);
    chunk.at_ms -= 86400000; /* accepted by us yesterday */
    store_create(&s, &chunk);
    struct claim claim = {.chunk = &chunk, .number = 1, .count = 1};
    store_claim(&s, &claim, 60000, 60000);
    struct record record = {.account = s.account,
                            .message = chunk.send,
                            .attempt = (unsigned)claim.answers[0],
                            .claim = 1,
                            .outcome = OUTCOME_ACCEPTED};
    cr_expect_eq(store_record(&s, &record), WRITTEN_CHANGED);
    struct report report = {.message = chunk.send, .attempt = 1, .state = REPORT_DELIVERED};
    memcpy(report.account, s.account, sizeof(report.account));
    cr_expect_eq(store_report(&s, &report), WRITTEN_CHANGED);
    int64_t day = store_day(&chunk);
    struct days_counts counts = look(day, day + 2);
    struct counts then = days_sum(&counts, (struct days){day, day});
    struct counts later = days_sum(&counts, (struct days){day + 1, day + 2});
    cr_expect_eq(then.by_status[STATUS_DELIVERED], 1);
    cr_expect_eq(counts_rate_milli(&then), 1000);
    cr_expect_eq(then.units, 0);
    cr_expect_eq(counts_sent(&later), 0);
    cr_expect_eq(later.units, chunk.parts);
}

Test(days, a_day_is_kept_for_400_days)
{
    struct chunk chunk;
    store_chunk(&chunk, &s, 3);
    store_create(&s, &chunk);
    int64_t day = store_day(&chunk);
    cr_expect_eq(store_int(&s, "EXPIRETIME d:{%s}:%lld", s.account, (long long)day),
                 (day + 400) * 86400);
}
