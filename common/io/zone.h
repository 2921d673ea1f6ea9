/*
 * zone.h - local times of the world's time zones, from the system's tzdata.
 *
 * Units    wall times in ms since 1970 in UTC.
 * Owns     loaded zones are kept for the life of the process; there are some hundreds of names.
 * Errors   ERR_NOT_FOUND there is no zone of that name.
 * Threads  safe everywhere. C++ behind a C interface.
 * Source   RFC 9636 (TZif), the IANA time zone database. A local time that is skipped is shifted forward by the gap; one
 *          that comes twice is the earlier.
 */
#ifndef COMMON_IO_ZONE_H
#define COMMON_IO_ZONE_H

#include "common/base/err.h"
#include "common/sms/civil.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* name[0..len) as in "Europe/Oslo". */
MUST_USE bool zone_known(const char *name, size_t len);
MUST_USE enum err zone_to_utc(int64_t *ret_at_ms, const char *name, size_t len,
                              const struct civil *civil);

struct zone;
/* NULL: there is no zone of that name. */
const struct zone *zone_find(const char *name, size_t len);
/* How far it is ahead of UTC at that time, in whole minutes. */
int zone_offset_min(const struct zone *zone, int64_t at_ms);

#ifdef __cplusplus
}
#endif

#endif
