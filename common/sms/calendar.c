#include "common/sms/calendar.h"

#include <time.h>

enum { DAY_MS = 86400000, DAY_S = 86400, YEAR_0 = 1970, MONTHS = 12, WEEK = 7, THURSDAY = 3 };

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

int64_t calendar_day(int64_t at_ms)
{
    return floor_divide(at_ms, DAY_MS);
}

static struct tm civil_of(int64_t day)
{
    struct tm tm;
    time_t at_s = (time_t)(day * DAY_S);
    (void)gmtime_r(&at_s, &tm);
    return tm;
}

int calendar_month(int64_t at_ms)
{
    struct tm tm = civil_of(calendar_day(at_ms));
    return (tm.tm_year + 1900 - YEAR_0) * MONTHS + tm.tm_mon;
}

static int64_t first_of_month(int month)
{
    struct tm tm = {
        .tm_year = YEAR_0 - 1900 + month / MONTHS, .tm_mon = month % MONTHS, .tm_mday = 1};
    return (int64_t)timegm(&tm) / DAY_S;
}

struct days calendar_days_of_month(int month)
{
    return (struct days){first_of_month(month), first_of_month(month + 1) - 1};
}

struct days calendar_days_of_week(int64_t day)
{
    /* Day 0 was a Thursday. */
    int64_t monday = floor_divide(day + THURSDAY, WEEK) * WEEK - THURSDAY;
    return (struct days){monday, monday + WEEK - 1};
}

void calendar_format_day(char text[CALENDAR_DAY_SIZE], int64_t day)
{
    struct tm tm = civil_of(day);
    (void)strftime(text, CALENDAR_DAY_SIZE, "%Y-%m-%d", &tm);
}

void calendar_format_month(char text[CALENDAR_MONTH_SIZE], int month)
{
    struct tm tm = civil_of(first_of_month(month));
    (void)strftime(text, CALENDAR_MONTH_SIZE, "%Y-%m", &tm);
}

enum err calendar_parse_month(int *ret_month, struct str text)
{
    unsigned long long year = 0, month = 0;
    if (text.n != CALENDAR_MONTH_SIZE - 1 || text.p[4] != '-' ||
        !str_to_uint((struct str){text.p, 4}, 9999, &year) ||
        !str_to_uint((struct str){text.p + 5, 2}, 99, &month))
        return ERR_SYNTAX;
    if (year < YEAR_0 || month < 1 || month > MONTHS)
        return ERR_RANGE;
    *ret_month = (int)(year - YEAR_0) * MONTHS + (int)month - 1;
    return ERR_OK;
}
