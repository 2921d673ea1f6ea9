/*
 * admin_keys.h - an account's keys in the admin API: listed, created, revoked, rotated.
 *
 * A key may have a name, scopes (all when absent), limits of its own and an end (expires_at). A
 * whole key is in one answer only, the one that creates it. Rotating makes a new key like the old
 * one, which goes on working for "overlap" seconds. A key that is over works for SMS_API_KEY_CACHE
 * at most, and is listed for another thirty days.
 *
 * Units    seconds of overlap; times in RFC 3339.
 * Owns     nothing beyond the requests.
 * Errors   answered: 404, 409 too many keys or one that is over, 422, 503.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_ADMIN_KEYS_H
#define WORKERS_API_ADMIN_KEYS_H

#include "common/io/httpd.h"

struct api;
struct caller;

void admin_keys_list(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void admin_key_create(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void admin_key_get(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void admin_key_revoke(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void admin_key_rotate(struct api *api, struct httpd_req *own_req, const struct caller *caller);

#endif
