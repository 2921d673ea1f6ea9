/*
 * counts.h - GET /v1/sms/status, /v1/sms/usage and /v1/sms/stats: what an account's days add up to.
 *
 * A message counts on the UTC day of its scheduled_at, else of its created_at, whatever becomes of
 * it later; units on the day on which the carrier accepted it. So a rate never passes 1, and what a
 * closed month has cost never changes.
 *
 * Units    UTC days; money in the account's currency.
 * Owns     nothing beyond the request.
 * Errors   answered here: 422 a period that is none, 503 Redis can't be asked.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_COUNTS_H
#define WORKERS_API_COUNTS_H

struct api;
struct caller;
struct httpd_req;

void counts_status(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void counts_usage(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void counts_stats(struct api *api, struct httpd_req *own_req, const struct caller *caller);

#endif
