#include "common/sms/schedule.h"

#include <criterion/criterion.h>

static const int64_t DAY_MS = INT64_C(86400000);

Test(schedule, reads_dates_and_times)
{
    static const struct {
        const char *name, *text;
        enum err err;
        bool has_offset;
        int64_t utc_ms; /* with the written offset, or as UTC */
    } cases[] = {
        {"as the documentation writes it", "2025-12-17T09:00:00", ERR_OK, false, 1765962000000},
        {"a space", "2025-12-17 09:00:00", ERR_OK, false, 1765962000000},
        {"no seconds", "2025-12-17T09:00", ERR_OK, false, 1765962000000},
        {"a fraction", "2025-12-17T09:00:00.25", ERR_OK, false, 1765962000250},
        {"nine digits of it", "2025-12-17T09:00:00.123456789", ERR_OK, false, 1765962000123},
        {"Z", "2025-12-17T09:00:00Z", ERR_OK, true, 1765962000000},
        {"no seconds and Z", "2025-12-17T09:00Z", ERR_OK, true, 1765962000000},
        {"east", "2025-12-17T10:00:00+01:00", ERR_OK, true, 1765962000000},
        {"without a colon", "2025-12-17T10:00:00+0100", ERR_OK, true, 1765962000000},
        {"west", "2025-12-17T03:30:00-05:30", ERR_OK, true, 1765962000000},
        {"a leap day", "2028-02-29T00:00:00Z", ERR_OK, true, 1835395200000},
        {"no leap day", "2027-02-29T00:00:00Z", ERR_RANGE, false, 0},
        {"month 13", "2025-13-01T00:00", ERR_RANGE, false, 0},
        {"hour 24", "2025-12-17T24:00", ERR_RANGE, false, 0},
        {"offset of 24 hours", "2025-12-17T09:00+24:00", ERR_RANGE, false, 0},
        {"a date alone", "2025-12-17", ERR_SYNTAX, false, 0},
        {"an hour alone", "2025-12-17T09", ERR_SYNTAX, false, 0},
        {"a point without a fraction", "2025-12-17T09:00:00.", ERR_SYNTAX, false, 0},
        {"an offset cut short", "2025-12-17T09:00+01:", ERR_SYNTAX, false, 0},
        {"something behind it", "2025-12-17T09:00Z ", ERR_SYNTAX, false, 0},
        {"words", "tomorrow", ERR_SYNTAX, false, 0},
        {"empty", "", ERR_SYNTAX, false, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct schedule_time time = {.has_offset = false};
        enum err err = schedule_parse(&time, str_of(cases[i].text));
        cr_expect_eq(err, cases[i].err, "%s: %s", cases[i].name, err_text(err));
        if (err != ERR_OK)
            continue;
        cr_expect_eq(time.has_offset, cases[i].has_offset, "%s", cases[i].name);
        int64_t got = schedule_utc_ms(&time.civil, time.has_offset ? time.offset_minutes : 0);
        cr_expect_eq(got, cases[i].utc_ms, "%s: %lld", cases[i].name, (long long)got);
    }
}

Test(schedule, allows_a_minute_past_and_thirty_days_ahead)
{
    const int64_t now_ms = INT64_C(1765962000000);
    const struct {
        const char *name;
        int64_t at_ms;
        enum err err;
        bool now;
    } cases[] = {
        {"now", now_ms, ERR_OK, true},
        {"a minute past", now_ms - 60000, ERR_OK, true},
        {"more than a minute past", now_ms - 60001, ERR_RANGE, false},
        {"soon", now_ms + 1, ERR_OK, false},
        {"thirty days and a minute", now_ms + 30 * DAY_MS + 60000, ERR_OK, false},
        {"more", now_ms + 30 * DAY_MS + 60001, ERR_RANGE, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool now = false;
        cr_expect_eq(schedule_check(cases[i].at_ms, now_ms, &now), cases[i].err, "%s",
                     cases[i].name);
        cr_expect_eq(now, cases[i].now, "%s", cases[i].name);
    }
}
