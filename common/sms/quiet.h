/*
 * quiet.h - the part of a day in which nobody is to be woken.
 *
 * As people write it, "21:00" to "08:00" (it may go over midnight); as records have it, "2100-0800".
 * From and to are the same where there are none.
 *
 * Units    minutes since midnight, in the recipient's local time.
 * Owns     nothing.
 * Errors   ERR_SYNTAX not such a text.
 * Threads  pure.
 */
#ifndef COMMON_SMS_QUIET_H
#define COMMON_SMS_QUIET_H

#include "common/base/buf.h"
#include "common/base/err.h"

#include <stdbool.h>

struct quiet {
    int from_min, to_min;
    bool given; /* the send has hours of its own, or none; else the account's count */
};

/* The record's form. */
MUST_USE enum err quiet_parse(struct quiet *ret_quiet, struct str text);
void quiet_write(struct buf *out, const struct quiet *quiet);
/* "21:00" as minutes. */
MUST_USE enum err quiet_parse_time(int *ret_min, struct str text);

#endif
