/*
 * route.h - which handler a request belongs to.
 *
 * A pattern is a path in which one segment may be "{}": it matches any one segment, which is given
 * to the handler.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   none: 404 and 405 are among the results.
 * Threads  pure.
 */
#ifndef WORKERS_API_ROUTE_H
#define WORKERS_API_ROUTE_H

#include "common/base/str.h"

#include <stddef.h>

struct httpd_req;

/* Takes the request: answers it, now or later. param dies with it. */
typedef void (*route_fn)(void *arg, struct httpd_req *own_req, struct str param);

struct route {
    const char *method, *pattern;
    route_fn fn;
};

enum { ROUTE_ALLOW_SIZE = 64 };

/* NULL: no such path (allow is "") or no such method there (allow names those that there are). */
const struct route *route_find(const struct route *routes, size_t count, const char *method,
                               struct str path, struct str *ret_param,
                               char allow[ROUTE_ALLOW_SIZE]);

/* Segment n (from 0) of a path that begins with '/': 2 of "/a/b/c" is "c". Empty past the end. */
struct str route_segment(struct str path, unsigned n);

/* Finds the handler and calls it with arg, or answers 404 or 405. */
void route_serve(const struct route *routes, size_t count, void *arg, struct httpd_req *own_req);

#endif
