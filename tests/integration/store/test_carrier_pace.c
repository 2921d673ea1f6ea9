#include "common/store/carrier_pace.h"

#include "tests/support/drive.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { WAIT_MS = 20000, TAKEN_MAX = 4000 };

static struct store s;
static struct carrier_limit limit;

static void open_store(void)
{
    store_open(&s);
    limit = (struct carrier_limit){.name = s.account};
}

static void close_store(void)
{
    (void)store_int(&s, "DEL rate:{carrier:%s}", s.account);
    store_close(&s);
}

TestSuite(carrier_pace, .init = open_store, .fini = close_store);

struct outcome {
    bool come;
    struct carrier_pace pace;
};

static void on_pace(void *arg, enum err err, const struct carrier_pace *pace)
{
    cr_assert_eq(err, ERR_OK);
    *(struct outcome *)arg = (struct outcome){true, *pace};
}

static bool has_come(void *arg)
{
    return ((const struct outcome *)arg)->come;
}

static struct carrier_pace take(bool fast, int64_t want, int64_t back)
{
    struct outcome o = {.come = false};
    const struct carrier_wish wish = {fast, want, back};
    cr_assert_eq(carrier_pace_take(s.redis, &limit, &wish, on_pace, &o), ERR_OK);
    cr_assert(drive_until(s.loop, has_come, &o, WAIT_MS));
    return o.pace;
}

static struct carrier_pace slow(uint32_t sender, int64_t speed_milli, int64_t retry_after_ms)
{
    struct outcome o = {.come = false};
    const struct carrier_throttling throttling = {retry_after_ms, speed_milli, sender};
    cr_assert_eq(carrier_pace_slow(s.redis, &limit, &throttling, on_pace, &o), ERR_OK);
    cr_assert(drive_until(s.loop, has_come, &o, WAIT_MS));
    return o.pace;
}

/* As if so much time had passed since the carrier throttled. */
static void pass(int64_t ms)
{
    (void)store_int(&s, "HINCRBY rate:{carrier:%s} cut -%lld", s.account, (long long)ms);
}

/* --- tokens --- */

Test(carrier_pace, without_a_limit_there_is_nothing_to_take)
{
    struct carrier_pace pace = take(false, 100, 0);
    cr_expect(pace.limit_milli == 0 && pace.shut_ms == 0 && pace.taken == 0);
    cr_expect_eq(store_int(&s, "EXISTS rate:{carrier:%s}", s.account), 0);
}

Test(carrier_pace, bulk_leaves_some_to_fast)
{
    limit.milli = 100000;
    limit.burst = 26;
    struct carrier_pace bulk = take(false, 1000, 0), fast;
    cr_expect(bulk.taken >= 18 && bulk.taken <= 21, "%lld", (long long)bulk.taken);
    cr_expect(bulk.wait_us > 10000 && bulk.wait_us < 40000, "%lld: two are worth asking for",
              (long long)bulk.wait_us);
    fast = take(true, 1000, 0);
    cr_expect(fast.taken >= 2 && fast.taken <= 4, "%lld", (long long)fast.taken);
    cr_expect_eq(take(false, 1, 0).taken, 0);
    cr_expect_eq(take(false, 11, fast.taken + 8).taken > 0, true, "what comes back is there again");
}

Test(carrier_pace, a_slow_carrier_keeps_one_for_fast)
{
    limit.milli = 1000;
    cr_expect_eq(take(false, 10, 0).taken, 1);
    cr_expect_eq(take(false, 10, 0).taken, 0);
    cr_expect_eq(take(true, 10, 0).taken, 1);
    struct carrier_pace fast = take(true, 10, 0);
    cr_expect(fast.taken == 0 && fast.wait_us > 0 && fast.wait_us <= 1050000, "%lld",
              (long long)fast.wait_us);
}

struct taker {
    struct outcome outcome;
    bool asks;
    int64_t again_ms;
};

Test(carrier_pace, several_senders_keep_the_limit_and_use_it)
{
    enum { TAKERS = 4, PER_S = 2000, RUN_MS = 2000 };
    static struct taker takers[TAKERS];
    static struct {
        int64_t at_ms, count;
    } taken[TAKEN_MAX];
    size_t count = 0;
    int64_t sum = 0, start = loop_now_ms(s.loop), now = start;
    limit.milli = PER_S * 1000;
    for (; now < start + RUN_MS; now = loop_now_ms(s.loop)) {
        for (size_t i = 0; i < TAKERS; i++) {
            struct taker *t = &takers[i];
            if (t->asks && t->outcome.come && count < TAKEN_MAX) {
                taken[count].at_ms = now;
                taken[count++].count = t->outcome.pace.taken;
                sum += t->outcome.pace.taken;
                t->asks = false;
                t->again_ms = now + t->outcome.pace.wait_us / 1000 + rand() % 5;
            }
            if (t->asks || now < t->again_ms)
                continue;
            t->outcome.come = false;
            t->asks = true;
            cr_assert_eq(carrier_pace_take(s.redis, &limit, &(struct carrier_wish){false, 100, 0},
                                           on_pace, &t->outcome),
                         ERR_OK);
        }
        drive_for(s.loop, 1);
    }
    drive_for(s.loop, 50);
    cr_expect_geq(sum, PER_S * RUN_MS / 1000 * 85 / 100, "%lld", (long long)sum);
    cr_expect_leq(sum, PER_S * RUN_MS / 1000 + PER_S / 4, "%lld", (long long)sum);
    for (size_t i = 0, end = 0, in = 0; i < count; i++) {
        for (; end < count && taken[end].at_ms < taken[i].at_ms + 1000; end++)
            in += (size_t)taken[end].count;
        cr_assert_leq(in, PER_S + PER_S / 3, "%zu in a second, by our clock", in);
        in -= (size_t)taken[i].count;
    }
}

/* --- throttling --- */

Test(carrier_pace, a_carrier_that_wants_to_be_asked_later_is_shut)
{
    limit.milli = 100000;
    struct carrier_pace pace = slow(1, 80000, 3000);
    cr_expect(pace.shut_ms > 2500 && pace.shut_ms <= 3000, "%lld", (long long)pace.shut_ms);
    (void)slow(2, 80000, 1000);
    pace = take(true, 10, 0);
    cr_expect(pace.taken == 0 && pace.shut_ms > 2000, "the longest holds");
    cr_expect_geq(pace.wait_us, 2000000);
}

Test(carrier_pace, throttling_cuts_the_limit_once_and_it_grows_back)
{
    limit.milli = 1000000;
    cr_expect_eq(slow(1, 500000, 0).limit_milli / 1000, 350, "a part of what it has borne");
    cr_expect_eq(slow(1, 500000, 0).limit_milli / 1000, 350, "the same throttling");
    cr_expect_eq(slow(2, 300000, 0).limit_milli / 1000, 560, "another sender's share");
    cr_expect_eq(slow(2, 300000, 0).limit_milli / 1000, 560);
    pass(2000);
    int64_t grown = take(false, 0, 0).limit_milli / 1000;
    cr_expect(grown >= 660 && grown <= 670, "%lld", (long long)grown);
    int64_t cut = slow(1, 1, 0).limit_milli / 1000;
    cr_expect(cut >= 460 && cut <= 470, "%lld: a part of what it was", (long long)cut);
    pass(11000);
    cr_expect_eq(take(false, 0, 0).limit_milli, limit.milli);
    for (int i = 0; i < 10; i++) {
        cut = slow(1, 1, 0).limit_milli;
        pass(1000);
    }
    cr_expect_geq(cut, limit.milli / 5);
}

Test(carrier_pace, one_without_a_limit_gets_one_and_loses_it_again)
{
    cr_expect_eq(slow(1, 400000, 0).limit_milli / 1000, 280);
    cr_expect_eq(slow(2, 400000, 0).limit_milli / 1000, 560);
    cr_expect_gt(take(false, 100, 0).taken, 0);
    pass(10000);
    int64_t grown = take(false, 0, 0).limit_milli / 1000;
    cr_expect(grown >= 960 && grown <= 970, "%lld", (long long)grown);
    pass(20000);
    cr_expect_eq(take(false, 0, 0).limit_milli, 0);
    cr_expect_eq(slow(1, 0, 0).limit_milli / 1000, 35, "one that has sent nothing says little");
}
