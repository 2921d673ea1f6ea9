/*
 * contact_body.h - a contact in the bodies of requests and answers.
 *
 * Units    common/sms/contact.h has the limits.
 * Owns     nothing.
 * Errors   told in the problem, with their JSON pointers.
 * Threads  pure.
 */
#ifndef WORKERS_API_CONTACT_BODY_H
#define WORKERS_API_CONTACT_BODY_H

#include "common/base/buf.h"
#include "common/base/id.h"
#include "workers/api/problem.h"

struct json_t; /* jansson's */

extern const char *const contact_body_fields[];

/* Changes the contact by the body's fields. null leaves a field as it is; "" takes it away, [] all
 * tags; attributes are changed one by one. now_ms is when. */
void contact_body_apply(struct json_t *contact, const struct json_t *body, int64_t now_ms,
                        struct problem *problem);
/* The JSON that is stored; ERR_TOO_LONG more than CONTACT_JSON_MAX. */
MUST_USE enum err contact_body_store(struct buf *out, const struct json_t *contact);
/* The JSON that is answered: all fields, those that the vendor has two names for under both. */
void contact_body_write(struct buf *out, struct id id, const struct json_t *contact);

#endif
