/*
 * judge.h - whether Redis carried a command out.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   what the callback was given, or ERR_IO when Redis refused; why is in the log.
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_JUDGE_H
#define COMMON_STORE_JUDGE_H

#include "common/base/err.h"
#include "common/io/redis.h"

MUST_USE enum err judge_reply(enum err err, const struct redisReply *reply);

#endif
