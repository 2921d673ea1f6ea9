/*
 * asleep.h - recipients of a send who have quiet hours.
 *
 * Their messages are made and wait in the delay queue, not in front of a carrier; so whoever looks how much of a send
 * waits there leaves them out, and those who may be sent to now are not kept waiting by those who sleep.
 *
 * Units    wall times in ms.
 * Owns     nothing.
 * Errors   none.
 * Threads  the loop's.
 */
#ifndef WORKERS_EXPANDER_ASLEEP_H
#define WORKERS_EXPANDER_ASLEEP_H

#include "common/io/local_time.h"
#include "common/sms/job.h"

/* Adds those of the chunk who have quiet hours at now_ms, and forgets whose are over. */
void asleep_add(struct job_asleep *asleep, const struct chunk *chunk, struct local_time *lt,
                int64_t now_ms);
/* How many still have at now_ms. */
int64_t asleep_count(const struct job_asleep *asleep, int64_t now_ms);

#endif
