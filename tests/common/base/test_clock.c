#include "common/base/clock.h"

#include <criterion/criterion.h>

Test(clock, text_forms)
{
    static const struct {
        int64_t at_ms;
        const char *s, *ms, *day;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z", "19700101"},
        {951782400007, "2000-02-29T00:00:00Z", "2000-02-29T00:00:00.007Z", "20000229"},
        {1769854272345, "2026-01-31T10:11:12Z", "2026-01-31T10:11:12.345Z", "20260131"},
        {1798761599999, "2026-12-31T23:59:59Z", "2026-12-31T23:59:59.999Z", "20261231"},
        {253402300799999, "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999Z", "99991231"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[CLOCK_TEXT_SIZE];
        clock_format_s(text, cases[i].at_ms);
        cr_expect_str_eq(text, cases[i].s, "got %s", text);
        clock_format_ms(text, cases[i].at_ms);
        cr_expect_str_eq(text, cases[i].ms, "got %s", text);
        clock_format_day(text, cases[i].at_ms);
        cr_expect_str_eq(text, cases[i].day, "got %s", text);
    }
}

Test(clock, goes_forward)
{
    int64_t before_ms = clock_mono_ms();
    cr_expect(clock_mono_ms() >= before_ms);
    cr_expect(clock_wall_ms() > INT64_C(1700000000000));
}

Test(clock, parse)
{
    static const struct {
        const char *name, *text;
        enum err want;
        int64_t at_ms;
    } cases[] = {
        {"UTC", "2026-01-31T10:11:12Z", ERR_OK, 1769854272000},
        {"small letters", "2026-01-31t10:11:12z", ERR_OK, 1769854272000},
        {"a space", "2026-01-31 10:11:12Z", ERR_OK, 1769854272000},
        {"the beginning", "1970-01-01T00:00:00Z", ERR_OK, 0},
        {"before it", "0001-01-01T00:00:00Z", ERR_OK, -62135596800000},
        {"the end", "9999-12-31T23:59:59.999Z", ERR_OK, 253402300799999},
        {"one digit of a fraction", "2026-01-31T10:11:12.3Z", ERR_OK, 1769854272300},
        {"three", "2026-01-31T10:11:12.345Z", ERR_OK, 1769854272345},
        {"nine", "2026-01-31T10:11:12.345999999Z", ERR_OK, 1769854272345},
        {"thirty", "2026-01-31T10:11:12.345678901234567890123456789012Z", ERR_OK, 1769854272345},
        {"east", "2026-01-31T12:11:12+02:00", ERR_OK, 1769854272000},
        {"west", "2026-01-30T22:41:12-11:30", ERR_OK, 1769854272000},
        {"UTC as an offset", "2026-01-31T10:11:12-00:00", ERR_OK, 1769854272000},
        {"a leap second", "2016-12-31T23:59:60Z", ERR_OK, 1483228799999},
        {"a leap day", "2024-02-29T00:00:00Z", ERR_OK, 1709164800000},
        {"no leap day", "2026-02-29T00:00:00Z", ERR_RANGE, 7},
        {"none in 2100", "2100-02-29T00:00:00Z", ERR_RANGE, 7},
        {"day 31 of 30", "2026-04-31T00:00:00Z", ERR_RANGE, 7},
        {"day 0", "2026-01-00T00:00:00Z", ERR_RANGE, 7},
        {"day 32", "2026-01-32T00:00:00Z", ERR_RANGE, 7},
        {"month 0", "2026-00-10T00:00:00Z", ERR_RANGE, 7},
        {"month 13", "2026-13-01T00:00:00Z", ERR_RANGE, 7},
        {"hour 24", "2026-01-31T24:00:00Z", ERR_RANGE, 7},
        {"minute 60", "2026-01-31T10:60:00Z", ERR_RANGE, 7},
        {"second 61", "2026-01-31T10:11:61Z", ERR_RANGE, 7},
        {"offset of 24 hours", "2026-01-31T10:11:12+24:00", ERR_RANGE, 7},
        {"offset of 60 minutes", "2026-01-31T10:11:12+01:60", ERR_RANGE, 7},
        {"a point without a fraction", "2026-01-31T10:11:12.Z", ERR_SYNTAX, 7},
        {"empty", "", ERR_SYNTAX, 7},
        {"a date alone", "2026-01-31", ERR_SYNTAX, 7},
        {"no zone", "2026-01-31T10:11:12", ERR_SYNTAX, 7},
        {"no seconds", "2026-01-31T10:11Z", ERR_SYNTAX, 7},
        {"an offset without colon", "2026-01-31T10:11:12+0200", ERR_SYNTAX, 7},
        {"an offset of hours", "2026-01-31T10:11:12+02", ERR_SYNTAX, 7},
        {"something behind", "2026-01-31T10:11:12Z ", ERR_SYNTAX, 7},
        {"something behind an offset", "2026-01-31T10:11:12+02:00x", ERR_SYNTAX, 7},
        {"a sign for a digit", "2026-+1-31T10:11:12Z", ERR_SYNTAX, 7},
        {"a year of five", "12026-01-31T10:11:12Z", ERR_SYNTAX, 7},
        {"a comma", "2026-01-31T10:11:12,5Z", ERR_SYNTAX, 7},
        {"a number", "1769854272", ERR_SYNTAX, 7},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t at_ms = 7;
        enum err err = clock_parse(&at_ms, str_of(cases[i].text));
        cr_expect_eq(err, cases[i].want, "%s: got %s", cases[i].name, err_text(err));
        cr_expect_eq(at_ms, cases[i].at_ms, "%s: got %lld", cases[i].name, (long long)at_ms);
    }
}

Test(clock, parse_reads_what_format_writes)
{
    static const int64_t times[] = {0, 951782400007, 1769854272345, 1798761599999, 253402300799999};
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        char text[CLOCK_TEXT_SIZE];
        int64_t at_ms = 0;
        clock_format_ms(text, times[i]);
        cr_expect_eq(clock_parse(&at_ms, str_of(text)), ERR_OK, "%s", text);
        cr_expect_eq(at_ms, times[i], "%s", text);
    }
}
