/*
 * openapi.h - GET /openapi.json: the API's description, config/openapi.yaml as JSON.
 *
 * Units    none.
 * Owns     nothing beyond the request; the text is part of the program.
 * Errors   none.
 * Threads  the loop's.
 * Source   OpenAPI 3.1.
 */
#ifndef WORKERS_API_OPENAPI_H
#define WORKERS_API_OPENAPI_H

struct api;
struct caller;
struct httpd_req;

/* A route_fn, for callers with and without a key. */
void openapi_get(struct api *api, struct httpd_req *own_req, const struct caller *caller);

#endif
