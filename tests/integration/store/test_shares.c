#include "common/store/shares.h"
#include "tests/support/drive.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct store s;
static struct shares seen;
static unsigned answers;

/* All sends of the Redis share one place; nobody else may be in it. */
static void open_store(void)
{
    store_open(&s);
    (void)store_int(&s, "DEL shares:{shares} share:{shares}");
}

static void close_store(void)
{
    (void)store_int(&s, "DEL shares:{shares} share:{shares}");
    store_close(&s);
}

TestSuite(shares, .init = open_store, .fini = close_store);

static void on_shares(void *arg, enum err err, const struct shares *shares)
{
    (void)arg;
    cr_assert_eq(err, ERR_OK);
    seen = *shares;
    answers++;
}

static void take(const char *account, const char *name, int64_t weight, int64_t drain_milli)
{
    const struct sharer sharer = {account, str_of(name), weight, drain_milli};
    cr_assert_eq(shares_take(s.redis, &sharer, on_shares, NULL), ERR_OK);
    cr_assert(drive_until_count(s.loop, &answers, 1, 5000));
    answers = 0;
}

Test(shares, a_lone_send_has_everything)
{
    take("a", "a/1", 10, 5000);
    cr_expect_eq(seen.all_milli, 5000);
    cr_expect_eq(seen.millionths, 1000000);
    take("a", "a/1", 10, 7000);
    cr_expect_eq(seen.all_milli, 7000, "it is told again, not added");
}

Test(shares, accounts_share_by_weight_and_their_sends_evenly)
{
    take("a", "a/1", 10, 1000);
    take("a", "a/2", 10, 2000);
    cr_expect_eq(seen.millionths, 500000);
    take("b", "b/1", 30, 3000);
    cr_expect_eq(seen.all_milli, 6000);
    cr_expect_eq(seen.millionths, 750000);
    take("a", "a/1", 10, 1000);
    cr_expect_eq(seen.millionths, 125000);
    take("a", "a/1", 90, 1000);
    cr_expect_eq(seen.millionths, 375000, "a new weight counts at once");
}

Test(shares, who_leaves_or_is_not_heard_of_counts_no_more)
{
    take("a", "a/1", 10, 1000);
    take("b", "b/1", 30, 3000);
    const struct sharer gone = {"b", STR("b/1"), 30, 0};
    shares_leave(s.redis, &gone);
    shares_leave(s.redis, &gone);
    take("a", "a/1", 10, 1000);
    cr_expect_eq(seen.all_milli, 1000);
    cr_expect_eq(seen.millionths, 1000000);
    take("c", "c/1", 10, 500);
    (void)store_int(&s, "ZADD shares:{shares} 1 c/1");
    take("a", "a/1", 10, 1000);
    cr_expect_eq(seen.all_milli, 1000);
    cr_expect_eq(seen.millionths, 1000000);
    cr_expect_eq(store_int(&s, "HLEN share:{shares}"), 5, "nothing is left of them");
}
