#include "common/store/bucket.h"

#include "tests/support/drive.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>

enum { WAIT_MS = 20000 };

static struct store s;

static void open_store(void)
{
    store_open(&s);
}

static void close_store(void)
{
    store_close(&s);
}

TestSuite(bucket, .init = open_store, .fini = close_store);

struct outcome {
    bool come;
    struct bucket_reply reply;
};

static void on_taken(void *arg, enum err err, const struct bucket_reply *reply)
{
    cr_assert_eq(err, ERR_OK);
    *(struct outcome *)arg = (struct outcome){true, *reply};
}

static bool has_come(void *arg)
{
    return ((const struct outcome *)arg)->come;
}

static struct bucket_reply take(int64_t per_s, int64_t burst, int64_t want, int64_t back)
{
    struct outcome o = {0};
    const struct bucket_wish wish = {{per_s, burst}, want, back};
    cr_assert_eq(bucket_take(s.redis, s.account, "abc", &wish, on_taken, &o), ERR_OK);
    cr_assert(drive_until(s.loop, has_come, &o, WAIT_MS));
    return o.reply;
}

/* Moves the bucket's time back, as if so much time had passed. */
static void pass(int64_t us)
{
    (void)store_int(&s, "INCRBYFLOAT r:{%s}:abc -%lld", s.account, (long long)us);
}

Test(bucket, gives_its_burst_and_then_nothing)
{
    struct bucket_reply got = take(1, 5, 3, 0);
    cr_expect_eq(got.taken, 3);
    cr_expect_eq(got.left, 2);
    cr_expect(got.full_us > 2900000 && got.full_us <= 3000000, "%lld", (long long)got.full_us);
    cr_expect_eq(got.wait_us, 0);
    got = take(1, 5, 3, 0);
    cr_expect_eq(got.taken, 2, "as many as there are");
    cr_expect_eq(got.left, 0);
    cr_expect(got.wait_us > 0 && got.wait_us <= 1000000, "%lld", (long long)got.wait_us);
    cr_expect_eq(take(1, 5, 1, 0).taken, 0);
}

Test(bucket, fills_at_its_rate)
{
    cr_assert_eq(take(10, 10, 10, 0).taken, 10);
    pass(250000);
    cr_expect_eq(take(10, 10, 10, 0).taken, 2);
    pass(60000);
    cr_expect_eq(take(10, 10, 10, 0).taken, 1, "parts of a token are not lost");
    pass(100000000);
    cr_expect_eq(take(10, 10, 100, 0).taken, 10, "never more than it holds");
}

Test(bucket, takes_back_what_was_not_needed)
{
    cr_assert_eq(take(1, 5, 5, 0).taken, 5);
    struct bucket_reply got = take(1, 5, 3, 4);
    cr_expect_eq(got.taken, 3);
    cr_expect_eq(got.left, 1);
    cr_expect_eq(take(1, 5, 0, 1000).left, 5, "never more than it holds");
}

Test(bucket, that_becomes_smaller_is_not_in_debt_for_long)
{
    cr_assert_eq(take(1, 1000, 1000, 0).taken, 1000);
    struct bucket_reply got = take(1, 5, 1, 0);
    cr_expect_eq(got.taken, 0);
    cr_expect_leq(got.wait_us, 1000000);
}

Test(bucket, of_a_rate_that_divides_no_second_evenly)
{
    cr_expect_eq(take(3, 3, 3, 0).taken, 3);
    pass(1000000);
    cr_expect_eq(take(3, 3, 4, 0).taken, 3);
}

Test(bucket, is_gone_when_it_is_full)
{
    (void)take(1, 5, 2, 0);
    int64_t left_ms = store_int(&s, "PTTL r:{%s}:abc", s.account);
    cr_expect(left_ms > 0 && left_ms <= 2001, "%lld", (long long)left_ms);
}
