/*
 * record.h - one JSON object under one key of Redis: made, read, and changed field by field.
 *
 * A change is merged by Redis itself, so two writers who change different fields at the same time
 * both succeed, and a field that a writer doesn't know stays.
 *
 * Units    ms.
 * Owns     nothing; a record given to a callback dies when it returns.
 * Errors   of a call as redis.h; of a callback ERR_NOT_FOUND, ERR_CONFLICT (it exists already),
 *          ERR_UNKNOWN, or ERR_IO (Redis refuses, or what it holds is no JSON object).
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_RECORD_H
#define COMMON_STORE_RECORD_H

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/io/redis.h"

#include <stddef.h>
#include <stdint.h>

struct json_t; /* jansson's */

/* record is empty on an error. */
typedef void (*record_fn)(void *arg, enum err err, struct str record);

MUST_USE enum err record_create(struct redis *redis, struct str key, struct str record,
                                record_fn fn, void *arg);
MUST_USE enum err record_get(struct redis *redis, struct str key, record_fn fn, void *arg);
/* changes is a JSON object; its fields replace the record's, a null removes one. The record is gone
 * after keep_ms, unless that is 0. */
MUST_USE enum err record_merge(struct redis *redis, struct str key, struct str changes,
                               int64_t keep_ms, record_fn fn, void *arg);

/* A text field copied to a caller's array; false: it is none, or doesn't fit. */
bool record_text(char *to, size_t room, const struct json_t *root, const char *name);
int64_t record_int(const struct json_t *root, const char *name); /* 0 when absent */

#endif
