/*
 * counts.h - messages counted by status, and what is told of them.
 *
 * Units    messages, units (parts that carriers accepted).
 * Owns     nothing; a value, zero is none.
 * Errors   none.
 * Threads  pure.
 * Source   the API's documentation: usage and statistics.
 */
#ifndef COMMON_SMS_COUNTS_H
#define COMMON_SMS_COUNTS_H

#include "common/sms/status.h"

#include <stdint.h>

struct counts {
    int64_t by_status[STATUS_COUNT];
    int64_t units;
};

/* Takes one counter as Redis keeps it: a status' letter, or 'u'. Others are not for here. */
void counts_read(struct counts *counts, struct str field, struct str value);
void counts_add(struct counts *sum, const struct counts *more);
/* Outbound, without those that still wait for their time or were cancelled. */
int64_t counts_sent(const struct counts *counts);
/* How many of those sent were delivered, in 1/1000, rounded half up to two places; 0 without any.
 */
int64_t counts_rate_milli(const struct counts *counts);

#endif
