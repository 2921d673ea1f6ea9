/*
 * answer.h - answers that went well, and the pieces of JSON that they are made of.
 *
 * Units    ms since 1970 become seconds of UTC in RFC 3339.
 * Owns     takes the request and the body.
 * Errors   none.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_ANSWER_H
#define WORKERS_API_ANSWER_H

#include "common/base/buf.h"
#include "common/io/httpd.h"

/* JSON; the body is freed. */
void answer_json(struct httpd_req *own_req, int status, struct buf *own_body);
/* 204 */
void answer_nothing(struct httpd_req *own_req);

/* A member of a JSON object with a comma before it: `,"name":` and the value. */
void answer_text(struct buf *out, const char *name, struct str text); /* null when p is NULL */
void answer_time(struct buf *out, const char *name, int64_t at_ms);   /* null when 0 */
void answer_bool(struct buf *out, const char *name, bool value);

#endif
