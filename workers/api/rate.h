/*
 * rate.h - how fast requests of one API key may come.
 *
 * A limit is the key's own, or its account's, or SMS_API_RATE; without any nothing happens here. A
 * request beyond it is answered 429 with Retry-After, before anything of it happens. All answers of
 * a limited key carry
 *
 *     RateLimit-Limit       how many requests may come at once
 *     RateLimit-Remaining   how many of them are left
 *     RateLimit-Reset       in how many seconds all of them are back
 *
 * The bucket is in Redis, so the limit holds for all api processes together; allowance.h says how
 * most requests pass without asking it. While Redis is away requests pass: a limit protects the
 * system, and is no promise to anybody.
 *
 * Units    requests; monotonic ms.
 * Owns     what is known of keys that have a limit, for KEEP_MS after their last request.
 * Errors   answered here: 429; 503 Redis broke off while it was asked.
 * Threads  the loop's.
 * Source   draft-ietf-httpapi-ratelimit-headers-03: the form with three headers, which is what is
 *          in use.
 */
#ifndef WORKERS_API_RATE_H
#define WORKERS_API_RATE_H

#include "workers/api/auth.h"

struct rate;

enum { RATE_PLACES = 1024 };
struct rates {
    struct rate **places;
};

void rates_init(struct rates *rates);
void rates_done(struct rates *rates);

/* Calls next, now or later, or answers why not. */
void rate_pass(struct api *api, struct httpd_req *own_req, const struct route *route,
               const struct caller *caller, auth_fn next);

#endif
