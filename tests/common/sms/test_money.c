#include "common/sms/money.h"

#include <criterion/criterion.h>

Test(money, currencies_have_names)
{
    for (int i = 0; i < CURRENCY_COUNT; i++)
        cr_expect_eq(currency_of(str_of(currency_name((enum currency)i))), i);
    cr_expect_eq(currency_of(STR("nok")), CURRENCY_COUNT);
    cr_expect_eq(currency_of(STR("NO")), CURRENCY_COUNT);
    cr_expect_eq(currency_of((struct str){0}), CURRENCY_COUNT);
}

Test(money, the_cost_in_the_documentation)
{
    struct buf out = {.cap = 64};
    money_write(&out, money_cost(167, 990));
    cr_expect_str_eq(out.p, "165.33");
    buf_done(&out);
}

Test(money, a_cost_too_large_stays_at_the_end)
{
    cr_expect_eq(money_cost(INT64_MAX, 990), INT64_MAX);
    cr_expect_eq(money_cost(INT64_MAX, 0), 0);
    cr_expect_eq(money_sum(INT64_MAX, 1), INT64_MAX);
    cr_expect_eq(money_sum(165330, 10), 165340);
}

/* The cost as it is written, added up unit by unit in decimal digits: no rounding anywhere. */
static void add_decimals(char sum[32], const char *price)
{
    int carry = 0;
    for (int i = 30; i >= 0; i--) {
        int digit = sum[i] + price[i] + carry;
        sum[i] = (char)(digit % 10);
        carry = digit / 10;
    }
}

static void digits_of(char digits[32], const char *text)
{
    const char *point = strchr(text, '.');
    ptrdiff_t whole = point - text;
    memset(digits, 0, 32);
    for (ptrdiff_t i = 0; i < whole; i++)
        digits[28 - whole + i] = (char)(text[i] - '0');
    for (size_t i = 0; point[1 + i] != '\0'; i++)
        digits[28 + i] = (char)(point[1 + i] - '0');
}

Test(money, a_cost_is_the_sum_of_its_units_to_the_last_place)
{
    static const int64_t prices[] = {0, 1, 7, 79, 100, 333, 790, 990, 999, 1001, 12345};
    struct buf out = {.cap = 64};
    for (size_t i = 0; i < sizeof(prices) / sizeof(prices[0]); i++) {
        char sum[32] = {0}, price[32], got[32];
        buf_clear(&out);
        money_write(&out, prices[i]);
        digits_of(price, out.p);
        for (int64_t units = 1; units <= 5000; units++) {
            add_decimals(sum, price);
            buf_clear(&out);
            money_write(&out, money_cost(units, prices[i]));
            digits_of(got, out.p);
            cr_assert_arr_eq(got, sum, 31, "%lld x %lld: %s", (long long)units,
                             (long long)prices[i], out.p);
        }
    }
    buf_done(&out);
}
