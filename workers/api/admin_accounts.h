/*
 * admin_accounts.h - accounts in the admin API: listed, created, shown, changed.
 *
 * A change touches only the fields that are given; "quotas" and "limits" are replaced as a whole.
 * What it changes holds for requests within SMS_API_KEY_CACHE.
 *
 * Units    none.
 * Owns     nothing beyond the requests.
 * Errors   answered: 404, 409 it exists already, 422, 503.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_ADMIN_ACCOUNTS_H
#define WORKERS_API_ADMIN_ACCOUNTS_H

#include "common/store/accounts.h"
#include "workers/api/problem.h"

struct api;
struct caller;
struct json_t; /* jansson's */

void admin_accounts_list(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void admin_account_create(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void admin_account_get(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void admin_account_change(struct api *api, struct httpd_req *own_req, const struct caller *caller);

/* For all that lies below an account: /admin/v1/accounts/{id}. False: it can't be one. */
bool admin_account_path(char id[CHUNK_ACCOUNT_MAX + 1], const struct httpd_req *req);
/* Answers that there is no such account, that it exists already, or that Redis can't be asked. */
void admin_account_error(struct httpd_req *own_req, enum err err);
/* The account as an object. */
void admin_account_write(struct buf *out, const struct account *account);
/* A name of an account or a key; "" when absent or wrong. */
void admin_name_read(char name[NAME_SIZE], const struct json_t *root, struct problem *problem);

#endif
