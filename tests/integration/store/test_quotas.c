#include "common/store/quotas.h"

#include "common/base/clock.h"
#include "tests/support/drive.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { WAIT_MS = 20000 };

static const int64_t DAY_S = 86400;

static struct store s;

static void open_store(void)
{
    store_open(&s);
}

static void close_store(void)
{
    store_close(&s);
}

TestSuite(quotas, .init = open_store, .fini = close_store);

struct outcome {
    unsigned come, taken;
    struct quota_result last;
};

static void on_taken(void *arg, const struct quota_result *result)
{
    struct outcome *o = arg;
    cr_assert_eq(result->err, ERR_OK);
    o->come++;
    o->taken += result->exceeded == QUOTA_NONE;
    o->last = *result;
}

static bool has_come(void *arg)
{
    return ((const struct outcome *)arg)->come > 0;
}

static struct account account(int64_t messages_a_day, int64_t spend_a_month_milli)
{
    struct account a = {.currency = "NOK", .quotas = {messages_a_day, spend_a_month_milli}};
    memcpy(a.id, s.account, sizeof(a.id));
    return a;
}

static struct quota_result take(const struct account *a, int64_t messages, int64_t cost_milli)
{
    struct outcome o = {0};
    cr_assert_eq(quotas_take(s.redis, a, messages, cost_milli, on_taken, &o), ERR_OK);
    cr_assert(drive_until(s.loop, has_come, &o, WAIT_MS));
    return o.last;
}

static void on_returned(void *arg, enum err err)
{
    cr_assert_eq(err, ERR_OK);
    ((struct outcome *)arg)->come++;
}

static void give_back(const struct quota_taken *taken)
{
    struct outcome o = {0};
    cr_assert_eq(quotas_return(s.redis, taken, on_returned, &o), ERR_OK);
    cr_assert(drive_until(s.loop, has_come, &o, WAIT_MS));
}

Test(quotas, a_send_is_taken_as_a_whole_or_not_at_all)
{
    const struct account a = account(100, 0);
    cr_expect_eq(take(&a, 60, 0).exceeded, QUOTA_NONE);
    struct quota_result refused = take(&a, 41, 0);
    cr_expect_eq(refused.exceeded, QUOTA_MESSAGES);
    cr_expect_eq(refused.limit, 100);
    cr_expect_eq(refused.asked, 41);
    cr_expect_eq(refused.remaining, 40);
    cr_expect_eq(refused.taken.account[0], '\0');
    cr_expect_eq(take(&a, 40, 0).exceeded, QUOTA_NONE, "the refused one has taken nothing");
    cr_expect_eq(take(&a, 1, 0).remaining, 0);
}

Test(quotas, a_day_and_a_month_of_utc)
{
    const struct account messages = account(1, 0), spend = account(0, 1);
    int64_t now_s = store_now_ms(&s) / 1000;
    int64_t day_ends_s = take(&messages, 2, 0).resets_at_ms / 1000;
    int64_t month_ends_s = take(&spend, 1, 2).resets_at_ms / 1000;
    cr_expect_eq(day_ends_s % DAY_S, 0);
    cr_expect(day_ends_s > now_s - 60 && day_ends_s <= now_s + DAY_S);
    cr_expect_eq(month_ends_s % DAY_S, 0);
    cr_expect(month_ends_s >= day_ends_s && month_ends_s <= now_s + 31 * DAY_S);
    char at[CLOCK_TEXT_SIZE];
    clock_format_day(at, month_ends_s * 1000);
    cr_expect_str_eq(at + 6, "01", "%s", at);
}

Test(quotas, yesterday_and_another_month_and_another_currency_do_not_count)
{
    struct account a = account(10, 5000);
    cr_expect_eq(take(&a, 10, 5000).exceeded, QUOTA_NONE);
    (void)store_int(&s, "HINCRBY q:{%s} day -1", s.account);
    cr_expect_eq(take(&a, 1, 0).exceeded, QUOTA_NONE, "another day");
    cr_expect_eq(take(&a, 1, 1).exceeded, QUOTA_SPEND, "the same month");
    (void)store_int(&s, "HINCRBY q:{%s} month -1", s.account);
    cr_expect_eq(take(&a, 1, 5000).exceeded, QUOTA_NONE, "another month");
    memcpy(a.currency, "EUR", CURRENCY_SIZE);
    cr_expect_eq(take(&a, 1, 5000).exceeded, QUOTA_NONE, "another currency");
    cr_expect_eq(take(&a, 8, 0).remaining, 7, "messages go on");
}

Test(quotas, of_two_the_one_that_lasts_longer_is_told)
{
    const struct account a = account(1, 1);
    cr_expect_eq(take(&a, 2, 2).exceeded, QUOTA_SPEND);
    cr_expect_eq(take(&a, 2, 1).exceeded, QUOTA_MESSAGES);
}

Test(quotas, what_is_given_back_can_be_taken_again)
{
    const struct account a = account(10, 1000);
    struct quota_result taken = take(&a, 10, 1000);
    cr_assert_eq(taken.exceeded, QUOTA_NONE);
    give_back(&taken.taken);
    taken = take(&a, 10, 1000);
    cr_assert_eq(taken.exceeded, QUOTA_NONE);
    taken.taken.day--;
    taken.taken.month--;
    give_back(&taken.taken);
    cr_expect_eq(take(&a, 1, 0).remaining, 0, "what is over is not given back");
    taken.taken.day++;
    taken.taken.messages = 1000;
    give_back(&taken.taken);
    cr_expect_eq(take(&a, 11, 0).remaining, 10, "never more than the quota");
}

Test(quotas, of_many_at_once_none_is_too_many)
{
    const struct account a = account(50, 0);
    struct outcome o = {0};
    for (int i = 0; i < 200; i++)
        cr_assert_eq(quotas_take(s.redis, &a, 3, 0, on_taken, &o), ERR_OK);
    for (int i = 0; i < 1000 && o.come < 200; i++)
        loop_turn(s.loop, 20);
    cr_expect_eq(o.come, 200);
    cr_expect_eq(o.taken, 16);
}

Test(quotas, counts_are_gone_with_the_month)
{
    const struct account a = account(10, 0);
    (void)take(&a, 1, 0);
    int64_t left_s = store_int(&s, "TTL q:{%s}", s.account);
    cr_expect(left_s > 0 && left_s <= 31 * DAY_S);
}
