/*
 * admin_traffic.h - GET and PATCH /admin/v1/traffic: the switch that stops all traffic.
 *
 * Units    none.
 * Owns     the request, until it is answered.
 * Errors   422 the body is wrong; 503 Redis can't be reached.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_ADMIN_TRAFFIC_H
#define WORKERS_API_ADMIN_TRAFFIC_H

struct api;
struct caller;
struct httpd_req;

void admin_traffic_get(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void admin_traffic_change(struct api *api, struct httpd_req *own_req, const struct caller *caller);

#endif
