/*
 * list.h - GET /v1/sms/messages.
 *
 * A page comes from one or a few bounded looks into Redis. `page` counts from the newest; `cursor` goes on where a page
 * ended, at any depth, for the same price. A total that only counting tells is counted up to LIST_TOTAL_MOST, once for a
 * walk: the cursor carries it.
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

enum { LIST_TOTAL_MOST = 10000 };

void list_get(struct api *api, struct httpd_req *own_req, const struct caller *caller);

#endif
