/*
 * directory.h - one call of a script about an account's contacts and groups: what contacts.c and
 * groups.c share. The shapes in Redis are told in lua/directory.lua.
 *
 * Units    ids are 26 hexadecimal digits in Redis, as id.h writes them.
 * Owns     nothing.
 * Errors   ERR_IO Redis refuses the script, with its words in the log.
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_DIRECTORY_H
#define COMMON_STORE_DIRECTORY_H

#include "common/base/err.h"
#include "common/base/id.h"
#include "common/io/redis.h"
#include "common/store/args.h"

/* Begins with the key and the account that each of these scripts takes. */
void directory_begin(struct args *ret_args, const char *account);
void directory_add_id(struct args *args, struct id id);
/* Gives the command and frees the arguments; on an error it frees own_call, too. */
MUST_USE enum err directory_give(struct redis *redis, const struct redis_script *script,
                                 struct args *own_args, redis_fn fn, void *own_call);

/* 26 hexadecimal digits; false: they aren't. */
bool directory_read_id(struct id *ret_id, struct str text);
/* Splits "<digits> <json>". */
struct str directory_json(struct str value);

#endif
