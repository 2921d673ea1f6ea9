/*
 * profiles.h - the sender profiles of an account in Redis: who its messages may say they are from.
 *
 * While any profile is approved, exactly one of them is the default: what is approved first becomes
 * it, and one that asked for it becomes it when it is approved. One that is taken away, or rejected
 * after all, leaves that place to the oldest approved one. The scripts (lua/profiles.lua) keep this.
 *
 *     profiles:{<account>}   hash, id -> the profile as JSON
 *     sender:{<account>}     the default, as accounts.h reads it with the account:
 *                            "<profile id> <1 or 0: replies are allowed> <sender id>"
 *     numbers:{<account>}    set: the account's service numbers, see numbers.h
 *
 * Units    created_at_ms: wall time in ms, Redis' own.
 * Owns     nothing; a profile dies when its callback returns.
 * Errors   of a call as redis.h; of a callback as told at each, ERR_UNKNOWN, or ERR_IO (Redis
 *          refuses, or what it holds can't be read).
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_PROFILES_H
#define COMMON_STORE_PROFILES_H

#include "common/base/err.h"
#include "common/io/redis.h"
#include "common/sms/sender_id.h"
#include "common/store/accounts.h"

enum { PROFILES_MAX = 100, PROFILE_REASON_SIZE = 501 };

enum approval { APPROVAL_PENDING, APPROVAL_APPROVED, APPROVAL_REJECTED, APPROVAL_COUNT };

struct profile {
    char id[ID_TEXT_SIZE];
    char name[NAME_SIZE];
    struct sender_id sender;
    bool allow_reply, is_default;
    bool wants_default; /* becomes the default when it is approved */
    enum approval approval;
    char reason[PROFILE_REASON_SIZE]; /* of a rejection; "" without one */
    int64_t created_at_ms;
};

const char *approval_name(enum approval approval);
/* What a send takes from its profile. */
struct sender profile_sender(const struct profile *profile);

typedef void (*profile_fn)(void *arg, enum err err, const struct profile *profile);
typedef void (*profiles_fn)(void *arg, enum err err, const struct profile *profiles, size_t count);

/* A new one: id, name, sender, allow_reply and wants_default are the caller's. A number of the
 * account's own is approved at once, all else is pending. ERR_CONFLICT: there is a profile with
 * this sender id already; ERR_FULL: there are PROFILES_MAX. */
MUST_USE enum err profiles_create(struct redis *redis, const char *account,
                                  const struct profile *profile, profile_fn fn, void *arg);
/* All, the oldest first. */
MUST_USE enum err profiles_list(struct redis *redis, const char *account, profiles_fn fn,
                                void *arg);
/* The one with this id, or this sender id (as callers write it), or both; a text whose p is NULL
 * doesn't count. Whether it is approved is for the caller to look at. ERR_NOT_FOUND: there is none;
 * ERR_CONFLICT: the profile with this id has another sender id. */
MUST_USE enum err profiles_find(struct redis *redis, const char *account, struct str profile_id,
                                struct str sender_id, profile_fn fn, void *arg);
/* Tells the one that is gone. ERR_NOT_FOUND; ERR_CONFLICT: it is the default, and there is no other
 * profile. */
MUST_USE enum err profiles_remove(struct redis *redis, const char *account, const char *id,
                                  profile_fn fn, void *arg);
/* Approves one, or rejects it for a reason ("" for none; p NULL approves), whatever it was before.
 * ERR_NOT_FOUND. */
MUST_USE enum err profiles_decide(struct redis *redis, const char *account, const char *id,
                                  struct str rejection, profile_fn fn, void *arg);

#endif
