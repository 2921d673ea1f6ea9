#include "common/base/milli.h"

#include <criterion/criterion.h>

Test(milli, writes_the_shortest_decimal)
{
    static const struct {
        int64_t milli;
        const char *want;
    } cases[] = {
        {0, "0.0"},
        {1, "0.001"},
        {10, "0.01"},
        {100, "0.1"},
        {101, "0.101"},
        {790, "0.79"},
        {990, "0.99"},
        {1000, "1.0"},
        {99000, "99.0"},
        {165330, "165.33"},
        {1000010, "1000.01"},
        {-50, "-0.05"},
        {-1000, "-1.0"},
        {INT64_MAX, "9223372036854775.807"},
        {INT64_MIN, "-9223372036854775.808"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf out = {.cap = 64};
        milli_write(&out, cases[i].milli);
        cr_expect_str_eq(out.p, cases[i].want, "%lld: %s", (long long)cases[i].milli, out.p);
        buf_done(&out);
    }
}

Test(milli, reads_decimals)
{
    static const struct {
        const char *text;
        enum err err;
        int64_t want;
    } cases[] = {
        {"0", ERR_OK, 0},
        {"0.0", ERR_OK, 0},
        {"0.99", ERR_OK, 990},
        {"0.990", ERR_OK, 990},
        {"0.001", ERR_OK, 1},
        {"0.1", ERR_OK, 100},
        {"99", ERR_OK, 99000},
        {"007.5", ERR_OK, 7500},
        {"999999999999.999", ERR_OK, MILLI_MAX},
        {"1000000000000", ERR_RANGE, 0},
        {"9999999999999999999", ERR_RANGE, 0},
        {"99999999999999999999", ERR_SYNTAX, 0},
        {"", ERR_SYNTAX, 0},
        {".", ERR_SYNTAX, 0},
        {".5", ERR_SYNTAX, 0},
        {"5.", ERR_SYNTAX, 0},
        {"0.1234", ERR_SYNTAX, 0},
        {"1.2.3", ERR_SYNTAX, 0},
        {"-1", ERR_SYNTAX, 0},
        {"+1", ERR_SYNTAX, 0},
        {"1,5", ERR_SYNTAX, 0},
        {" 1", ERR_SYNTAX, 0},
        {"1e3", ERR_SYNTAX, 0},
        {"0.-1", ERR_SYNTAX, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t got = 0;
        cr_expect_eq(milli_parse(&got, str_of(cases[i].text)), cases[i].err, "%s", cases[i].text);
        cr_expect_eq(got, cases[i].want, "%s: %lld", cases[i].text, (long long)got);
    }
}

Test(milli, what_is_written_is_read_again)
{
    struct buf out = {.cap = 64};
    for (int64_t milli = 0; milli < MILLI_MAX; milli = milli * 3 / 2 + 7) {
        int64_t got = -1;
        buf_clear(&out);
        milli_write(&out, milli);
        cr_expect_eq(milli_parse(&got, buf_view(&out)), ERR_OK, "%s", out.p);
        cr_expect_eq(got, milli, "%s", out.p);
    }
    buf_done(&out);
}
