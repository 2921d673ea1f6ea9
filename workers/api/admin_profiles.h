/*
 * admin_profiles.h - an account's sender profiles in the admin API: listed, approved, rejected.
 *
 * A decision may be changed: an approved profile can be rejected after all, and the other way round.
 * Rejecting may give a "reason", which operators see.
 *
 * Units    none.
 * Owns     nothing beyond the requests.
 * Errors   answered: 404, 422, 503.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_ADMIN_PROFILES_H
#define WORKERS_API_ADMIN_PROFILES_H

struct api;
struct caller;
struct httpd_req;

void admin_profiles_list(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void admin_profile_approve(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void admin_profile_reject(struct api *api, struct httpd_req *own_req, const struct caller *caller);

#endif
