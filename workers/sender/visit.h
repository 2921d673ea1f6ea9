/*
 * visit.h - one reading of one chunk's record, from Kafka until its offset may be committed.
 *
 * A chunk may be visited many times, at once and by several senders: claims decide who may send
 * what. A visit asks once for each recipient, in order and never for more than may be in flight.
 * What it is given it sends; when nothing of it is under way any more, either nothing is left to do
 * (and the record is finished), or the same record goes into the delay queue for the earliest time
 * at which something will be (and is finished then).
 *
 * Units    next_at_ms is wall time.
 * Owns     its copy of the record, and the chunk parsed from it.
 * Errors   none: a record that can't be read makes a visit that is dead from the start.
 * Threads  the loop's.
 */
#ifndef WORKERS_SENDER_VISIT_H
#define WORKERS_SENDER_VISIT_H

#include "common/base/buf.h"
#include "common/io/kafka.h"
#include "common/sms/chunk.h"
#include "common/store/messages.h"

struct lane;

struct visit {
    struct visit *prev, *next;  /* in lane->visits */
    struct visit *next_waiting; /* in lane->waiting */
    struct lane *lane;
    struct chunk chunk;
    char *record; /* as it was read */
    size_t record_n;
    char *key;
    size_t key_n;
    int32_t partition;
    int64_t offset;
    uint32_t epoch;
    struct claim claim; /* the present question */
    size_t asked;       /* recipients whose turn has been */
    bool asking;        /* the answer is on its way */
    bool again;         /* the same question must be repeated: its answer was lost */
    const char *dead;   /* why it is to be dead-lettered instead of sent; NULL = it isn't */
    unsigned under_way; /* attempts claimed and not yet recorded */
    int64_t next_at_ms; /* when to come back; 0 = nothing is left */
};

struct visit *visit_new(struct lane *lane, const struct kafka_record *record,
                        uint32_t claim_number);
void visit_free(struct visit *own_visit);

size_t visit_left(const struct visit *visit); /* recipients not asked for yet */
/* Prepares the next question, for at most `most` recipients, or the last one again. Returns for how
 * many. */
size_t visit_ask(struct visit *visit, size_t most, bool deduplicates);
void visit_come_back(struct visit *visit, int64_t at_ms); /* not later than at_ms */
/* Nothing is asked, under way or left: it can be finished or deferred. */
bool visit_settled(const struct visit *visit);

#endif
