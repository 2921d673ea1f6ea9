/*
 * results.h - GET /v1/sms/sends/{id}/messages: all messages of a send, as lines of JSON or as CSV.
 *
 * They are read some at a time, when the client has taken those before: memory doesn't grow with the send, and a slow
 * client holds up nobody. What breaks off is gone on with by `after`.
 *
 * Units    none.
 * Owns     the request, and what is between it and Redis.
 * Errors   404 an id that isn't one of the account's sends; 422 a parameter is wrong; 429 too many at once; 503 Redis can't be
 *          asked. Once it has begun, a failure cuts the connection.
 * Threads  the loop's.
 * Source   RFC 4180; https://github.com/ndjson/ndjson-spec
 */
#ifndef WORKERS_API_RESULTS_H
#define WORKERS_API_RESULTS_H

#include "common/io/httpd.h"

struct api;
struct caller;

void results_get(struct api *api, struct httpd_req *own_req, const struct caller *caller);

#endif
