/*
 * gate.h - the API's addresses, and what every request to them must pass before its handler: a
 * known address, a valid key, its rate, its scope, an account that may do it, and what an
 * Idempotency-Key says.
 *
 * Units    none.
 * Owns     nothing beyond the request.
 * Errors   answered here: 401, 403 the key lacks a scope or a suspended account writes, 404, 405,
 *          415 a body that isn't JSON, and those of rate.h and idempotency.h.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_GATE_H
#define WORKERS_API_GATE_H

#include <stdbool.h>

struct api;
struct httpd_req;

void gate_serve(struct api *api, struct httpd_req *own_req);
/* For httpd_conf.streams. */
bool gate_streams(void *arg, const char *method, const char *path);

#endif
