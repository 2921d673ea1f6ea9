#include "workers/api/fast.h"

#include <criterion/criterion.h>

static const int64_t US_A_MS = 1000;

/* The bucket as bucket_take.lua keeps it, in messages. */
struct model {
    int64_t per_s, size;
    double there;
    int64_t at_ms;
};

static struct bucket_reply take(struct model *m, const struct bucket_wish *wish, int64_t now_ms)
{
    m->there += (double)(m->per_s * (now_ms - m->at_ms)) / 1000 + (double)wish->back;
    m->there = m->there > (double)m->size ? (double)m->size : m->there;
    m->at_ms = now_ms;
    int64_t taken = wish->want < (int64_t)m->there ? wish->want : (int64_t)m->there;
    m->there -= (double)taken;
    double lacks = m->there < 1 ? 1 - m->there : 0;
    return (struct bucket_reply){.taken = taken,
                                 .left = (int64_t)m->there,
                                 .wait_us = (int64_t)(lacks * 1000 / (double)m->per_s) * US_A_MS};
}

/* Offers `each` messages every ms for so long; Redis answers `delay_ms` later. How many passed. */
static int64_t offer(struct fast *f, struct model *m, int64_t each, int64_t ms, int64_t delay_ms)
{
    struct rate_limit limit = fast_limit(m->per_s);
    int64_t passed = 0, answer_ms = 0;
    struct bucket_wish wish;
    m->size = limit.burst;
    m->there = (double)limit.burst;
    m->at_ms = 1000;
    for (int64_t now = 1000; now < 1000 + ms; now++) {
        if (f->asking && now >= answer_ms) {
            struct bucket_reply reply = take(m, &wish, now);
            fast_filled(f, &reply, now);
        }
        for (int64_t i = 0; i < each; i++)
            passed += fast_use(f, &limit, 1, now);
        if (fast_ask(f, &limit, now, &wish))
            answer_ms = now + delay_ms;
    }
    return passed;
}

Test(fast, a_flood_gets_its_rate_and_one_bucket_more)
{
    static const int64_t delays[] = {1, 5, 50};
    for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
        struct fast f = {0};
        struct model m = {.per_s = 100};
        int64_t passed = offer(&f, &m, 10, 20000, delays[i]);
        cr_expect_leq(passed, 100 * 20 + 100 + 10, "%lld passed", (long long)passed);
        cr_expect_geq(passed, 100 * 20 * 9 / 10, "%lld passed", (long long)passed);
    }
}

Test(fast, what_stays_below_the_rate_all_goes_fast)
{
    struct fast f = {0};
    struct model m = {.per_s = 2000};
    cr_expect_eq(offer(&f, &m, 1, 20000, 2), 20000);
}

Test(fast, the_first_one_goes_on_credit_and_is_paid_for)
{
    struct fast f = {0};
    struct rate_limit limit = fast_limit(5);
    struct bucket_wish wish = {0};
    cr_expect_eq(limit.burst, CHUNK_MAX, "one chunk of the largest always may");
    cr_expect(fast_use(&f, &limit, 3, 1000));
    cr_assert(fast_ask(&f, &limit, 1000, &wish));
    cr_expect_eq(wish.want, 3);
    cr_expect(!fast_ask(&f, &limit, 1000, &wish), "once at a time");
    fast_filled(&f, &(struct bucket_reply){.taken = 3, .left = 7}, 1001);
    cr_expect_eq(f.owed, 0);
    cr_expect(!fast_ask(&f, &limit, 1001, &wish), "nothing is owed");
}

Test(fast, while_redis_is_silent_no_more_pass_than_a_bucket_holds)
{
    struct fast f = {0};
    struct rate_limit limit = fast_limit(5);
    struct bucket_wish wish;
    int passed = 0;
    cr_assert(fast_use(&f, &limit, 1, 1000));
    cr_assert(fast_ask(&f, &limit, 1000, &wish));
    for (int i = 0; i < 1000; i++)
        passed += fast_use(&f, &limit, 1, 1000 + i);
    cr_expect_eq(passed, CHUNK_MAX - 1);
    fast_failed(&f, 2000);
    cr_expect(!fast_use(&f, &limit, 1, 2001), "nor after it failed, for a moment");
}

Test(fast, an_empty_bucket_is_not_asked_until_it_has_something)
{
    struct fast f = {0};
    struct rate_limit limit = fast_limit(200);
    struct bucket_wish wish;
    for (int i = 0; i < 50; i++)
        cr_assert(fast_use(&f, &limit, 1, 1000));
    cr_assert(fast_ask(&f, &limit, 1000, &wish));
    fast_filled(&f, &(struct bucket_reply){.taken = 20, .wait_us = 5000}, 1001);
    cr_expect_eq(f.owed, 30);
    cr_expect(!fast_use(&f, &limit, 1, 1003));
    cr_expect(!fast_ask(&f, &limit, 1003, &wish));
    f.owed = 0;
    cr_expect(fast_use(&f, &limit, 1, 1007));
    cr_assert(fast_ask(&f, &limit, 1007, &wish));
    cr_expect_geq(wish.want, 1);
}
