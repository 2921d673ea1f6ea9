/*
 * admin_rates.h - the object "rates" of accounts in the admin API: how fast messages go to carriers.
 *
 *     "rates": {"messages_per_second": 200.0, "senders": {"ACME": 50.0}}
 *
 * An object that is given replaces the one that is there: what is absent or null in it is not
 * limited.
 *
 * Units    1/1000 messages a second.
 * Owns     nothing.
 * Errors   told in the problem, with JSON pointers.
 * Threads  pure.
 */
#ifndef WORKERS_API_ADMIN_RATES_H
#define WORKERS_API_ADMIN_RATES_H

#include "common/base/buf.h"
#include "common/store/account_rates.h"
#include "workers/api/problem.h"

/* False: the body doesn't have it, or it is wrong. */
bool admin_rates_read(struct account_rates *ret_rates, const struct json_t *root,
                      struct problem *problem);
/* ,"rates":{..} */
void admin_rates_write(struct buf *out, const struct account_rates *rates);

#endif
