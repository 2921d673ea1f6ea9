#include "common/sms/calendar.h"

#include <criterion/criterion.h>

static const int64_t DAY_MS = INT64_C(86400000);

static int month_of(const char *text)
{
    int month = -1;
    cr_assert_eq(calendar_parse_month(&month, str_of(text)), ERR_OK, "%s", text);
    return month;
}

Test(calendar, the_days_of_a_month)
{
    static const struct {
        const char *month, *first, *last;
    } cases[] = {
        {"1970-01", "1970-01-01", "1970-01-31"}, {"1999-12", "1999-12-01", "1999-12-31"},
        {"2000-02", "2000-02-01", "2000-02-29"}, {"2025-12", "2025-12-01", "2025-12-31"},
        {"2026-02", "2026-02-01", "2026-02-28"}, {"2026-04", "2026-04-01", "2026-04-30"},
        {"2028-02", "2028-02-01", "2028-02-29"}, {"2100-02", "2100-02-01", "2100-02-28"},
        {"9999-12", "9999-12-01", "9999-12-31"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char first[CALENDAR_DAY_SIZE], last[CALENDAR_DAY_SIZE], month[CALENDAR_MONTH_SIZE];
        struct days days = calendar_days_of_month(month_of(cases[i].month));
        calendar_format_day(first, days.first);
        calendar_format_day(last, days.last);
        calendar_format_month(month, month_of(cases[i].month));
        cr_expect_str_eq(first, cases[i].first);
        cr_expect_str_eq(last, cases[i].last);
        cr_expect_str_eq(month, cases[i].month);
    }
}

Test(calendar, a_day_ends_at_midnight)
{
    const int64_t midnight_ms = INT64_C(1772323200000); /* 2026-03-01T00:00:00Z */
    cr_expect_eq(calendar_day(midnight_ms) - calendar_day(midnight_ms - 1), 1);
    cr_expect_eq(calendar_day(midnight_ms + DAY_MS - 1), calendar_day(midnight_ms));
    cr_expect_eq(calendar_month(midnight_ms), month_of("2026-03"));
    cr_expect_eq(calendar_month(midnight_ms - 1), month_of("2026-02"));
    cr_expect_eq(calendar_day(0), 0);
    cr_expect_eq(calendar_day(-1), -1);
}

Test(calendar, months_follow_each_other_without_a_gap)
{
    for (int month = 0; month < 12 * 200; month++) {
        struct days days = calendar_days_of_month(month);
        cr_assert_eq(days.last + 1, calendar_days_of_month(month + 1).first, "month %d", month);
        cr_assert_eq(calendar_month(days.first * DAY_MS), month);
        cr_assert_eq(calendar_month(days.last * DAY_MS + DAY_MS - 1), month);
    }
}

Test(calendar, weeks_begin_on_monday)
{
    static const struct {
        const char *name, *first;
        int64_t at_ms;
    } cases[] = {
        {"a Monday", "2026-11-23", INT64_C(1795392000000)},
        {"the Sunday of the same week", "2026-11-23", INT64_C(1795996799999)},
        {"the Monday after", "2026-11-30", INT64_C(1795996800000)},
        {"a Thursday, 1 January", "2025-12-29", INT64_C(1767225600000)},
        {"the first day of all", "1969-12-29", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char first[CALENDAR_DAY_SIZE];
        struct days week = calendar_days_of_week(calendar_day(cases[i].at_ms));
        calendar_format_day(first, week.first);
        cr_expect_str_eq(first, cases[i].first, "%s: %s", cases[i].name, first);
        cr_expect_eq(week.last - week.first, 6, "%s", cases[i].name);
    }
}

Test(calendar, months_that_are_none)
{
    static const struct {
        const char *text;
        enum err err;
    } cases[] = {
        {"", ERR_SYNTAX},         {"2026", ERR_SYNTAX},     {"2026-1", ERR_SYNTAX},
        {"2026-011", ERR_SYNTAX}, {"2026/01", ERR_SYNTAX},  {"26-01-01", ERR_SYNTAX},
        {"2026-0x", ERR_SYNTAX},  {"+026-01", ERR_SYNTAX},  {" 2026-01", ERR_SYNTAX},
        {"2026-00", ERR_RANGE},   {"2026-13", ERR_RANGE},   {"1969-12", ERR_RANGE},
        {"0000-01", ERR_RANGE},   {"2026-01 ", ERR_SYNTAX}, {"2026--1", ERR_SYNTAX},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int month = -1;
        cr_expect_eq(calendar_parse_month(&month, str_of(cases[i].text)), cases[i].err, "%s",
                     cases[i].text);
        cr_expect_eq(month, -1);
    }
}
