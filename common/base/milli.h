/*
 * milli.h - decimals with at most three places, exact: as whole numbers of 1/1000.
 *
 * Units    165330 is 165.33.
 * Owns     nothing.
 * Errors   ERR_SYNTAX not digits, and perhaps a point and one to three digits after it; ERR_RANGE
 *          more than MILLI_MAX.
 * Threads  pure.
 */
#ifndef COMMON_BASE_MILLI_H
#define COMMON_BASE_MILLI_H

#include "common/base/buf.h"

#define MILLI_MAX INT64_C(999999999999999) /* in 1/1000 */

/* The shortest form that has at least one place: "165.33", "0.0", "-0.05". */
void milli_write(struct buf *out, int64_t milli);
MUST_USE enum err milli_parse(int64_t *ret_milli, struct str text);

#endif
