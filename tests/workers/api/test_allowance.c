#include "workers/api/allowance.h"

#include <criterion/criterion.h>

static const struct rate_limit FAST = {1000, 2000}, SLOW = {5, 5};

static struct allowance filled(int64_t taken, int64_t left, int64_t now_ms)
{
    struct allowance a = {0};
    const struct bucket_reply reply = {.taken = taken, .left = left, .full_us = 2500000};
    allowance_fill(&a, &reply, now_ms);
    return a;
}

Test(allowance, what_was_taken_can_be_used_until_it_lapses)
{
    struct allowance none = {0}, a = filled(2, 7, 1000);
    cr_expect(!allowance_use(&none, 1000));
    cr_expect_eq(allowance_left(&a), 9);
    cr_expect(allowance_use(&a, 1000 + ALLOWANCE_MS - 1));
    cr_expect_eq(allowance_left(&a), 8);
    cr_expect(!allowance_use(&a, 1000 + ALLOWANCE_MS));
    cr_expect_eq(allowance_return(&a), 1, "what lapsed goes back");
    cr_expect_eq(allowance_return(&a), 0, "once");
    cr_expect_eq(allowance_left(&a), 7);
}

Test(allowance, as_much_is_taken_ahead_as_will_be_used_as_it_went_lately)
{
    struct allowance none = {0}, a = filled(50, 0, 1000);
    cr_expect_eq(allowance_ahead(&none, &FAST, 1000), 0, "the first request takes what it needs");
    for (int i = 0; i < 3; i++)
        cr_assert(allowance_use(&a, 1000));
    cr_expect_eq(allowance_ahead(&a, &FAST, 1050), 6);
    cr_expect_eq(allowance_ahead(&a, &FAST, 1000 + ALLOWANCE_MS), 3);
    cr_expect_eq(allowance_ahead(&a, &FAST, 1000), 12, "a moment is no measure");
    cr_expect_eq(allowance_ahead(&a, &FAST, 1001 + 2 * ALLOWANCE_MS), 0, "long ago");
}

Test(allowance, no_more_is_taken_ahead_than_a_moment_brings)
{
    struct allowance a = filled(500, 0, 1000);
    for (int i = 0; i < 500; i++)
        cr_assert(allowance_use(&a, 1000));
    cr_expect_eq(allowance_ahead(&a, &FAST, 1050), 100);
    cr_expect_eq(allowance_ahead(&a, &SLOW, 1050), 0, "a low rate is exact");
}

Test(allowance, tells_when_the_bucket_is_full)
{
    struct allowance none = {0}, a = filled(1, 1, 1000);
    cr_expect_eq(allowance_full_in_s(&none, 1000), 0);
    cr_expect_eq(allowance_full_in_s(&a, 1000), 3);
    cr_expect_eq(allowance_full_in_s(&a, 3499), 1);
    cr_expect_eq(allowance_full_in_s(&a, 3500), 0);
}

Test(allowance, retry_after_is_whole_seconds_from_one_to_sixty)
{
    static const struct {
        int64_t wait_us;
        unsigned s;
    } cases[] = {{0, 1}, {1, 1}, {1000000, 1}, {1000001, 2}, {60000000, 60}, {3600000000, 60}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct bucket_reply reply = {.wait_us = cases[i].wait_us};
        cr_expect_eq(allowance_retry_after_s(&reply), cases[i].s, "%lld us",
                     (long long)cases[i].wait_us);
    }
}

Test(rate_limit, the_first_level_with_a_rate_counts)
{
    static const struct {
        const char *name;
        struct rate_limit levels[3], want;
    } cases[] = {
        {"none", {{0, 0}, {0, 0}, {0, 0}}, {0, 0}},
        {"a burst alone is no limit", {{0, 7}, {0, 0}, {0, 0}}, {0, 0}},
        {"the key's", {{5, 9}, {6, 7}, {1, 1}}, {5, 9}},
        {"the key's, as many at once as in a second", {{5, 0}, {6, 7}, {1, 1}}, {5, 5}},
        {"the account's", {{0, 0}, {6, 7}, {1, 1}}, {6, 7}},
        {"the account's, with the key's burst", {{0, 3}, {6, 7}, {1, 1}}, {6, 3}},
        {"the settings'", {{0, 0}, {0, 0}, {100, 200}}, {100, 200}},
        {"the settings', as many at once as in a second", {{0, 0}, {0, 0}, {100, 0}}, {100, 100}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rate_limit got = rate_limit_of(cases[i].levels, 3);
        cr_expect_eq(got.per_s, cases[i].want.per_s, "%s", cases[i].name);
        cr_expect_eq(got.burst, cases[i].want.burst, "%s", cases[i].name);
    }
}
