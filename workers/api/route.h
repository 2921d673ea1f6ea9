/*
 * route.h - which handler a request belongs to.
 *
 * A pattern is a path in which segments may be "{}": each matches any one segment that isn't empty;
 * the handler reads it with route_segment. Of two patterns that match, the earlier one counts.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   none: 404 and 405 are among the results.
 * Threads  pure.
 */
#ifndef WORKERS_API_ROUTE_H
#define WORKERS_API_ROUTE_H

#include "common/base/str.h"
#include "common/store/api_keys.h"

#include <stddef.h>

struct api;
struct caller;
struct httpd_req;

/* Takes the request: answers it, now or later. caller is who asks, and dies when this returns; NULL
 * on the admin port, and where no key is needed. */
typedef void (*route_fn)(struct api *api, struct httpd_req *own_req, const struct caller *caller);

struct route {
    const char *method, *pattern;
    route_fn fn;
    enum scope scope; /* that the key must have; unused on the admin port */
};

enum { ROUTE_ALLOW_SIZE = 64 };

/* NULL: no such path (allow is "") or no such method there (allow names those that there are). */
const struct route *route_find(const struct route *routes, size_t count, const char *method,
                               struct str path, char allow[ROUTE_ALLOW_SIZE]);

/* Segment n (from 0) of a path that begins with '/': 2 of "/a/b/c" is "c". Empty past the end. */
struct str route_segment(struct str path, unsigned n);

/* The route of the request; or answers 404 or 405, and NULL. */
const struct route *route_of(const struct route *routes, size_t count, struct httpd_req *own_req);

#endif
