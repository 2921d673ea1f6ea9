/*
 * calendar.h - UTC days, weeks and months.
 *
 * Units    a day is a number since 1 January 1970, a month one since January 1970; both from 0.
 * Owns     nothing.
 * Errors   ERR_SYNTAX a month not written as YYYY-MM; ERR_RANGE one that no calendar has, or before
 *          1970.
 * Threads  pure.
 * Source   the proleptic Gregorian calendar; ISO 8601 (weeks begin on Monday).
 */
#ifndef COMMON_SMS_CALENDAR_H
#define COMMON_SMS_CALENDAR_H

#include "common/base/err.h"
#include "common/base/str.h"

#include <stdint.h>

enum { CALENDAR_DAY_SIZE = 11, CALENDAR_MONTH_SIZE = 8 };

/* From the first to the last, both included. */
struct days {
    int64_t first, last;
};

int64_t calendar_day(int64_t at_ms);
int calendar_month(int64_t at_ms);
struct days calendar_days_of_month(int month);
struct days calendar_days_of_week(int64_t day); /* the week that the day is in */

/* Up to the year 9999. */
void calendar_format_day(char text[CALENDAR_DAY_SIZE], int64_t day);   /* "2026-01-31" */
void calendar_format_month(char text[CALENDAR_MONTH_SIZE], int month); /* "2026-01" */
MUST_USE enum err calendar_parse_month(int *ret_month, struct str text);

#endif
