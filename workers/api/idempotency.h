/*
 * idempotency.h - POSTs with an Idempotency-Key: carried out once, however often they are repeated.
 *
 * The key is the caller's: 1 to 255 printable ASCII characters, valid for one account, method and
 * path. It is reserved before the handler runs. The handler's answer is held until Redis has it: a
 * 2xx is stored, and repeats get it with `Idempotency-Replayed: true`; a refusal (4xx, 503) frees
 * the key, unless an earlier one may have been carried out; after any other answer a repeat is
 * carried out again, under the same id for a send. If
 * Redis can't be asked the request is not carried out. Without the header nothing happens here.
 *
 * Units    ms.
 * Owns     the request between its handler and its answer.
 * Errors   answered here: 409 still under way, 422 the key was used for another request or is none,
 *          503.
 * Threads  the loop's.
 * Source   draft-ietf-httpapi-idempotency-key-header.
 */
#ifndef WORKERS_API_IDEMPOTENCY_H
#define WORKERS_API_IDEMPOTENCY_H

#include "common/io/httpd.h"
#include "workers/api/auth.h"

/* An auth_fn: calls the route's handler, now or later, unless there is an answer already. */
void idempotency_pass(struct api *api, struct httpd_req *own_req, const struct route *route,
                      const struct caller *caller);

#endif
