/*
 * erase.h - takes a number out of an account's messages, for good.
 *
 * First erase_begin: from then on no message to it is made of a send that was accepted before. Then
 * erase_step, as often as there is more. An erased message keeps all but its number and its text
 * (LINE_ERASED); one that waits is CANCELLED.
 *
 * Units    ms.
 * Owns     nothing.
 * Errors   of a call as redis.h; of a callback ERR_UNKNOWN (it may have been done; doing it again is
 *          fine), ERR_IO Redis refuses.
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_ERASE_H
#define COMMON_STORE_ERASE_H

#include "common/base/err.h"
#include "common/io/redis.h"
#include "common/sms/phone.h"

/* Kafka keeps a record for 35 days, and a send is accepted 30 days ahead: with time to spare. */
#define ERASE_KEPT_MS (INT64_C(100) * 86400000)

typedef void (*erase_fn)(void *arg, enum err err);
MUST_USE enum err erase_begin(struct redis *redis, const char *account, struct phone phone,
                              erase_fn fn, void *arg);

struct erase_step {
    int64_t next; /* where to go on; -1: it is done */
    int64_t erased, withheld;
};

typedef void (*erase_step_fn)(void *arg, enum err err, struct erase_step step);
/* Begins at 0; a script of some milliseconds at most. */
MUST_USE enum err erase_step(struct redis *redis, const char *account, struct phone phone,
                             int64_t from, erase_step_fn fn, void *arg);

#endif
