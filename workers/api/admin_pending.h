/*
 * admin_pending.h - the sender profiles that wait for an operator, over all accounts, in the admin
 * API: those that have waited longest first, by page.
 *
 * Units    ms.
 * Owns     nothing beyond the request.
 * Errors   answered: 422, 503.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_ADMIN_PENDING_H
#define WORKERS_API_ADMIN_PENDING_H

struct api;
struct caller;
struct httpd_req;

void admin_pending_list(struct api *api, struct httpd_req *own_req, const struct caller *caller);

#endif
