/*
 * sends_row.h - a send, put together from what sends.lua says of it.
 *
 * Units    as sends.h.
 * Owns     a send's texts, until sends_row_done.
 * Errors   ERR_SYNTAX it can't be read.
 * Threads  pure.
 */
#ifndef COMMON_STORE_SENDS_ROW_H
#define COMMON_STORE_SENDS_ROW_H

#include "common/store/sends.h"

struct redisReply;

MUST_USE enum err sends_row_read(struct send_view *ret_send, struct str id,
                                 const struct redisReply *row, int64_t now_ms);
void sends_row_done(struct send_view *send);

#endif
