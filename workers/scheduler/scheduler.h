/*
 * scheduler.h - the worker that releases what waits in the delay queue.
 *
 * For each shard, again and again: lend out what is due, publish it, and when Kafka has
 * acknowledged all of it, remove it. A scheduler that dies in between leaves leases that end; then
 * the same records are published again, which their readers bear. It knows nothing about SMS, and
 * any number of them may run.
 *
 * Units    ms.
 * Owns     everything below.
 * Errors   ERR_CONFIG a setting is wrong.
 * Threads  the loop's.
 */
#ifndef WORKERS_SCHEDULER_SCHEDULER_H
#define WORKERS_SCHEDULER_SCHEDULER_H

#include "common/worker/links.h"
#include "common/worker/metrics.h"
#include "common/worker/worker.h"

#define SCHEDULER_METRICS(X)                                                                       \
    X(SCHEDULER_RELEASED, COUNTER, "sms_due_released_total", "",                                   \
      "Records published when their time had come.")                                               \
    X(SCHEDULER_FAILED, COUNTER, "sms_due_failed_total", "",                                       \
      "Records that Kafka did not take; they are due again.")                                      \
    X(SCHEDULER_DEAD_LETTERS, COUNTER, "sms_dead_letters_total", "",                               \
      "Records that Kafka never takes.")
enum { SCHEDULER_METRICS(METRIC_INDEX) SCHEDULER_METRIC_COUNT };

struct scheduler;

/* One part of the queue. One batch of it is out at a time. */
struct shard {
    struct scheduler *scheduler;
    unsigned number;
    bool busy;               /* taking, publishing, or removing */
    struct loop_timer timer; /* the next look */
};

struct scheduler {
    struct worker_ctx *ctx;
    struct links links;
    struct shard *shards;
    size_t shard_count;
    bool draining;
};

struct worker scheduler_worker(struct scheduler *scheduler);

#endif
