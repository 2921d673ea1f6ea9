#include "common/sms/rate.h"

#include <criterion/criterion.h>

Test(rate, reads_what_people_write)
{
    static const struct {
        const char *text;
        enum err err;
        int64_t milli;
    } cases[] = {
        {"200/s", ERR_OK, 200000},
        {"90/min", ERR_OK, 1500},
        {"1000/h", ERR_OK, 277},
        {"4/h", ERR_OK, 1},
        {"100000/s", ERR_OK, RATE_MAX_MILLI},
        {"360000000/h", ERR_OK, RATE_MAX_MILLI},
        {"3/h", ERR_RANGE, 0},
        {"0/s", ERR_RANGE, 0},
        {"100001/s", ERR_RANGE, 0},
        {"4294967295/h", ERR_RANGE, 0},
        {"4294967296/h", ERR_SYNTAX, 0},
        {"", ERR_SYNTAX, 0},
        {"200", ERR_SYNTAX, 0},
        {"200/", ERR_SYNTAX, 0},
        {"/s", ERR_SYNTAX, 0},
        {"-1/s", ERR_SYNTAX, 0},
        {"1.5/s", ERR_SYNTAX, 0},
        {"1/d", ERR_SYNTAX, 0},
        {"1/s ", ERR_SYNTAX, 0},
        {"1/s/s", ERR_SYNTAX, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t milli = 0;
        enum err err = rate_parse(&milli, str_of(cases[i].text));
        cr_expect_eq(err, cases[i].err, "%s: %s", cases[i].text, err_text(err));
        cr_expect_eq(milli, cases[i].milli, "%s: %lld", cases[i].text, (long long)milli);
    }
}

Test(rate, takes_all_of_a_period)
{
    cr_expect_eq(rate_over(7200, 7200000), 1000);
    cr_expect_eq(rate_over(1000000, 7200000), 138889, "rounded");
    cr_expect_eq(rate_over(1, 604800000), 1, "the slowest there is");
    cr_expect_eq(rate_over(0, 60000), 1);
    cr_expect_eq(rate_over(10000000, 60000), RATE_MAX_MILLI, "the fastest");
}
