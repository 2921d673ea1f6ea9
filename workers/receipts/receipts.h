/*
 * receipts.h - the worker that applies carriers' delivery reports.
 *
 *     Kafka record -> a batch for each account -> one script (Redis) -> commit
 *
 * A report for a message that Redis doesn't know is dead-lettered: a message is known before its
 * first submit.
 *
 * Units    ms.
 * Owns     everything below.
 * Errors   ERR_CONFIG a setting is wrong.
 * Threads  the loop's.
 */
#ifndef WORKERS_RECEIPTS_RECEIPTS_H
#define WORKERS_RECEIPTS_RECEIPTS_H

#include "common/store/messages.h"
#include "common/worker/links.h"
#include "common/worker/metrics.h"
#include "common/worker/worker.h"

#define RECEIPTS_METRICS(X)                                                                        \
    X(RECEIPTS_DELIVERED, COUNTER, "sms_reports_total", "state=\"delivered\"",                     \
      "Reports that changed a message.")                                                           \
    X(RECEIPTS_FAILED, COUNTER, "sms_reports_total", "state=\"failed\"",                           \
      "Reports that changed a message.")                                                           \
    X(RECEIPTS_SAME, COUNTER, "sms_reports_idle_total", "why=\"repeated\"",                        \
      "Reports that changed nothing.")                                                             \
    X(RECEIPTS_REFUSED, COUNTER, "sms_reports_idle_total", "why=\"not allowed\"",                  \
      "Reports that changed nothing.")                                                             \
    X(RECEIPTS_DEAD_LETTERS, COUNTER, "sms_dead_letters_total", "",                                \
      "Records that could not be processed.")                                                      \
    X(RECEIPTS_OPEN, GAUGE, "sms_reports_open", "", "Reports read and not yet applied.")
enum { RECEIPTS_METRICS(METRIC_INDEX) RECEIPTS_METRIC_COUNT };

struct receipt;

struct receipts {
    struct worker_ctx *ctx;
    struct links links;
    struct kafka_consumer *consumer;
    struct receipt *first, **end; /* those that wait to be given to Redis, in order */
    unsigned open;                /* read, and neither applied nor buried */
    struct loop_timer pause;      /* set: nothing is given until then, something is in trouble */
};

struct worker receipts_worker(struct receipts *receipts);

#endif
