/*
 * admin.h - the admin API, on its own port with its own token: accounts and keys.
 *
 *     POST  /admin/v1/accounts              {"id","name","currency"}   201, or 409 it exists
 *     GET   /admin/v1/accounts/{id}                                    200
 *     PATCH /admin/v1/accounts/{id}         {"active"}                 200, suspended or active again
 *     POST  /admin/v1/accounts/{id}/keys    {"name"}                   201, the key shown this once
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
