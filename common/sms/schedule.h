/*
 * schedule.h - when a send is to go out: how `scheduled_at` is read, and which times are allowed.
 *
 * A date and a time, with 'T' or a space between them; seconds and their fraction may be left out; at the end nothing, 'Z',
 * '+hh:mm' or '+hhmm'. A date alone is no time. An offset that is written wins over a time zone that is named beside it.
 *
 * Units    ms; civil times as they stand on a clock.
 * Owns     nothing.
 * Errors   ERR_SYNTAX not of this form; ERR_RANGE a date or time that no calendar or clock shows, or one that is more than
 *          a minute past or too far ahead.
 * Threads  pure.
 * Source   the API's documentation (ISO 8601, at most 30 days ahead); ISO 8601 4.3.
 */
#ifndef COMMON_SMS_SCHEDULE_H
#define COMMON_SMS_SCHEDULE_H

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/sms/civil.h"

#include <stdbool.h>
#include <stdint.h>

enum { SCHEDULE_DAYS = 30, SCHEDULE_GRACE_MS = 60000 };

struct schedule_time {
    struct civil civil;
    bool has_offset;
    int offset_minutes; /* east of UTC; undefined unless has_offset */
};

MUST_USE enum err schedule_parse(struct schedule_time *ret_time, struct str text);
/* civil as if it stood on a clock that is offset_minutes east of UTC. */
int64_t schedule_utc_ms(const struct civil *civil, int offset_minutes);
/* Is it allowed? *ret_now: it is so near, or just past, that the send goes out at once. */
MUST_USE enum err schedule_check(int64_t at_ms, int64_t now_ms, bool *ret_now);

#endif
