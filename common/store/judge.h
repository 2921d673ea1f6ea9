/*
 * judge.h - whether Redis carried a command out.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   what the callback was given; when Redis refused, ERR_IO or, from judge_script,
 *          ERR_CONFLICT, and why is in the log.
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_JUDGE_H
#define COMMON_STORE_JUDGE_H

#include "common/base/err.h"
#include "common/io/redis.h"

MUST_USE enum err judge_reply(enum err err, const struct redisReply *reply);
/* The same of a script over messages or jobs, for whose callers a refusal is no broken connection:
 * it may stand in the way of this one batch alone. */
MUST_USE enum err judge_script(enum err err, const struct redisReply *reply);

#endif
