/*
 * visit.h - one reading of one chunk's record, from Kafka until its offset may be committed.
 *
 * A chunk may be visited many times, at once and by several senders: claims decide who may send
 * what. A visit asks in rounds: once for each recipient that isn't done, in order and never for more
 * than may be in flight. What it is given it sends; those that have to wait are asked for again in
 * the next round. When that is soon the visit sleeps until then (lane.h); else, when nothing of it is
 * under way any more, the same record goes into the delay queue, and is finished. When nothing is
 * left to do it is finished, too.
 *
 * Units    next_at_ms: wall time in ms, by Redis' clock.
 * Owns     its copy of the record, and the chunk parsed from it.
 * Errors   none: a record that can't be read makes a visit that is dead from the start.
 * Threads  the loop's.
 */
#ifndef WORKERS_SENDER_VISIT_H
#define WORKERS_SENDER_VISIT_H

#include "common/base/buf.h"
#include "common/io/kafka.h"
#include "common/io/loop.h"
#include "common/sms/chunk.h"
#include "common/store/messages.h"

struct lane;

/* What is to be done about a recipient. */
enum visit_place { VISIT_ASK, VISIT_LATER, VISIT_DONE };

struct visit {
    struct visit *prev, *next;  /* in lane->visits */
    struct visit *next_waiting; /* in lane->turns */
    struct lane *lane;
    struct chunk chunk;
    struct kafka_kept kept; /* its record */
    struct claim claim;     /* the present question */
    int64_t paid;           /* tokens of the carrier, for the question */
    bool asking;            /* the answer is on its way */
    bool again;             /* the same question must be repeated: its answer was lost */
    const char *dead;       /* why it is to be dead-lettered instead of sent; NULL = it isn't */
    unsigned under_way;     /* attempts claimed and not yet recorded */
    uint8_t places[CHUNK_MAX];
    size_t to_ask, later; /* places of these kinds */
    int64_t next_at_ms;   /* the first time at which one of `later` may go; undefined without any */
    struct loop_timer sleep; /* set: it sleeps */
};

struct visit *visit_new(struct lane *lane, const struct kafka_record *record,
                        uint32_t claim_number);
void visit_free(struct visit *own_visit);

/* Begins the next round: those that had to wait are asked for again, by a claim of this number. */
void visit_wake(struct visit *visit, uint32_t claim_number);
/* Prepares the next question, for one or more recipients up to `most`, which together have at most so
 * many parts (but for the first), or the last one again. */
void visit_ask(struct visit *visit, size_t most, int64_t most_parts, bool deduplicates);
/* Of the recipients that the question is for, or of one: parts, or else messages. */
int64_t visit_cost(const struct visit *visit, bool in_parts);
int64_t visit_cost_of(const struct visit *visit, size_t recipient, bool in_parts);
/* Takes in the answers. */
void visit_answered(struct visit *visit);
/* An attempt that was recorded isn't the last: not before at_ms. */
void visit_come_back(struct visit *visit, size_t recipient, int64_t at_ms);
/* Nothing is asked or to be asked: it can sleep. */
bool visit_idle(const struct visit *visit);
/* Nothing is under way, either: it can be finished or deferred. */
bool visit_settled(const struct visit *visit);

#endif
