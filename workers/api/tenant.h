/*
 * tenant.h - what this process knows of an account while it sends: its share of the fast lane, and
 * how much of it is on its way.
 *
 * Both are asked of Redis beside the sends, never before one: no send waits for them. One-time
 * codes (VERIFY) have a share of their own, so that an account's other messages don't push them out
 * of the fast lane.
 *
 * Units    messages; monotonic ms.
 * Owns     what is known, for some time after an account's last send.
 * Errors   none: while Redis is away everything goes the bulk way, and nothing is refused.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_TENANT_H
#define WORKERS_API_TENANT_H

#include "common/io/httpd.h"
#include "common/sms/status.h"
#include "common/store/accounts.h"

struct api;
struct tenant;

enum { TENANT_PLACES = 1024 };
struct tenants {
    struct tenant **places;
};

void tenants_init(struct tenants *tenants);
void tenants_done(struct tenants *tenants);

/* Whether n messages go fast; then they count. */
bool tenant_goes_fast(struct api *api, const struct account *account, enum message_type type,
                      int64_t n);
/* So many were accepted, for now. */
void tenant_accepted(struct api *api, const struct account *account, int64_t messages);
/* Too much of the account is on its way: answered with 429 (true). */
bool tenant_refused(struct api *api, struct httpd_req *req, const struct account *account);

#endif
