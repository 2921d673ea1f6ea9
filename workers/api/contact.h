/*
 * contact.h - one contact: made, read, changed, deleted.
 *
 *     POST   /v1/contacts        201
 *     GET    /v1/contacts/{id}   200
 *     PATCH  /v1/contacts/{id}   200; what the body doesn't name stays
 *     DELETE /v1/contacts/{id}   204; it leaves all groups
 *
 * A change is read, made, and written only over what was read: so of two at the same time neither
 * is lost.
 *
 * Units    none.
 * Owns     nothing beyond the requests.
 * Errors   400, 404, 409 changed by others all the time, or too many contacts with this number, 422.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_CONTACT_H
#define WORKERS_API_CONTACT_H

#include "workers/api/route.h"

void contact_post(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void contact_get(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void contact_patch(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void contact_delete(struct api *api, struct httpd_req *own_req, const struct caller *caller);

#endif
