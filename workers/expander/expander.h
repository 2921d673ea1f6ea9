/*
 * expander.h - the worker that cuts large sends into chunks.
 *
 *     a job from sms.jobs -> a slice of chunks: each made in Redis, then published to dispatch
 *                         -> the job, with how far it is, into the delay queue -> commit
 *
 * So other sends take turns with a large one, and a crash costs no more than a slice that is
 * published again under the same ids. A job whose time has not come goes to the delay queue as it is.
 *
 * Units    ms.
 * Owns     everything below.
 * Errors   ERR_CONFIG a setting is wrong.
 * Threads  the loop's.
 */
#ifndef WORKERS_EXPANDER_EXPANDER_H
#define WORKERS_EXPANDER_EXPANDER_H

#include "common/store/switch.h"
#include "common/worker/links.h"
#include "common/worker/metrics.h"
#include "common/worker/worker.h"

#define EXPANDER_METRICS(X)                                                                        \
    X(EXPANDER_CHUNKS, COUNTER, "sms_chunks_made_total", "", "Chunks made of sends.")              \
    X(EXPANDER_AGAIN, COUNTER, "sms_chunks_published_again_total", "",                             \
      "Chunks that were made before, and published again to be sure.")                             \
    X(EXPANDER_RECIPIENTS, COUNTER, "sms_recipients_expanded_total", "",                           \
      "Recipients in chunks that were made.")                                                      \
    X(EXPANDER_FAILED, COUNTER, "sms_recipients_failed_total", "",                                 \
      "Recipients who can't be sent to: a value is missing, or the text too long.")                \
    X(EXPANDER_DEAD_LETTERS, COUNTER, "sms_dead_letters_total", "",                                \
      "Records that could not be processed.")                                                      \
    X(EXPANDER_PAUSED, GAUGE, "sms_traffic_paused", "", "1 while all traffic is paused.")          \
    X(EXPANDER_OPEN, GAUGE, "sms_jobs_open", "", "Jobs being cut into chunks.")
enum { EXPANDER_METRICS(METRIC_INDEX) EXPANDER_METRIC_COUNT };

struct chunk;
struct local_time;
struct task;
struct sweeping;

struct expander {
    struct worker_ctx *ctx;
    struct links links;
    struct switch_watch traffic;
    struct kafka_consumer *consumer;
    struct local_time *local_time;
    struct task *tasks; /* open ones, in no order */
    struct sweeping *sweeps;
    unsigned open;     /* of both */
    size_t open_bytes; /* of the tasks' records */
    size_t out_bytes;  /* given to Kafka and not acknowledged */
    bool draining;
};

struct worker expander_worker(struct expander *expander);

void expander_count_made(struct expander *expander, const struct chunk *chunk);
/* A task's record is finished with; frees it. */
void expander_finish(struct expander *expander, struct task *own_task);
/* Kafka has answered for so much; tasks that waited for it go on. */
void expander_taken(struct expander *expander, size_t bytes);
/* Kafka has enough to do. */
bool expander_full(const struct expander *expander);

#endif
