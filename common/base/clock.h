/*
 * clock.h - the two clocks, and how a time is written.
 *
 * Units    milliseconds, int64_t. Wall times are since 1970 in UTC and named at_ms; monotonic ones
 *          are since boot, go on while the machine sleeps, and are named mono_ms. The two never
 *          mix; a duration comes from the monotonic one.
 * Owns     nothing.
 * Errors   none.
 * Threads  safe everywhere.
 * Source   RFC 3339 for the text forms.
 */
#ifndef COMMON_BASE_CLOCK_H
#define COMMON_BASE_CLOCK_H

#include "common/base/err.h"
#include "common/base/str.h"

#include <stdint.h>

enum { CLOCK_TEXT_SIZE = 32 };

int64_t clock_wall_ms(void);
/* CLOCK_BOOTTIME, not CLOCK_MONOTONIC: a lease must run out while the machine is suspended. */
int64_t clock_mono_ms(void);
/* "2026-01-31T10:11:12Z" */
void clock_format_s(char text[CLOCK_TEXT_SIZE], int64_t at_ms);
/* "2026-01-31T10:11:12.345Z" */
void clock_format_ms(char text[CLOCK_TEXT_SIZE], int64_t at_ms);
/* A date and time of RFC 3339, with any offset and any number of fraction digits (from the fourth
 * on they are dropped). */
MUST_USE enum err clock_parse(int64_t *ret_at_ms, struct str text);
/* "20260131", the UTC day under which a message is counted. */
void clock_format_day(char text[CLOCK_TEXT_SIZE], int64_t at_ms);

#endif
