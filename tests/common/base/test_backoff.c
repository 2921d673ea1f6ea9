#include "common/base/backoff.h"

#include <criterion/criterion.h>

Test(backoff, doubles_up_to_its_cap)
{
    static const struct {
        unsigned tries;
        uint32_t random;
        int64_t want_ms;
    } cases[] = {
        {0, 0, 1},
        {0, UINT32_MAX, 1000},
        {0, UINT32_MAX / 2, 500},
        {1, UINT32_MAX, 2000},
        {2, UINT32_MAX, 4000},
        {3, UINT32_MAX, 5000}, /* the cap */
        {63, UINT32_MAX, 5000},
        {4000000000, UINT32_MAX, 5000},
        {4000000000, 0, 1},
    };
    const struct backoff b = {.base_ms = 1000, .cap_ms = 5000};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t got_ms = backoff_ms(b, cases[i].tries, cases[i].random);
        cr_expect_eq(got_ms, cases[i].want_ms, "try %u: got %lld", cases[i].tries,
                     (long long)got_ms);
    }
}

Test(backoff, base_over_cap_is_the_cap)
{
    cr_expect_eq(backoff_ms((struct backoff){9000, 5000}, 0, UINT32_MAX), 5000);
}
