/*
 * admin_limits.h - the objects "limits", "quotas" and "share" of accounts and keys in the admin API.
 *
 *     "limits": {"requests_per_second": 50, "burst": 100}      of each key
 *     "quotas": {"messages_per_day": 10000, "spend_per_month": 500.0}
 *     "share": {"fast_per_second": 100, "open_max": 1000000, "weight": 10}
 *
 * An object that is given replaces the one that is there: what is absent or null in it is not
 * limited here.
 *
 * Units    money in 1/1000 of the account's currency.
 * Owns     nothing.
 * Errors   told in the problem, with JSON pointers.
 * Threads  pure.
 */
#ifndef WORKERS_API_ADMIN_LIMITS_H
#define WORKERS_API_ADMIN_LIMITS_H

#include "common/base/buf.h"
#include "common/store/accounts.h"
#include "workers/api/problem.h"

struct json_t; /* jansson's */

/* False: the body doesn't have it, or it is wrong. */
bool admin_limits_read(struct rate_limit *ret_limit, const struct json_t *root,
                       struct problem *problem);
bool admin_quotas_read(struct account_quotas *ret_quotas, const struct json_t *root,
                       struct problem *problem);
bool admin_share_read(struct account_share *ret_share, const struct json_t *root,
                      struct problem *problem);
/* ,"limits":{..} */
void admin_limits_write(struct buf *out, const struct rate_limit *limit);
void admin_quotas_write(struct buf *out, const struct account_quotas *quotas);
void admin_share_write(struct buf *out, const struct account_share *share);

#endif
