/*
 * send_view.h - GET /v1/sms/sends/{id}: a send as it stands.
 *
 * Units    none.
 * Owns     nothing beyond the request.
 * Errors   404 an id that isn't one of the account's sends; 503 Redis can't be asked.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_SEND_VIEW_H
#define WORKERS_API_SEND_VIEW_H

#include "common/io/httpd.h"
#include "common/store/sends.h"

struct api;
struct caller;

void send_view_get(struct api *api, struct httpd_req *own_req, const struct caller *caller);

/* Whose the send is, and what a unit of it costs. */
struct send_price {
    const char *currency;
    int64_t unit_milli; /* -1: not known */
};

/* The send as the API shows it. */
void send_view_write(struct buf *out, const struct send_view *send, const struct send_price *price,
                     int64_t now_ms);
/* `,"counts":{...}`, by status. */
void send_view_write_counts(struct buf *out, const struct counts *counts);
/* `,"price":`; null when it isn't known. */
void send_view_write_price(struct buf *out, int64_t units, const struct send_price *price);
/* The month at whose price the send's units are charged. */
int send_view_month(const struct send_view *send);

#endif
