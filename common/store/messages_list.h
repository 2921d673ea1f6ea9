/*
 * messages_list.h - an account's messages, newest first, of all kinds or those that are asked for.
 *
 * The order is that of ids: later sends first, of one send the last message first. One call looks at a bounded number of
 * messages; whoever needs more goes on from where it ended. What is added meanwhile is above that place, so a walk sees
 * nothing twice and misses nothing.
 *
 * Units    ms.
 * Owns     nothing; what the callback gets dies with it.
 * Errors   of a call: ERR_IO not connected, ERR_FULL too much waits. Of a callback: ERR_UNKNOWN the connection broke;
 *          ERR_CONFLICT Redis refused the script. A message that can't be read is left out.
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_MESSAGES_LIST_H
#define COMMON_STORE_MESSAGES_LIST_H

#include "common/store/messages.h"

/* LIST_LOOK_AT takes Redis a millisecond or two. */
enum { LIST_MOST = 512, LIST_LOOK_AT = 2000, LIST_FROM_SIZE = 32 };

#define LIST_STATUS(status) (1u << (status))
#define LIST_ANY_STATUS     ((1u << STATUS_COUNT) - 1)
#define LIST_OUTBOUND       (LIST_ANY_STATUS & ~LIST_STATUS(STATUS_RECEIVED))

/* Which messages. Filters that are zero let all pass. */
struct list_query {
    unsigned statuses; /* LIST_STATUS of each; 0: any */
    enum error error;
    struct str to;   /* digits */
    struct str from; /* as sends keep it: a phone's digits, or a name */
    struct str ref;  /* p NULL: any */
    bool of_send;    /* only those of `send` */
    struct id send;
    int64_t after_ms, before_ms; /* accepted at or after; before */
};

/* Where a walk stands. Zero: at its beginning. */
struct list_place {
    bool set;
    struct id below; /* messages with lesser ids follow */
    int32_t window;  /* for those that are found by number or reference; else -1 */
};

struct list_ask {
    const struct list_query *query;
    const struct list_place *place; /* NULL: the beginning */
    uint64_t skip;                  /* so many first */
    unsigned limit;                 /* at most LIST_MOST; 0 with `skip`: only count */
    bool wants_total;
};

struct listed {
    size_t count;
    const struct message *messages;
    bool done;              /* there is nothing more; else go on from `next` */
    struct list_place next; /* at most LIST_LOOK_AT messages were looked at, so it may come early */
    uint64_t skip;          /* how many of those to skip were not found yet */
    int64_t total;          /* -1: not asked for, or only counting tells */
};

/* listed is NULL on an error. */
typedef void (*listed_fn)(void *arg, enum err err, const struct listed *listed);
MUST_USE enum err messages_list(struct redis *redis, const char *account,
                                const struct list_ask *ask, listed_fn fn, void *arg);

#endif
