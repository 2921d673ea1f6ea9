#include "common/sms/quiet.h"

#include <criterion/criterion.h>

Test(quiet, what_is_written_is_read)
{
    static const struct quiet cases[] = {{1260, 480, true}, {0, 0, true}, {1439, 61, true}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf text = {.cap = 20};
        struct quiet again;
        quiet_write(&text, &cases[i]);
        cr_assert_eq(quiet_parse(&again, buf_view(&text)), ERR_OK);
        cr_expect_eq(again.from_min, cases[i].from_min);
        cr_expect_eq(again.to_min, cases[i].to_min);
        cr_expect(again.given);
        buf_done(&text);
    }
}

Test(quiet, refuses_what_is_no_time)
{
    static const char *const records[] = {"",          "2100",       "2100_0800", "2400-0800",
                                          "2160-0800", "21:00-0800", "2100-080x"};
    static const char *const times[] = {"", "2100", "24:00", "12:60", "9:00", "09:00 ", "0a:00"};
    struct quiet quiet;
    int min;
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++)
        cr_expect_eq(quiet_parse(&quiet, str_of(records[i])), ERR_SYNTAX, "%s", records[i]);
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        cr_expect_eq(quiet_parse_time(&min, str_of(times[i])), ERR_SYNTAX, "%s", times[i]);
    cr_assert_eq(quiet_parse_time(&min, STR("23:59")), ERR_OK);
    cr_expect_eq(min, 1439);
    cr_assert_eq(quiet_parse_time(&min, STR("00:00")), ERR_OK);
    cr_expect_eq(min, 0);
}
