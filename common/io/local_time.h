/*
 * local_time.h - what time it is where a phone number is at home, and whether anybody sleeps there.
 *
 * A number's country (region.h) has the time zones that tzdata's zone1970.tab lists; where it has several, hours that are
 * quiet in any of them are quiet. Should that leave no time of a day at all (hours of more than 13 in Russia), the zone
 * that is listed first counts alone. A number without a country (satellites) is in UTC.
 *
 * What was found out is kept: for each first four digits the country, for each country the offsets of the present quarter
 * of an hour. So an answer takes some tens of nanoseconds.
 *
 * Units    wall times in ms.
 * Owns     all of it, until local_time_free.
 * Errors   ERR_NOT_FOUND tzdata's table isn't there, or has no zones.
 * Threads  the loop's.
 * Source   the IANA time zone database.
 */
#ifndef COMMON_IO_LOCAL_TIME_H
#define COMMON_IO_LOCAL_TIME_H

#include "common/base/err.h"
#include "common/sms/quiet.h"

#define LOCAL_TIME_TABLE "/usr/share/zoneinfo/zone1970.tab"

struct local_time;

MUST_USE enum err local_time_new(struct local_time **ret_local_time, const char *table);
void local_time_free(struct local_time *own_local_time);

/* Until when the number with these digits has quiet hours; 0: it has none now. */
int64_t local_time_quiet_until(struct local_time *lt, const char *digits, const struct quiet *quiet,
                               int64_t now_ms);

#endif
