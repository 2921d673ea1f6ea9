/*
 * pace.h - how many parts of a send carriers accepted, and how quickly they do.
 *
 * As state.lua keeps it: big-endian, the parts (48 bits), when the first was accepted (48 bits, ms), the number of the
 * present window of PACE_WINDOW_MS (32 bits), and how many messages were accepted in it and in the one before (32 bits each).
 * The pace is that of the last PACE_WINDOW_MS, the older window counted in proportion.
 *
 * Units    wall ms; milli: messages in 1000 s.
 * Owns     nothing; zero is none.
 * Errors   ERR_SYNTAX of another length.
 * Threads  pure.
 */
#ifndef COMMON_SMS_PACE_H
#define COMMON_SMS_PACE_H

#include "common/base/err.h"
#include "common/base/str.h"

#include <stdint.h>

enum { PACE_WINDOW_MS = 5000 };

struct pace {
    int64_t units;
    int64_t began_ms;
    int64_t window, here, before;
};

MUST_USE enum err pace_parse(struct pace *ret_pace, struct str bytes);
int64_t pace_milli(const struct pace *pace, int64_t now_ms);

#endif
