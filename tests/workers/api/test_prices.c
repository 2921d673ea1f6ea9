#include "workers/api/prices.h"

#include "common/base/clock.h"
#include "common/sms/calendar.h"
#include "workers/api/api.h"

#include <criterion/criterion.h>

static struct settings settings = {
    .price_nok_milli = 990,
    .price_inbound_nok_milli = 10,
    .price_sender_nok_milli = 99000,
    .price_eur_milli = 100,
    .price_sender_eur_milli = 9900,
};
static struct worker_ctx ctx = {.settings = &settings};

static int this_month(void)
{
    return calendar_month(clock_wall_ms());
}

static struct api api_that_knows(int month)
{
    struct api api = {.ctx = &ctx};
    api.prices.months[CURRENCY_NOK] =
        (struct prices_month){.price = {880, 0}, .month = month, .known = true};
    return api;
}

Test(prices, are_the_settings_until_redis_has_told)
{
    const struct api api = {.ctx = &ctx};
    cr_expect_eq(prices_unit_milli(&api, "NOK"), 990);
    cr_expect_eq(prices_unit_milli(&api, "EUR"), 100);
}

Test(prices, are_then_what_was_fixed_for_the_month)
{
    const struct api api = api_that_knows(this_month());
    cr_expect_eq(prices_unit_milli(&api, "NOK"), 880);
    cr_expect_eq(prices_unit_milli(&api, "EUR"), 100, "each currency by itself");
}

Test(prices, are_the_settings_again_at_the_months_turn)
{
    const struct api api = api_that_knows(this_month() - 1);
    cr_expect_eq(prices_unit_milli(&api, "NOK"), 990);
}

Test(prices, of_custom_senders)
{
    const struct api api = api_that_knows(this_month());
    cr_expect_eq(prices_sender_milli(&api, "NOK"), 99000);
    cr_expect_eq(prices_sender_milli(&api, "EUR"), 9900);
}
