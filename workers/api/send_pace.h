/*
 * send_pace.h - how a send goes out: its `rate` or `send_over`, and its `quiet_hours`.
 *
 * Units    ms; rates as common/sms/rate.h.
 * Owns     nothing.
 * Errors   told in the problem.
 * Threads  pure.
 */
#ifndef WORKERS_API_SEND_PACE_H
#define WORKERS_API_SEND_PACE_H

#include "common/sms/chunk.h"
#include "workers/api/problem.h"

struct send_pace {
    int64_t rate_milli; /* 0 = no limit */
    int64_t over_ms;    /* the period that the send is spread over; 0 = none */
    struct quiet quiet;
};

struct json_t;
struct send_pace send_pace_read(const struct json_t *root, struct problem *problem);

/* Its rate alone; 0 = none is given. */
int64_t send_pace_read_rate(const struct json_t *root, struct problem *problem);

/* Puts it into what a send's messages share. A period becomes the rate at which that many recipients
 * take all of it, and they may be sent that much longer. */
void send_pace_set(struct chunk *shared, const struct send_pace *pace, int64_t recipients);

#endif
