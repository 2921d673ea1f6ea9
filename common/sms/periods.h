/*
 * periods.h - the periods that statistics tell of: which days each has.
 *
 * This week and this month are whole, with the days that are still to come: what is scheduled for
 * them counts.
 *
 * Units    UTC days, as in calendar.h.
 * Owns     nothing.
 * Errors   none.
 * Threads  pure.
 * Source   the API's documentation: today, this week, this month, the last 30 days.
 */
#ifndef COMMON_SMS_PERIODS_H
#define COMMON_SMS_PERIODS_H

#include "common/sms/calendar.h"

enum { PERIODS_MAX_DAYS = 70 }; /* periods_all never has more */

struct periods {
    struct days today, week, month, last_30; /* today is the last of the 30 */
};

struct periods periods_at(int64_t now_ms);
/* From the first to the last day of any of them. */
struct days periods_all(const struct periods *periods);

#endif
