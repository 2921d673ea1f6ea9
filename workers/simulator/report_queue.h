/*
 * report_queue.h - delivery reports that wait for their time.
 *
 * Units    monotonic ms. Equal times leave in the order they came.
 * Owns     the reports in it. {0} is an empty queue; report_queue_done frees them all.
 * Errors   none; the caller bounds how many there are.
 * Threads  pure.
 */
#ifndef WORKERS_SIMULATOR_REPORT_QUEUE_H
#define WORKERS_SIMULATOR_REPORT_QUEUE_H

#include "common/base/str.h"
#include "workers/simulator/dice.h"

#include <stdint.h>

struct reports;

struct report {
    struct reports *reports; /* whose it is */
    uint64_t message;
    int64_t give_up_mono_ms;
    uint32_t generation; /* how many resets came before it */
    unsigned tries;
    struct str body;
    char url[]; /* and behind its NUL the body's bytes */
};

struct report_place {
    int64_t due_mono_ms;
    uint64_t order;
    struct report *report;
};

struct report_queue {
    struct report_place *heap; /* the soonest first; children of i are 2i + 1 and 2i + 2 */
    size_t count, room;
    uint64_t next_order;
};

/* Copies both. */
struct report *report_new(struct str url, struct str body);
void report_free(struct report *own_report);

void report_queue_done(struct report_queue *queue);
void report_queue_add(struct report_queue *queue, struct report *own_report, int64_t due_mono_ms);
/* The next one due at now_ms, which is the caller's now, or NULL. With dice, any of those that wait
 * changes places with it first. */
struct report *report_queue_take(struct report_queue *queue, int64_t now_ms, struct dice *dice);
/* When the next one is due; INT64_MAX when empty. */
int64_t report_queue_due_ms(const struct report_queue *queue);

#endif
