/*
 * duration.h - lengths of time as ISO 8601 writes them: "PT90S", "P1DT12H", "P2W".
 *
 * Weeks, days, hours, minutes and seconds, each a whole number, in this order; a week is alone. No
 * years or months: they have no fixed length.
 *
 * Units    ms.
 * Owns     nothing.
 * Errors   ERR_SYNTAX not such a text; ERR_RANGE longer than 10,000 days.
 * Threads  pure.
 * Source   ISO 8601-1:2019, 5.5.2.
 */
#ifndef COMMON_SMS_DURATION_H
#define COMMON_SMS_DURATION_H

#include "common/base/err.h"
#include "common/base/str.h"

#include <stdint.h>

MUST_USE enum err duration_parse(int64_t *ret_ms, struct str text);

#endif
