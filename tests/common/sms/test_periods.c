#include "common/sms/periods.h"

#include <criterion/criterion.h>

static const int64_t DAY_MS = INT64_C(86400000);

Test(periods, on_certain_days)
{
    static const struct {
        const char *name;
        int64_t at_ms;
        const char *today, *week_first, *week_last, *month_first, *month_last, *first_of_30;
    } cases[] = {
        {"the last moment of a leap day", INT64_C(1835481599999), "2028-02-29", "2028-02-28",
         "2028-03-05", "2028-02-01", "2028-02-29", "2028-01-31"},
        {"the first moment after it", INT64_C(1835481600000), "2028-03-01", "2028-02-28",
         "2028-03-05", "2028-03-01", "2028-03-31", "2028-02-01"},
        {"the end of a year", INT64_C(1798761599000), "2026-12-31", "2026-12-28", "2027-01-03",
         "2026-12-01", "2026-12-31", "2026-12-02"},
        {"a Monday that begins a month", INT64_C(1769990400000), "2026-02-02", "2026-02-02",
         "2026-02-08", "2026-02-01", "2026-02-28", "2026-01-04"},
        {"a Sunday", INT64_C(1769904000000), "2026-02-01", "2026-01-26", "2026-02-01", "2026-02-01",
         "2026-02-28", "2026-01-03"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct periods p = periods_at(cases[i].at_ms);
        const struct {
            int64_t day;
            const char *want;
        } days[] = {
            {p.today.first, cases[i].today},         {p.today.last, cases[i].today},
            {p.week.first, cases[i].week_first},     {p.week.last, cases[i].week_last},
            {p.month.first, cases[i].month_first},   {p.month.last, cases[i].month_last},
            {p.last_30.first, cases[i].first_of_30}, {p.last_30.last, cases[i].today},
        };
        for (size_t j = 0; j < sizeof(days) / sizeof(days[0]); j++) {
            char text[CALENDAR_DAY_SIZE];
            calendar_format_day(text, days[j].day);
            cr_expect_str_eq(text, days[j].want, "%s: %s, not %s", cases[i].name, text,
                             days[j].want);
        }
    }
}

static void expect_within(struct days part, struct days all)
{
    cr_assert(part.first <= part.last && part.first >= all.first && part.last <= all.last);
}

Test(periods, on_every_day_of_thirty_years)
{
    const int64_t first_ms = INT64_C(1735689600000); /* 2025-01-01 */
    for (int64_t i = 0; i < INT64_C(365) * 30; i++) {
        struct periods p = periods_at(first_ms + i * DAY_MS + 12345);
        struct days all = periods_all(&p);
        expect_within(p.today, all);
        expect_within(p.week, all);
        expect_within(p.month, all);
        expect_within(p.last_30, all);
        expect_within(p.today, p.week);
        expect_within(p.today, p.month);
        cr_assert_eq(p.last_30.last - p.last_30.first, 29);
        cr_assert_eq(p.week.last - p.week.first, 6);
        cr_assert_lt(all.last - all.first, PERIODS_MAX_DAYS);
    }
}
