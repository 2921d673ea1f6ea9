/*
 * list.h - GET /v1/sms/messages, in pages (pages.h).
 *
 * Units    none.
 * Owns     nothing beyond the request.
 * Errors   422 a parameter is wrong, or a page so deep that a cursor is needed; 503 Redis can't be asked.
 * Threads  the loop's.
 * Source   the API's documentation.
 */
#ifndef WORKERS_API_LIST_H
#define WORKERS_API_LIST_H

#include "common/io/httpd.h"

struct api;
struct caller;

void list_get(struct api *api, struct httpd_req *own_req, const struct caller *caller);

#endif
