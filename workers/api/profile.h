/*
 * profile.h - the sender profiles of an account, as its callers see them.
 *
 *     GET    /v1/sms/sender-profiles         200, all of them, the oldest first
 *     POST   /v1/sms/sender-profiles         200
 *     DELETE /v1/sms/sender-profiles/{id}    204
 *
 * A profile can't be changed, only deleted and made anew. A brand's name waits for an operator's
 * approval (admin_profiles.h); so does a number that isn't one of the account's own.
 *
 * Units    none.
 * Owns     nothing beyond the requests.
 * Errors   answered: 404; 409 the sender id is taken, too many, the only one, in use; 422; 500 it is
 *          not known whether it was done; 503.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_PROFILE_H
#define WORKERS_API_PROFILE_H

#include "common/base/buf.h"
#include "common/io/httpd.h"
#include "common/store/profiles.h"

struct api;
struct caller;

void profile_list(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void profile_create(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void profile_delete(struct api *api, struct httpd_req *own_req, const struct caller *caller);

/* The profile as an object; its price is in the account's currency. */
void profile_write(struct buf *out, const struct api *api, const char *currency,
                   const struct profile *profile);
/* The same without the braces. */
void profile_write_members(struct buf *out, const struct api *api, const char *currency,
                           const struct profile *profile);

#endif
