/*
 * admin.h - the admin API, on its own port with its own token.
 *
 *     GET    /admin/v1/accounts                              200, by page
 *     POST   /admin/v1/accounts                              201, or 409 it exists
 *     GET    /admin/v1/accounts/{id}                         200
 *     PATCH  /admin/v1/accounts/{id}                         200
 *     GET    /admin/v1/accounts/{id}/keys                    200
 *     POST   /admin/v1/accounts/{id}/keys                    201, the key shown this once
 *     GET    /admin/v1/accounts/{id}/keys/{prefix}           200
 *     DELETE /admin/v1/accounts/{id}/keys/{prefix}           204, revoked
 *     POST   /admin/v1/accounts/{id}/keys/{prefix}/rotate    201, a new key
 *     GET    /admin/v1/accounts/{id}/numbers                 200
 *     POST   /admin/v1/accounts/{id}/numbers                 201, or 409 another account's
 *     DELETE /admin/v1/accounts/{id}/numbers/{number}        204
 *     GET    /admin/v1/accounts/{id}/sender-profiles         200
 *     POST   /admin/v1/accounts/{id}/sender-profiles/{id}/approve, or .../reject    200
 *     GET    /admin/v1/sender-profiles                       200, those of all that are pending
 *
 * Units    none.
 * Owns     nothing beyond the requests.
 * Errors   401 no token or a wrong one; the others as in the API.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_ADMIN_H
#define WORKERS_API_ADMIN_H

#include "common/io/httpd.h"

/* A httpd_fn; arg is the struct api. */
void admin_serve(void *arg, struct httpd_req *own_req);

#endif
