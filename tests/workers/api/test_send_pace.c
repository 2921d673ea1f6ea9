#include "workers/api/send_pace.h"

#include <criterion/criterion.h>

static const struct chunk ready = {.at_ms = 1000, .until_ms = 5000};

Test(send_pace, a_rate_is_kept_as_it_is)
{
    struct chunk shared = ready;
    const struct send_pace pace = {.rate_milli = 200000, .quiet = {1260, 480, true}};
    send_pace_set(&shared, &pace, 10);
    cr_expect_eq(shared.rate_milli, 200000);
    cr_expect_eq(shared.until_ms, 5000);
    cr_expect_eq(shared.quiet.from_min, 1260);
    cr_expect(shared.quiet.given);
}

Test(send_pace, a_period_makes_a_rate_and_more_time)
{
    struct chunk shared = ready;
    const struct send_pace pace = {.over_ms = 7200000};
    send_pace_set(&shared, &pace, 14400);
    cr_expect_eq(shared.rate_milli, 2000);
    cr_expect_eq(shared.until_ms, 7205000);
    cr_expect_not(shared.quiet.given);
}

Test(send_pace, without_either_nothing_changes)
{
    struct chunk shared = ready;
    const struct send_pace pace = {.over_ms = 0};
    send_pace_set(&shared, &pace, 14400);
    cr_expect_eq(shared.rate_milli, 0);
    cr_expect_eq(shared.until_ms, 5000);
}
