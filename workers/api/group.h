/*
 * group.h - groups of contacts.
 *
 *     GET    /v1/contacts/groups                                      200, by page
 *     POST   /v1/contacts/groups        {"name","description"}        201
 *     GET    /v1/contacts/groups/{id}                                 200
 *     PATCH  /v1/contacts/groups/{id}   {"name","description"}        200
 *     DELETE /v1/contacts/groups/{id}                                 204; its contacts stay
 *     POST   /v1/contacts/groups/{id}/members                {"contact_ids":[..]}   200
 *     DELETE /v1/contacts/groups/{id}/members/{contact_id}   204
 *
 * Up to GROUP_ADD_MOST contacts are added by one request: all of them, or none when one is unknown.
 *
 * Units    none.
 * Owns     nothing beyond the requests.
 * Errors   400, 404, 409 changed by others all the time, or too many groups, 422.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_GROUP_H
#define WORKERS_API_GROUP_H

#include "workers/api/route.h"

enum { GROUP_ADD_MOST = 1000 };

void group_list(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void group_post(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void group_get(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void group_patch(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void group_delete(struct api *api, struct httpd_req *own_req, const struct caller *caller);
/* group_members.c */
void group_add_members(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void group_remove_member(struct api *api, struct httpd_req *own_req, const struct caller *caller);

#endif
