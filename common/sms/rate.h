/*
 * rate.h - how quickly a send's messages may go: "200/s", "90/min", "1000/h".
 *
 * Units    milli: messages in 1000 s, whole, rounded down. So the slowest rate that there is is a
 *          message every 1000 s, and 0 stands for no limit.
 * Owns     nothing.
 * Errors   ERR_SYNTAX not such a text; ERR_RANGE slower than that, or above RATE_MAX_MILLI.
 * Threads  pure.
 */
#ifndef COMMON_SMS_RATE_H
#define COMMON_SMS_RATE_H

#include "common/base/err.h"
#include "common/base/str.h"

#include <stdint.h>

enum { RATE_MAX_MILLI = 100000000 };

MUST_USE enum err rate_parse(int64_t *ret_milli, struct str text);
/* The rate at which that many messages take that long; within the limits. */
int64_t rate_over(int64_t messages, int64_t period_ms);

#endif
