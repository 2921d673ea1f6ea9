/*
 * quota.h - an account's quotas: messages a day and spend a month, taken for a send as a whole.
 *
 * A send that would exceed a quota is refused before anything of it happens; it is never stopped
 * midway. What was taken is given back only if the send was surely not accepted. An account without
 * quotas costs nothing here. If Redis can't be asked, an account with quotas sends nothing.
 *
 * Units    money in 1/1000 of the account's currency; days and months of UTC.
 * Owns     nothing; struct quota_taken is the caller's to keep.
 * Errors   in the result.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_QUOTA_H
#define WORKERS_API_QUOTA_H

#include "common/io/httpd.h"
#include "common/store/quotas.h"

struct api;

/* Calls fn with the result, now (also before this returns) or later. The account need not live that
 * long. Taken: result->err is ERR_OK and result->exceeded is QUOTA_NONE; keep result->taken for
 * quota_give_back. Else answer with quota_refuse. */
void quota_take(struct api *api, const struct account *account, int64_t messages,
                int64_t cost_milli, quotas_fn fn, void *arg);
/* Does nothing for {0}, which is what an account without quotas takes. */
void quota_give_back(struct api *api, const struct quota_taken *taken);
/* 429 with `remaining` and `resets_at`, and no Retry-After, since clients would sleep for hours; or
 * 503 when Redis could not be asked. */
void quota_refuse(struct httpd_req *own_req, const struct quota_result *result);

#endif
