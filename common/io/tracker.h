/*
 * tracker.h - which offset of a partition may be committed while its records finish out of order.
 *
 * Records enter in the order of their offsets (gaps are fine) and finish in any. What may be
 * committed is the offset after the last record before the first unfinished one.
 *
 * Units    Kafka offsets.
 * Owns     its ring. {0} is a valid empty tracker.
 * Errors   ERR_FULL: `cap` records are open; take no more from this partition.
 * Threads  one.
 */
#ifndef COMMON_IO_TRACKER_H
#define COMMON_IO_TRACKER_H

#include "common/base/err.h"

#include <stddef.h>
#include <stdint.h>

struct tracker_entry {
    int64_t offset;
    bool done;
};

struct tracker {
    struct tracker_entry *ring;
    size_t room, head, count, cap;
    size_t unfinished; /* at most count */
};

void tracker_init(struct tracker *t, size_t cap);
void tracker_done(struct tracker *t);
MUST_USE enum err tracker_open(struct tracker *t, int64_t offset);
void tracker_forget_last(struct tracker *t); /* undoes the last tracker_open */
/* Returns the offset to commit (the next one to read), or -1 when this changes nothing. An offset
 * that is not open is ignored: it belongs to an earlier assignment of the partition. */
int64_t tracker_finish(struct tracker *t, int64_t offset);
size_t tracker_count(const struct tracker *t); /* from the first unfinished record on */
size_t tracker_unfinished(const struct tracker *t);

#endif
