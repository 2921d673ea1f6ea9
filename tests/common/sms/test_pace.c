#include "common/sms/pace.h"

#include <criterion/criterion.h>

Test(pace, is_that_of_the_last_window)
{
    static const struct {
        const char *name;
        struct pace pace;
        int64_t now_ms, want;
    } cases[] = {
        {"both windows full", {.window = 10, .here = 500, .before = 500}, 54999, 100020},
        {"half of the older one", {.window = 10, .here = 250, .before = 500}, 52500, 100000},
        {"nothing in the present one", {.window = 10, .here = 500, .before = 900}, 57500, 50000},
        {"nothing for longer", {.window = 10, .here = 500, .before = 500}, 60000, 0},
        {"younger than a window", {.began_ms = 50000, .window = 10, .here = 100}, 52000, 50000},
        {"just begun", {.began_ms = 50000, .window = 10, .here = 100}, 50010, 100000},
        {"into the next",
         {.began_ms = 48000, .window = 10, .here = 50, .before = 50},
         52000,
         25000},
        {"none", {.window = 0}, 50000, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t got = pace_milli(&cases[i].pace, cases[i].now_ms);
        cr_expect_eq(got, cases[i].want, "%s: got %lld, want %lld", cases[i].name, (long long)got,
                     (long long)cases[i].want);
    }
}

Test(pace, is_read_as_the_scripts_write_it)
{
    static const char bytes[] = "\0\0\0\0\1\2"
                                "\0\0\0\0\0\3"
                                "\0\0\0\4"
                                "\0\0\0\5"
                                "\0\0\0\6";
    struct pace pace;
    cr_assert_eq(pace_parse(&pace, STR(bytes)), ERR_OK);
    cr_expect_eq(pace.units, 258);
    cr_expect_eq(pace.began_ms, 3);
    cr_expect_eq(pace.window, 4);
    cr_expect_eq(pace.here, 5);
    cr_expect_eq(pace.before, 6);
    cr_expect_eq(pace_parse(&pace, STR("10 1 1")), ERR_SYNTAX);
}
