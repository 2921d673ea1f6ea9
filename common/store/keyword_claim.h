/*
 * keyword_claim.h - which account has a keyword; of all accounts at most one.
 *
 *     kw:<keyword>    "<account> <id of the keyword's record>"
 *
 * The claim comes first, then the account's own record (keywords.h): they lie in different slots, so
 * no script can write both. A claim without a record belongs to a request that is under way, or
 * that was cut short; after KEYWORD_CLAIM_MS, or by the same account at once, it is taken over.
 *
 * Units    ms.
 * Owns     nothing.
 * Errors   of a call as redis.h; of a callback ERR_CONFLICT another record has it, ERR_UNKNOWN the
 *          connection broke, ERR_IO (Redis refuses, or what it holds can't be read).
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_KEYWORD_CLAIM_H
#define COMMON_STORE_KEYWORD_CLAIM_H

#include "common/base/id.h"
#include "common/io/redis.h"
#include "common/sms/keyword.h"

enum { KEYWORD_CLAIM_MS = 60000 };

typedef void (*keyword_claim_fn)(void *arg, enum err err);

/* id is that of the record that will be written, just made: its time is now. */
MUST_USE enum err keyword_claim(struct redis *redis, const struct keyword *keyword,
                                const char *account, struct id id, keyword_claim_fn fn, void *arg);
/* Only asks: ERR_OK would be claimed, ERR_CONFLICT not. id's time is now. */
MUST_USE enum err keyword_claim_look(struct redis *redis, const struct keyword *keyword,
                                     const char *account, struct id id, keyword_claim_fn fn,
                                     void *arg);
/* Takes the claim of this very record away. If that fails, it is taken over later. */
void keyword_claim_drop(struct redis *redis, const struct keyword *keyword, const char *account,
                        struct id id);

#endif
