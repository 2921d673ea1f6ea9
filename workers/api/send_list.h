/*
 * send_list.h - GET /v1/sms/sends, in pages (pages.h).
 *
 * Sends of many messages; with customer_ref all sends that have it, and what they are together: that walk is bounded as the
 * total is.
 *
 * Units    none.
 * Owns     nothing beyond the request.
 * Errors   422 a parameter is wrong; 503 Redis can't be asked.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_SEND_LIST_H
#define WORKERS_API_SEND_LIST_H

#include "common/io/httpd.h"

struct api;
struct caller;

void send_list_get(struct api *api, struct httpd_req *own_req, const struct caller *caller);

#endif
