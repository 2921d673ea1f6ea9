/*
 * sender_use.h - how many sends that are not under way yet use a sender profile.
 *
 * It walks the account's QUEUED and SCHEDULED messages that are from the profile's sender id, some
 * thousands of messages a call to Redis, and others go on in between.
 *
 * Units    sends, not messages.
 * Owns     nothing.
 * Errors   as messages_list.h.
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_SENDER_USE_H
#define COMMON_STORE_SENDER_USE_H

#include "common/base/err.h"
#include "common/io/redis.h"
#include "common/store/profiles.h"

typedef void (*sender_use_fn)(void *arg, enum err err, unsigned sends);

/* Stops at `most` sends. */
MUST_USE enum err sender_use_count(struct redis *redis, const char *account,
                                   const struct profile *profile, unsigned most, sender_use_fn fn,
                                   void *arg);

#endif
