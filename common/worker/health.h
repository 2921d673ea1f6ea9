/*
 * health.h - the port that orchestrators and Prometheus ask.
 *
 * /healthz  200 whenever the loop turns; never asks what the worker depends on, since killing a
 *           worker cures no broker
 * /readyz   200 when the worker can do its work; else, and while it drains, 503 and why
 * /metrics  counters, see metrics.h
 *
 * Units    none.
 * Owns     its server and timer; the worker, settings and metrics are borrowed.
 * Errors   ERR_IO the port can't be had; logged.
 * Threads  the loop's.
 */
#ifndef COMMON_WORKER_HEALTH_H
#define COMMON_WORKER_HEALTH_H

#include "common/worker/worker.h"

struct health;

MUST_USE enum err health_new(struct health **ret_health, const struct worker_ctx *ctx,
                             const struct worker *worker);
void health_free(struct health *own_health);
/* The worker has started: from now on its ready() is asked, and each change is logged. */
void health_started(struct health *health);
void health_draining(struct health *health);
uint16_t health_port(const struct health *health);

#endif
