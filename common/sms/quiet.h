/*
 * quiet.h - the part of a day in which nobody is to be woken.
 *
 * As people write it, "21:00" to "08:00" (it may go over midnight); as records have it, "2100-0800".
 * From and to are the same where there are none. A recipient may live in any of several time zones:
 * it is quiet while it is in one of them.
 *
 * Units    minutes since midnight, in the recipient's local time; offsets are minutes east of UTC; at_ms wall time.
 * Owns     nothing.
 * Errors   ERR_SYNTAX not such a text.
 * Threads  pure.
 */
#ifndef COMMON_SMS_QUIET_H
#define COMMON_SMS_QUIET_H

#include "common/base/buf.h"
#include "common/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct quiet {
    int from_min, to_min;
    bool given; /* the send has hours of its own, or none; else the account's count */
};

/* The record's form. */
MUST_USE enum err quiet_parse(struct quiet *ret_quiet, struct str text);
void quiet_write(struct buf *out, const struct quiet *quiet);
/* "21:00" as minutes. */
MUST_USE enum err quiet_parse_time(int *ret_min, struct str text);

/* Hours that are longer than this leave too little of the day to send in. */
enum { QUIET_MOST_MIN = 20 * 60 };
bool quiet_too_long(const struct quiet *quiet);

/* Where a recipient may be: writes the offsets that there are at that time, ascending and each once. */
enum { QUIET_MAX_OFFSETS = 48 };
struct quiet_place {
    size_t (*offsets)(void *arg, int64_t at_ms, int ret_offsets[QUIET_MAX_OFFSETS]);
    void *arg;
};

/* Whether it is quiet at one of the offsets. */
bool quiet_anywhere(const struct quiet *quiet, int64_t at_ms, const int *offsets, size_t count);
/* The first time from at_ms on when it is quiet nowhere: at_ms itself if it isn't. QUIET_NEVER: not within two days. */
#define QUIET_NEVER INT64_MAX
int64_t quiet_end(const struct quiet *quiet, int64_t at_ms, const struct quiet_place *place);

#endif
