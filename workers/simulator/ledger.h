/*
 * ledger.h - what the carrier has seen: submits by reference, messages, counters.
 *
 * A reference is known by a 64 bit hash of it, so counting one costs no memory but its slot. Two of
 * a million references share a hash with a chance of 1 in 30 million.
 *
 * Units    a message's id is a number that is never used twice; times are wall ms.
 * Owns     copies of what it keeps. References and messages have a maximum each: past it a new
 *          reference is not counted (references_dropped says how many), and the oldest message
 *          goes.
 * Errors   none.
 * Threads  not safe; the simulator's loop owns it.
 */
#ifndef WORKERS_SIMULATOR_LEDGER_H
#define WORKERS_SIMULATOR_LEDGER_H

#include "common/base/buf.h"
#include "workers/simulator/submit.h"

#include <stdint.h>

/* name, help */
#define LEDGER_COUNTS(X)                                                                           \
    X(received, "submits that arrived, whatever became of them")                                   \
    X(accepted, "messages accepted, each reference once")                                          \
    X(rejected, "submits answered 400")                                                            \
    X(throttled, "submits answered 429")                                                           \
    X(failed, "submits answered with the failure status")                                          \
    X(hung_up, "submits whose connection was closed without an answer")                            \
    X(unanswered, "submits held without an answer")                                                \
    X(garbled, "submits answered with broken JSON")                                                \
    X(late, "submits answered late")                                                               \
    X(cut_off, "submits whose connection was reset in the middle of the answer")                   \
    X(dripped, "submits answered a byte a second")                                                 \
    X(distinct_references, "submits whose reference was new")                                      \
    X(repeated_references, "submits whose reference had been seen before")                         \
    X(repeated_accepted, "submits whose reference had been accepted before")                       \
    X(references_dropped, "submits not counted by reference, for want of room")

#define LEDGER_MEMBER(name, help) int64_t name;
struct ledger_counts {
    LEDGER_COUNTS(LEDGER_MEMBER)
};
#undef LEDGER_MEMBER

enum ledger_report { LEDGER_NO_REPORT, LEDGER_PENDING, LEDGER_SENT, LEDGER_FAILED };

/* One reference. */
struct ledger_entry {
    uint64_t hash;     /* 0: a free slot */
    uint64_t accepted; /* the message's id; 0: not accepted yet */
    uint16_t seen_count;
    uint16_t taken_count; /* of them, how often the carrier took it: more than once is sent twice */
    uint16_t unclear_count; /* of those, how often its answer didn't say so */
    uint16_t refused_count; /* seen, and answered that it was not taken */
};

struct ledger_conf {
    size_t max_references, max_messages, max_message_bytes;
    uint64_t first_id;
};

struct ledger;

struct ledger *ledger_new(const struct ledger_conf *conf);
void ledger_free(struct ledger *own_ledger);
/* Forgets all but which id comes next. */
void ledger_reset(struct ledger *ledger);
struct ledger_counts *ledger_get_counts(struct ledger *ledger);

/* Counts a submit that was read in full. NULL when there is no room for its reference. */
struct ledger_entry *ledger_count(struct ledger *ledger, struct str reference);
/* What the carrier made of the submit that was counted last. entry may be NULL. */
void ledger_note(struct ledger_entry *entry, bool taken, bool clear, bool refused);
/* Keeps the message and returns its new id. entry may be NULL. */
uint64_t ledger_accept(struct ledger *ledger, struct ledger_entry *entry, const struct submit *s,
                       int64_t at_ms);
/* What became of a message's report; fine when the message is no longer kept. */
void ledger_set_report(struct ledger *ledger, uint64_t id, enum ledger_report report);

/* {"messages":[...],"total":n}: the last limit messages to that number, or to all when to is NULL.
 */
void ledger_write_messages(const struct ledger *ledger, const struct phone *to, size_t limit,
                           struct buf *out);
/* A line for each reference: its hash in hexadecimal, and the four counts of its entry. */
void ledger_write_references(const struct ledger *ledger, struct buf *out);
/* A JSON array of the first references that came more than once. */
void ledger_write_repeated(const struct ledger *ledger, struct buf *out);

#endif
