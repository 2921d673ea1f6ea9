#include "workers/api/gate.h"

#include "workers/api/api.h"
#include "workers/api/contact.h"
#include "workers/api/contact_erase.h"
#include "workers/api/contact_list.h"
#include "workers/api/counts.h"
#include "workers/api/group.h"
#include "workers/api/idempotency.h"
#include "workers/api/import.h"
#include "workers/api/keyword.h"
#include "workers/api/list.h"
#include "workers/api/message.h"
#include "workers/api/openapi.h"
#include "workers/api/problem.h"
#include "workers/api/profile.h"
#include "workers/api/rate.h"
#include "workers/api/resend.h"
#include "workers/api/results.h"
#include "workers/api/route.h"
#include "workers/api/send.h"
#include "workers/api/send_control.h"
#include "workers/api/send_control_ref.h"
#include "workers/api/send_list.h"
#include "workers/api/send_view.h"

#include <strings.h>

static const struct route routes[] = {
    {"GET", "/openapi.json", openapi_get, SCOPE_NONE},
    {"POST", "/v1/sms/send", send_accept, SCOPE_SEND},
    {"GET", "/v1/sms/messages", list_get, SCOPE_READ},
    {"GET", "/v1/sms/messages/{}", message_get, SCOPE_READ},
    {"POST", "/v1/sms/messages/{}/cancel", message_cancel, SCOPE_SEND},
    {"POST", "/v1/sms/sends/pause", send_control_ref_pause, SCOPE_SEND},
    {"POST", "/v1/sms/sends/resume", send_control_ref_resume, SCOPE_SEND},
    {"POST", "/v1/sms/sends/cancel", send_control_ref_cancel, SCOPE_SEND},
    {"PATCH", "/v1/sms/sends/{}", send_control_change, SCOPE_SEND},
    {"POST", "/v1/sms/sends/{}/pause", send_control_pause, SCOPE_SEND},
    {"POST", "/v1/sms/sends/{}/resume", send_control_resume, SCOPE_SEND},
    {"POST", "/v1/sms/sends/{}/cancel", send_control_cancel, SCOPE_SEND},
    {"GET", "/v1/sms/sends", send_list_get, SCOPE_READ},
    {"GET", "/v1/sms/sends/{}", send_view_get, SCOPE_READ},
    {"GET", "/v1/sms/sends/{}/messages", results_get, SCOPE_READ},
    {"POST", "/v1/sms/sends/{}/resend", resend_post, SCOPE_SEND},
    {"GET", "/v1/sms/status", counts_status, SCOPE_READ},
    {"GET", "/v1/sms/usage", counts_usage, SCOPE_READ},
    {"GET", "/v1/sms/stats", counts_stats, SCOPE_READ},
    {"GET", "/v1/sms/keywords", keyword_list, SCOPE_READ},
    {"POST", "/v1/sms/keywords", keyword_create, SCOPE_MANAGE},
    {"GET", "/v1/sms/keywords/{}", keyword_get, SCOPE_READ},
    {"PATCH", "/v1/sms/keywords/{}", keyword_patch, SCOPE_MANAGE},
    {"DELETE", "/v1/sms/keywords/{}", keyword_delete, SCOPE_MANAGE},
    {"GET", "/v1/sms/keywords/check/{}", keyword_check, SCOPE_READ},
    {"GET", "/v1/sms/sender-profiles", profile_list, SCOPE_READ},
    {"POST", "/v1/sms/sender-profiles", profile_create, SCOPE_MANAGE},
    {"DELETE", "/v1/sms/sender-profiles/{}", profile_delete, SCOPE_MANAGE},
    {"GET", "/v1/contacts", contact_list, SCOPE_READ},
    {"POST", "/v1/contacts", contact_post, SCOPE_MANAGE},
    {"GET", "/v1/contacts/groups", group_list, SCOPE_READ},
    {"POST", "/v1/contacts/groups", group_post, SCOPE_MANAGE},
    {"GET", "/v1/contacts/groups/{}", group_get, SCOPE_READ},
    {"PATCH", "/v1/contacts/groups/{}", group_patch, SCOPE_MANAGE},
    {"DELETE", "/v1/contacts/groups/{}", group_delete, SCOPE_MANAGE},
    {"GET", "/v1/contacts/groups/{}/members", contact_list_members, SCOPE_READ},
    {"POST", "/v1/contacts/groups/{}/members", group_add_members, SCOPE_MANAGE},
    {"DELETE", "/v1/contacts/groups/{}/members/{}", group_remove_member, SCOPE_MANAGE},
    {"POST", "/v1/contacts/import", import_post, SCOPE_MANAGE},
    {"GET", "/v1/contacts/{}", contact_get, SCOPE_READ},
    {"PATCH", "/v1/contacts/{}", contact_patch, SCOPE_MANAGE},
    {"DELETE", "/v1/contacts/{}", contact_delete, SCOPE_MANAGE},
    {"POST", "/v1/contacts/{}/gdpr-delete", contact_erase, SCOPE_MANAGE},
};

/* The handler reads the body itself, piece by piece (httpd_read). */
static bool reads_body(const struct route *route)
{
    return route->fn == import_post;
}

/* What handlers read is JSON, and a body without a type is taken for that. */
static bool may_be_json(const struct httpd_req *req)
{
    bool reads = strcmp(httpd_method(req), "POST") == 0 || strcmp(httpd_method(req), "PATCH") == 0;
    struct str rest = str_of(httpd_header(req, "Content-Type")), type = str_cut(&rest, ';');
    if (!reads || httpd_body(req).n == 0)
        return true;
    while (type.n > 0 && (type.p[type.n - 1] == ' ' || type.p[type.n - 1] == '\t'))
        type.n--;
    return type.n == 0 || (type.n >= 5 && strncasecmp(type.p + type.n - 5, "/json", 5) == 0) ||
           (type.n >= 5 && strncasecmp(type.p + type.n - 5, "+json", 5) == 0);
}

static void refuse_scope(struct httpd_req *own_req, const struct route *route,
                         const struct api_key *key)
{
    struct buf detail = {.cap = 200}, members = {.cap = 100};
    buf_printf(&detail, "This needs a key with the scope \"%s\"; this one has ",
               scope_name(route->scope));
    scopes_write(&detail, key->scopes);
    buf_char(&detail, '.');
    buf_printf(&members, "\"needed_scope\":\"%s\"", scope_name(route->scope));
    problem_extended(own_req, 403, detail.p, members.p);
    buf_done(&detail);
    buf_done(&members);
}

static void check_rights(struct api *api, struct httpd_req *own_req, const struct route *route,
                         const struct caller *caller)
{
    if ((caller->key->scopes & route->scope) == 0)
        refuse_scope(own_req, route, caller->key);
    else if (!caller->account->active && route->scope != SCOPE_READ)
        problem_simple(own_req, 403, "This account is suspended; it can read, but not write.");
    else if (reads_body(route)) /* it is not there yet; repeating it is harmless anyway */
        route->fn(api, own_req, caller);
    else if (!may_be_json(own_req))
        problem_simple(own_req, 415, "The body must be JSON: send Content-Type: application/json.");
    else
        idempotency_pass(api, own_req, route, caller);
}

static void check_rate(struct api *api, struct httpd_req *own_req, const struct route *route,
                       const struct caller *caller)
{
    rate_pass(api, own_req, route, caller, check_rights);
}

void gate_serve(struct api *api, struct httpd_req *own_req)
{
    const struct route *route = route_of(routes, sizeof(routes) / sizeof(routes[0]), own_req);
    if (route == NULL)
        return;
    if (route->scope == SCOPE_NONE)
        route->fn(api, own_req, NULL);
    else
        auth_request(api, own_req, route, check_rate);
}

bool gate_streams(void *arg, const char *method, const char *path)
{
    char allow[ROUTE_ALLOW_SIZE];
    const struct route *route =
        route_find(routes, sizeof(routes) / sizeof(routes[0]), method, str_of(path), allow);
    (void)arg;
    return route != NULL && reads_body(route);
}
