/*
 * worker.h - what every worker is: a name, hooks, and one main that calls them in order.
 *
 *     signals, options, settings, log, loop, health server, start
 *     the loop turns; /readyz says what ready() says
 *     first SIGTERM or SIGINT: not ready, drain(), turn until drained() or SMS_DRAIN_TIMEOUT, stop()
 *     second one: the process ends at once, with status 1
 *
 * Units    ms.
 * Owns     the loop, settings and metrics that hooks get; they outlive stop().
 * Errors   worker_main returns the exit status: 0; 78 (EX_CONFIG) a setting is wrong, or start said
 *          ERR_CONFIG; 64 a wrong option; 1 anything else.
 * Threads  hooks run on the loop's thread. Signals are blocked in every thread that starts later.
 */
#ifndef COMMON_WORKER_WORKER_H
#define COMMON_WORKER_WORKER_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/io/loop.h"
#include "common/worker/metrics.h"
#include "common/worker/settings.h"

#include <stdbool.h>

struct worker_ctx {
    struct loop *loop;
    const struct settings *settings;
    struct metrics *metrics; /* of worker.metrics; see metrics_part for more */
    const char *name;
};

struct worker {
    enum worker_id id;   /* gives the name and which settings it uses */
    const char *summary; /* a sentence for --help */
    const struct metric_def *metrics;
    size_t metric_count;
    /* Begins connecting; never waits. Logs why before it returns an error; then stop is called. */
    enum err (*start)(struct worker_ctx *ctx, void *arg);
    /* Can it do its work now? If not, *ret_why says in words what it waits for. Called often. */
    bool (*ready)(void *arg, const char **ret_why);
    void (*drain)(void *arg);                  /* stop taking work; may be NULL */
    bool (*drained)(void *arg);                /* is nothing in flight any more? may be NULL */
    void (*left)(void *arg, struct buf *text); /* what is in flight, in words; may be NULL */
    void (*stop)(void *arg); /* reverse of start, also of one that failed halfway; frees */
    void *arg;
};

int worker_main(int argc, char **argv, const struct worker *worker);

/* For start: the error line that says which port is taken, and which setting moves it. */
void worker_log_port_taken(const char *address, uint16_t port, const char *setting);

const char *worker_version(void);
const char *worker_commit(void); /* "" when the build did not say */

#endif
