/*
 * send_schedule.h - when a send goes out: its `scheduled_at` and `timezone`, checked.
 *
 * Units    ms since 1970 in UTC.
 * Owns     nothing.
 * Errors   told in the problem, at /scheduled_at or /timezone.
 * Threads  safe everywhere.
 * Source   the API's documentation: at most 30 days ahead; without a time zone it is UTC. See common/sms/schedule.h.
 */
#ifndef WORKERS_API_SEND_SCHEDULE_H
#define WORKERS_API_SEND_SCHEDULE_H

#include "common/base/str.h"
#include "workers/api/problem.h"

#include <stdint.h>

/* Texts whose p is NULL are absent. Returns the time, or 0: the send goes out at once, or the problem says what is wrong. */
int64_t send_schedule_read(struct str scheduled_at, struct str timezone, int64_t now_ms,
                           struct problem *problem);

#endif
