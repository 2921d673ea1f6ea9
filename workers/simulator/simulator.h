/*
 * simulator.h - the carrier simulator as a worker: its port, its routes, its hooks.
 *
 * Units    none.
 * Owns     a struct simulator everything between start and stop.
 * Errors   start logs why it failed.
 * Threads  the loop's.
 */
#ifndef WORKERS_SIMULATOR_SIMULATOR_H
#define WORKERS_SIMULATOR_SIMULATOR_H

#include "common/worker/worker.h"

struct simulator;

struct simulator *simulator_new(void);
void simulator_free(struct simulator *own_simulator);
/* The hooks, with simulator as their argument. */
struct worker simulator_worker(struct simulator *simulator);

#endif
