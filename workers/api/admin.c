#include "workers/api/admin.h"

#include "common/io/crypto.h"
#include "workers/api/admin_accounts.h"
#include "workers/api/admin_keys.h"
#include "workers/api/admin_numbers.h"
#include "workers/api/admin_pending.h"
#include "workers/api/admin_profiles.h"
#include "workers/api/admin_traffic.h"
#include "workers/api/api.h"
#include "workers/api/problem.h"
#include "workers/api/route.h"

#include <strings.h>

static const struct route routes[] = {
    {.method = "GET", .pattern = "/admin/v1/accounts", .fn = admin_accounts_list},
    {.method = "POST", .pattern = "/admin/v1/accounts", .fn = admin_account_create},
    {.method = "GET", .pattern = "/admin/v1/accounts/{}", .fn = admin_account_get},
    {.method = "PATCH", .pattern = "/admin/v1/accounts/{}", .fn = admin_account_change},
    {.method = "GET", .pattern = "/admin/v1/accounts/{}/keys", .fn = admin_keys_list},
    {.method = "POST", .pattern = "/admin/v1/accounts/{}/keys", .fn = admin_key_create},
    {.method = "GET", .pattern = "/admin/v1/accounts/{}/keys/{}", .fn = admin_key_get},
    {.method = "DELETE", .pattern = "/admin/v1/accounts/{}/keys/{}", .fn = admin_key_revoke},
    {.method = "POST", .pattern = "/admin/v1/accounts/{}/keys/{}/rotate", .fn = admin_key_rotate},
    {.method = "GET", .pattern = "/admin/v1/accounts/{}/numbers", .fn = admin_numbers_list},
    {.method = "POST", .pattern = "/admin/v1/accounts/{}/numbers", .fn = admin_number_add},
    {.method = "DELETE", .pattern = "/admin/v1/accounts/{}/numbers/{}", .fn = admin_number_remove},
    {.method = "GET", .pattern = "/admin/v1/sender-profiles", .fn = admin_pending_list},
    {.method = "GET", .pattern = "/admin/v1/traffic", .fn = admin_traffic_get},
    {.method = "PATCH", .pattern = "/admin/v1/traffic", .fn = admin_traffic_change},
    {.method = "GET",
     .pattern = "/admin/v1/accounts/{}/sender-profiles",
     .fn = admin_profiles_list},
    {.method = "POST",
     .pattern = "/admin/v1/accounts/{}/sender-profiles/{}/approve",
     .fn = admin_profile_approve},
    {.method = "POST",
     .pattern = "/admin/v1/accounts/{}/sender-profiles/{}/reject",
     .fn = admin_profile_reject},
};

void admin_serve(void *arg, struct httpd_req *own_req)
{
    struct api *api = arg;
    const char *given = httpd_header(own_req, "Authorization");
    bool bearer = given != NULL && strncasecmp(given, "Bearer ", 7) == 0;
    if (!bearer || !crypto_eq(str_of(given + 7), str_of(api->ctx->settings->admin_token))) {
        problem_unauthorized(own_req, "Bearer realm=\"sms-admin\"",
                             "Give the admin token as 'Authorization: Bearer'.");
        return;
    }
    const struct route *route = route_of(routes, sizeof(routes) / sizeof(routes[0]), own_req);
    if (route != NULL)
        route->fn(api, own_req, NULL);
}
