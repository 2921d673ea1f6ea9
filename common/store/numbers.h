/*
 * numbers.h - the service numbers of accounts: an account may send from its own at once.
 *
 *     numbers:{<account>}    set: the account's numbers, digits only
 *     number:<digits>        whose number it is; this finds the account of what is sent to it
 *
 * A number belongs to one account. It is claimed before it is written into the account, and given
 * back after it was taken out; so after a crash in between it may be claimed without being listed,
 * and adding or removing it again mends that. What has become of sender profiles with a number
 * doesn't change when the number comes or goes: that is for an operator to decide.
 *
 * Units    none.
 * Owns     nothing; a list dies when its callback returns.
 * Errors   of a call as redis.h; of a callback as told at each, ERR_UNKNOWN, or ERR_IO (Redis
 *          refuses).
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_NUMBERS_H
#define COMMON_STORE_NUMBERS_H

#include "common/base/err.h"
#include "common/io/redis.h"
#include "common/sms/phone.h"

typedef void (*numbers_fn)(void *arg, enum err err);
typedef void (*numbers_list_fn)(void *arg, enum err err, const struct phone *numbers, size_t count);

/* Fine when the account has it already. ERR_CONFLICT: it is another account's. */
MUST_USE enum err numbers_add(struct redis *redis, const char *account, const struct phone *number,
                              numbers_fn fn, void *arg);
/* ERR_NOT_FOUND: the account doesn't have it. */
MUST_USE enum err numbers_remove(struct redis *redis, const char *account,
                                 const struct phone *number, numbers_fn fn, void *arg);
/* By digits. */
MUST_USE enum err numbers_list(struct redis *redis, const char *account, numbers_list_fn fn,
                               void *arg);

#endif
