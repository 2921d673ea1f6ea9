/*
 * sends.h - an account's sends as they stand: how many messages of each status, how quickly they go, what they cost.
 *
 * The list is newest first, of sends of many messages, or of all that have a customer_ref. One call looks at a bounded
 * number of sends; whoever needs more goes on from where it ended (messages_list.h tells more).
 *
 * Units    ms; rates are milli-messages a second; units are parts that carriers accepted.
 * Owns     nothing; what the callback gets dies with it.
 * Errors   of a call: ERR_IO not connected, ERR_FULL too much waits. Of a callback: ERR_UNKNOWN the connection broke;
 *          ERR_CONFLICT Redis refused the script. A send that can't be read is left out.
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_SENDS_H
#define COMMON_STORE_SENDS_H

#include "common/sms/counts.h"
#include "common/store/keys.h"
#include "common/store/messages_list.h"

/* member, letter in sends.lua, name */
#define SEND_STATE_LIST(X)                                                                         \
    X(SCHEDULED, 's', "scheduled")                                                                 \
    X(RUNNING, 'r', "running")                                                                     \
    X(PAUSED, 'p', "paused")                                                                       \
    X(FINISHED, 'f', "finished")                                                                   \
    X(CANCELLED, 'c', "cancelled")

#define SEND_STATE_ENUM(member, letter, name) SEND_STATE_##member,
enum send_state { SEND_STATE_LIST(SEND_STATE_ENUM) SEND_STATE_COUNT };
#undef SEND_STATE_ENUM

const char *send_state_name(enum send_state state);
enum send_state send_state_of(struct str name); /* SEND_STATE_COUNT: there is none of that name */

enum { SEND_ERRORS = UINT8_MAX + 1 };

struct send_view {
    struct id id;
    enum status
        status; /* the least advanced of its messages; of final ones delivered before failed before cancelled */
    enum send_state state;
    bool single, expanding;         /* expanding: not all of its messages are made */
    struct description description; /* what was asked for; where PATCH changed it, see below */
    struct counts counts;
    int64_t errors[SEND_ERRORS];     /* FAILED messages by error */
    int64_t estimate;                /* how many messages it is thought to have in the end */
    int64_t rate_milli;              /* 0: no limit */
    int64_t due_ms, until_ms;        /* due_ms 0: not scheduled */
    int64_t paused_ms, cancelled_ms; /* 0: it isn't */
    int64_t began_ms;                /* a carrier accepted its first message; 0: not yet */
    int64_t ended_ms;                /* its last message came to its end; 0: not yet */
    int64_t pace_milli;              /* how quickly carriers accept its messages now */
};

struct sends_query {
    struct list_query list; /* only send, ref, after_ms and before_ms count */
    unsigned statuses;      /* LIST_STATUS of each; LIST_ANY_STATUS: any */
    unsigned states;        /* 1 << enum send_state; 0: any */
};

struct sends_ask {
    const struct sends_query *query;
    const struct list_place *place; /* NULL: the beginning */
    uint64_t skip;
    unsigned limit; /* at most LIST_MOST */
    bool wants_total;
};

struct sends_listed {
    size_t count;
    const struct send_view *sends;
    bool done;
    struct list_place next;
    uint64_t skip;
    int64_t total, now_ms;
    /* Of all sends that were returned or skipped: */
    int64_t passed;                        /* how many */
    int64_t first_began_ms, last_began_ms; /* 0: none has */
    struct counts sums;
};

/* listed is NULL on an error. */
typedef void (*sends_fn)(void *arg, enum err err, const struct sends_listed *listed);
MUST_USE enum err sends_list(struct redis *redis, const char *account, const struct sends_ask *ask,
                             sends_fn fn, void *arg);

/* One send, single or of many; what no send has is an empty list. */
MUST_USE enum err sends_get(struct redis *redis, const char *account, struct id send, sends_fn fn,
                            void *arg);

#endif
