#include "common/sms/duration.h"

#include <criterion/criterion.h>

Test(duration, parse)
{
    static const struct {
        const char *text;
        enum err want;
        int64_t ms;
    } cases[] = {
        {"PT1S", ERR_OK, 1000},
        {"PT90S", ERR_OK, 90000},
        {"PT1M", ERR_OK, 60000},
        {"PT2H", ERR_OK, 7200000},
        {"P1D", ERR_OK, 86400000},
        {"P1W", ERR_OK, 604800000},
        {"P1DT12H30M5S", ERR_OK, 86400000 + 45005000},
        {"PT0S", ERR_OK, 0},
        {"P10000D", ERR_OK, INT64_C(864000000000)},
        {"P10001D", ERR_RANGE, 0},
        {"P10000DT1S", ERR_RANGE, 0},
        {"PT99999999999999999999S", ERR_SYNTAX, 0},
        {"PT9999999999999999S", ERR_RANGE, 0},
        {"", ERR_SYNTAX, 0},
        {"P", ERR_SYNTAX, 0},
        {"PT", ERR_SYNTAX, 0},
        {"P1DT", ERR_SYNTAX, 0},
        {"1D", ERR_SYNTAX, 0},
        {"P1H", ERR_SYNTAX, 0},
        {"PT1D", ERR_SYNTAX, 0},
        {"P1M", ERR_SYNTAX, 0},
        {"P1Y", ERR_SYNTAX, 0},
        {"P1WT1H", ERR_SYNTAX, 0},
        {"P1W1D", ERR_SYNTAX, 0},
        {"PT1M1H", ERR_SYNTAX, 0},
        {"PT1H1H", ERR_SYNTAX, 0},
        {"PT1.5H", ERR_SYNTAX, 0},
        {"P-1D", ERR_SYNTAX, 0},
        {"PT1H ", ERR_SYNTAX, 0},
        {"pt1h", ERR_SYNTAX, 0},
        {"PTT1H", ERR_SYNTAX, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t ms = -1;
        enum err err = duration_parse(&ms, str_of(cases[i].text));
        cr_expect_eq(err, cases[i].want, "%s: %s", cases[i].text, err_text(err));
        cr_expect_eq(ms, err == ERR_OK ? cases[i].ms : -1, "%s", cases[i].text);
    }
}
