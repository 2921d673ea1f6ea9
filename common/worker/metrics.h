/*
 * metrics.h - counters, gauges and histograms, and the page that Prometheus reads.
 *
 *     #define SENDER_METRICS(X)                                                              \
 *         X(SENDER_SENT, COUNTER, "sms_sent_total", "lane=\"fast\"", "Messages accepted.")   \
 *         X(SENDER_CALL, HISTOGRAM, "sms_call_seconds", "", "Time a carrier took.")
 *     enum { SENDER_METRICS(METRIC_INDEX) SENDER_METRIC_COUNT };
 *     static const struct metric_def defs[] = {SENDER_METRICS(METRIC_DEF)};
 *     metrics_add(m, SENDER_SENT, 1);
 *
 * Rows of one name stand together and differ in their labels.
 *
 * Units    times go in as ms and come out as seconds, which is the format's custom.
 * Owns     the numbers; the tables are borrowed and must outlive it.
 * Errors   none.
 * Threads  one: a worker's loop is all there is.
 * Source   Prometheus text exposition format 0.0.4.
 */
#ifndef COMMON_WORKER_METRICS_H
#define COMMON_WORKER_METRICS_H

#include "common/base/buf.h"

#include <stdint.h>

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric_def {
    const char *name;
    enum metric_kind kind;
    const char *labels; /* as written: `lane="fast"`, or "" */
    const char *help;
};

#define METRIC_INDEX(index, kind, name, labels, help) index,
#define METRIC_DEF(index, kind, name, labels, help)   {name, METRIC_##kind, labels, help},

struct metrics;

struct metrics *metrics_new(const struct metric_def *defs, size_t count);
void metrics_free(struct metrics *own_metrics); /* with all its parts */
/* A further table on the same page, owned by m. With a label, all its rows carry label="value"
 * (copied, escaped), and the same defs may be added again with another value. */
struct metrics *metrics_part(struct metrics *m, const struct metric_def *defs, size_t count,
                             const char *label, const char *value);
/* Called before the page is written: the moment to set gauges. One for each table or part. */
void metrics_before_write(struct metrics *m, void (*fn)(void *arg), void *arg);

void metrics_add(struct metrics *m, size_t index, int64_t n);
void metrics_set(struct metrics *m, size_t index, int64_t value); /* a gauge */
void metrics_observe_ms(struct metrics *m, size_t index, int64_t ms);
int64_t metrics_get(const struct metrics *m, size_t index); /* of a histogram: how many */

/* The whole page. */
void metrics_write(struct metrics *m, struct buf *out);
/* What every process has: processor time, memory, descriptors, start time. */
void metrics_write_process(struct buf *out);
/* One sample that is always 1: sms_build_info. */
void metrics_write_build(struct buf *out, const char *worker, const char *version,
                         const char *commit);

#endif
