/*
 * request.h - a command of the admin API, as address and body.
 *
 * Units    none.
 * Owns     a request its texts, until request_done.
 * Errors   ERR_SYNTAX an option's value can't be what it should; ret_why names it.
 * Threads  pure.
 */
#ifndef WORKERS_CTL_REQUEST_H
#define WORKERS_CTL_REQUEST_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "workers/ctl/line.h"

struct json_t; /* jansson's */

struct request {
    struct buf path;
    struct json_t *body; /* NULL: none */
    char why[200];       /* "" unless it is wrong */
};

MUST_USE enum err request_make(struct request *ret_request, const struct line *line);
void request_done(struct request *request);
/* Completes the objects in the body from what is there now, since the admin API replaces them as a
 * whole. */
void request_merge(struct request *request, const struct json_t *present);
/* Whether the body has objects, so that there is something to complete. */
bool request_has_objects(const struct request *request);

#endif
