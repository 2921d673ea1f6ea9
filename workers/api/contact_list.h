/*
 * contact_list.h - GET /v1/contacts: the oldest first, by page; type, search and tags choose among
 * them.
 *
 * A page without a filter costs the same wherever it is. A filter looks at contacts one by one, at
 * most CONTACT_LIST_SCANS of them; then the answer says "total_capped": true. A search for a whole
 * number is answered from an index.
 *
 * Units    none.
 * Owns     nothing beyond the request.
 * Errors   422 a parameter is wrong.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_CONTACT_LIST_H
#define WORKERS_API_CONTACT_LIST_H

#include "workers/api/route.h"

enum { CONTACT_LIST_SCANS = 100000 };

void contact_list(struct api *api, struct httpd_req *own_req, const struct caller *caller);
/* GET /v1/contacts/groups/{group_id}/members: in the order of their numbers. */
void contact_list_members(struct api *api, struct httpd_req *own_req, const struct caller *caller);

#endif
