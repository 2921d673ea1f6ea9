/*
 * messages.h - the state of messages in Redis: made, claimed, recorded, reported, read.
 *
 * Each write is one call of a script (common/store/lua) for many items of one account, and may be
 * repeated without harm when its outcome is not known. A call's items are of one account, 1 to
 * MESSAGES_BATCH of them.
 *
 * Units    ms; places count from 1 (0 for a single send).
 * Owns     nothing. Items must live until the callback, which comes exactly once unless the call
 *          says an error.
 * Errors   of a call: ERR_IO not connected, ERR_FULL too much waits. Of a callback: ERR_UNKNOWN the
 *          connection broke; ERR_CONFLICT Redis refused the script, with its words in the log.
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_MESSAGES_H
#define COMMON_STORE_MESSAGES_H

#include "common/base/err.h"
#include "common/io/redis.h"
#include "common/sms/chunk.h"
#include "common/sms/line.h"
#include "common/sms/report.h"

enum { MESSAGES_BATCH = 64 };

typedef void (*messages_fn)(void *arg, enum err err);

/* What became of a written item; the scripts' own numbers. */
enum written {
    WRITTEN_ABSENT = -2,
    WRITTEN_REFUSED = -1,
    WRITTEN_SAME = 0,
    WRITTEN_CHANGED = 1,
    WRITTEN_GIVEN_UP = 2 /* it was not sent, and its tries are used up: FAILED */
};

/* --- create --- */

/* Make the views of chunks if they are not there. */
MUST_USE enum err messages_create(struct redis *redis, const struct chunk *const *chunks,
                                  size_t count, messages_fn fn, void *arg);

/* --- claim --- */

enum { CLAIM_NOTHING = 0 };

struct claim {
    const struct chunk *chunk;
    uint32_t
        number; /* of the claim: the same again only to repeat a question whose answer was lost */
    bool deduplicates;   /* the carrier does, by our reference */
    bool fast;           /* it is not to wait behind what is in bulk */
    size_t first, count; /* recipients of the chunk, from 0 */
    int64_t
        hold_ms; /* they have quiet hours until then, and get nothing but what is to end; 0 = none */
    /* The answer: */
    bool differs;               /* the record's numbers are not the view's: nothing was claimed */
    int64_t now_ms;             /* the time, by Redis' clock; 0 when it differs */
    int64_t rest_at_ms;         /* all that is left of the chunk waits until then; 0 = it doesn't */
    int64_t weight;             /* the account's, in turns with others; 0 = SHARES_WEIGHT_DEFAULT */
    int64_t answers[CHUNK_MAX]; /* for each asked: n > 0 attempt n is ours; 0 nothing to do; -t come
                                   back at t */
};

struct claim_terms {
    int64_t lease_ms;    /* how long a claim holds */
    int64_t patience_ms; /* how long an unknown outcome may stay open before it is a failure */
    bool
        rates_in_parts; /* a message costs its parts of the rates of account, sender and send; else one */
};

MUST_USE enum err messages_claim(struct redis *redis, struct claim *const *claims, size_t count,
                                 const struct claim_terms *terms, messages_fn fn, void *arg);

/* --- record --- */

/* The letters of record.lua. */
enum outcome_letter {
    OUTCOME_ACCEPTED = 'A',
    OUTCOME_REJECTED = 'R',
    OUTCOME_NOT_SENT = 'N',  /* takes one of its tries */
    OUTCOME_THROTTLED = 'T', /* takes a tenth of one */
    OUTCOME_UNKNOWN = 'U'
};

struct record {
    const char *account;
    struct id message;
    unsigned attempt;
    uint32_t claim;
    enum outcome_letter outcome;
    enum error error;     /* why, when REJECTED */
    int64_t wait_ms;      /* before the next try or look, when it goes on */
    enum written written; /* the answer */
};

/* tries: how often a message may be tried that the carrier surely did not get. */
MUST_USE enum err messages_record(struct redis *redis, struct record *const *records, size_t count,
                                  int64_t tries, messages_fn fn, void *arg);

/* --- report --- */

struct reported {
    struct report report;
    enum written written; /* the answer */
};

MUST_USE enum err messages_report(struct redis *redis, struct reported *const *reports,
                                  size_t count, messages_fn fn, void *arg);

/* --- cancel --- */

struct cancelled {
    unsigned now, before, too_late; /* messages */
    enum status status;             /* of one that it was too late for; undefined unless too_late */
};

/* cancelled is NULL when there is no message of that id (ERR_OK), or on an error. The id of a send
 * of many cancels all of it, in one script whatever its size; its lines are swept later (sweeps.h,
 * through the delay queue of so many shards). May be repeated when the outcome isn't known. */
typedef void (*cancelled_fn)(void *arg, enum err err, const struct cancelled *cancelled);
MUST_USE enum err messages_cancel(struct redis *redis, unsigned shards, const char *account,
                                  struct id id, cancelled_fn fn, void *arg);

/* --- read --- */

/* A message as it stands; its texts die with the callback. */
struct message {
    struct id id;
    struct line line; /* of a whole send of many: the least advanced status, no digits */
    enum message_type type;
    struct str body, ref, from, profile; /* p NULL: none */
    int64_t at_ms, until_ms, due_ms;     /* due_ms 0: not scheduled */
};

/* message is NULL when there is none of that id (ERR_OK), or on an error. */
typedef void (*message_fn)(void *arg, enum err err, const struct message *message);
MUST_USE enum err messages_get(struct redis *redis, const char *account, struct id id,
                               message_fn fn, void *arg);

#endif
