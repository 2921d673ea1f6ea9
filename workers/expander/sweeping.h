/*
 * sweeping.h - one reading of a sweep's record: some chunks of a cancelled send are written as what
 * they are; what is left of the sweep goes into the delay queue, so that others get their turn.
 *
 * Units    ms.
 * Owns     what it needs of the record.
 * Errors   none: a record that can't be read is dead-lettered; while Redis or Kafka is away it waits
 *          and goes on where it was.
 * Threads  the loop's.
 */
#ifndef WORKERS_EXPANDER_SWEEPING_H
#define WORKERS_EXPANDER_SWEEPING_H

#include "common/io/kafka.h"

struct expander;

/* Adds itself to the expander's list, and does the rest by itself. */
void sweeping_start(struct expander *expander, const struct kafka_record *record);
/* Forgets all of them, for an end of the worker: their records are read again. */
void sweeping_stop_all(struct expander *expander);

#endif
