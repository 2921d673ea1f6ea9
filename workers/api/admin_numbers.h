/*
 * admin_numbers.h - an account's service numbers in the admin API: listed, added, removed.
 *
 * A sender profile with a number of the account's own needs no approval. Adding or removing a number
 * changes no profile that is there.
 *
 * Units    none.
 * Owns     nothing beyond the requests.
 * Errors   answered: 404, 409 the number is another account's, 422, 503.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_ADMIN_NUMBERS_H
#define WORKERS_API_ADMIN_NUMBERS_H

struct api;
struct caller;
struct httpd_req;

void admin_numbers_list(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void admin_number_add(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void admin_number_remove(struct api *api, struct httpd_req *own_req, const struct caller *caller);

#endif
