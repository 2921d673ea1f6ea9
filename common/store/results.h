/*
 * results.h - the messages of one send in the order of their numbers, some at a time.
 *
 * Units    ms.
 * Owns     nothing; what the callback gets dies with it.
 * Errors   of a call: ERR_IO not connected, ERR_FULL too much waits. Of a callback: ERR_UNKNOWN the connection broke;
 *          ERR_CONFLICT Redis refused the script. A message that can't be read is left out.
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_RESULTS_H
#define COMMON_STORE_RESULTS_H

#include "common/store/messages_list.h"

enum { RESULTS_MOST = 200 };

struct results_ask {
    struct id send;
    uint32_t from;      /* the number to begin with; 0: the beginning */
    unsigned statuses;  /* LIST_STATUS of each; 0: any */
    uint64_t errors;    /* a bit for each error's number; 0: any */
    unsigned flags_not; /* of line.h: a message that has one of these is left out */
    unsigned most;      /* at most RESULTS_MOST */
};

struct results {
    bool found; /* there is such a send */
    size_t count;
    const struct message *messages;
    const bool *personal; /* whether the message has a text of its own */
    uint32_t next;        /* the number to go on with; 0: that was the end */
};

/* results is NULL on an error. */
typedef void (*results_fn)(void *arg, enum err err, const struct results *results);
MUST_USE enum err results_read(struct redis *redis, const char *account,
                               const struct results_ask *ask, results_fn fn, void *arg);

#endif
