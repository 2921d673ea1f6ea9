/*
 * reports.h - posts delivery reports until each is taken.
 *
 * Only a 2xx answer counts as taken. After any other, or none, a report comes again, later each
 * time; the others flow on meanwhile. While the last answer was a failure the repeated ones leave
 * at a slow, even pace: a receiver that is down must not cost the machine what refused connections
 * cost, and one that is back gets everything at once.
 *
 * Units    ms; due times are monotonic.
 * Owns     the reports that wait and its HTTP client. The loop is the caller's.
 * Errors   ERR_IO the client can't be made. A report that finds no room is counted as dropped.
 * Threads  the loop's.
 */
#ifndef WORKERS_SIMULATOR_REPORTS_H
#define WORKERS_SIMULATOR_REPORTS_H

#include "common/base/backoff.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/io/loop.h"

#include <stdbool.h>
#include <stdint.h>

struct reports;

/* A message's report was taken, or given up. */
typedef void (*reports_fn)(void *arg, uint64_t message, bool sent);

struct reports_conf {
    unsigned max_calls; /* at the same time */
    size_t max_pending;
    int64_t timeout_ms; /* of one call */
    struct backoff backoff;
    int64_t give_up_ms; /* after it was first due */
    int64_t pace_ms;    /* between repeated ones while they fail */
    reports_fn settled;
    void *arg;
};

struct reports_counts {
    int64_t sent, failed, retries, dropped;
};

MUST_USE enum err reports_new(struct reports **ret_reports, struct loop *loop,
                              const struct reports_conf *conf);
void reports_free(struct reports *own_reports);
/* Drops what waits and zeroes the counts. */
void reports_reset(struct reports *reports);
/* From now on any of those that wait may go next, by dice of this seed. */
void reports_shuffle(struct reports *reports, bool shuffle, uint64_t seed);
/* While they are held, none is posted. */
void reports_hold(struct reports *reports, bool hold);
/* Post body to url at due_mono_ms or soon after; both are copied. False: no room. */
bool reports_add(struct reports *reports, uint64_t message, struct str url, struct str body,
                 int64_t due_mono_ms);
size_t reports_pending(const struct reports *reports);
const struct reports_counts *reports_get_counts(const struct reports *reports);

#endif
