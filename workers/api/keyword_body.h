/*
 * keyword_body.h - an inbound keyword in the bodies of requests and answers.
 *
 * Units    description up to 500 bytes; a reply is a text as a message's is.
 * Owns     nothing; a record is the caller's.
 * Errors   told in the problem, with their JSON pointers.
 * Threads  pure.
 */
#ifndef WORKERS_API_KEYWORD_BODY_H
#define WORKERS_API_KEYWORD_BODY_H

#include "common/base/buf.h"
#include "common/base/id.h"
#include "common/sms/keyword.h"
#include "workers/api/problem.h"

struct json_t; /* jansson's */

/* Of a body that makes one, and of a body that changes one; up to a NULL. */
extern const char *const keyword_body_new_fields[], *const keyword_body_change_fields[];

/* Reads "keyword". */
void keyword_body_keyword(struct keyword *ret_keyword, const struct json_t *body,
                          struct problem *problem);
/* A record that nothing has been applied to yet. */
struct json_t *keyword_body_record(struct id id, const struct keyword *keyword, int64_t at_ms);
/* Changes the record by the body's fields. null leaves a field as it is; "" takes it away. */
void keyword_body_apply(struct json_t *record, const struct json_t *body, struct problem *problem);
/* The JSON that is stored. */
void keyword_body_store(struct buf *out, const struct json_t *record);
/* The JSON that is answered. */
void keyword_body_write(struct buf *out, const struct json_t *record);

#endif
