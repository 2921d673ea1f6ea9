/*
 * quiet_hours.h - the object "quiet_hours" of a send, and of an account in the admin API.
 *
 *     "quiet_hours": {"from": "21:00", "to": "08:00"}
 *
 * The same time twice: none. An account's may be {}: none, either.
 *
 * Units    as common/sms/quiet.h.
 * Owns     nothing.
 * Errors   told in the problem, with JSON pointers.
 * Threads  pure.
 */
#ifndef WORKERS_API_QUIET_HOURS_H
#define WORKERS_API_QUIET_HOURS_H

#include "common/sms/quiet.h"
#include "workers/api/problem.h"

struct json_t; /* jansson's */

/* given is false: the body doesn't have it, or it is wrong. */
struct quiet quiet_hours_read(const struct json_t *root, struct problem *problem);
/* The same of an account, where nothing but nulls counts as none. */
struct quiet quiet_hours_read_default(const struct json_t *root, struct problem *problem);
/* ,"quiet_hours":{..} */
void quiet_hours_write(struct buf *out, const struct quiet *quiet);

#endif
