/*
 * gate.h - the API's addresses, and what every request to them must pass before its handler: a
 * known address, a valid key, an account that may do it.
 *
 * Units    none.
 * Owns     nothing beyond the request.
 * Errors   answered here: 401, 403 a suspended account writes, 404, 405.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_GATE_H
#define WORKERS_API_GATE_H

struct api;
struct httpd_req;

void gate_serve(struct api *api, struct httpd_req *own_req);

#endif
