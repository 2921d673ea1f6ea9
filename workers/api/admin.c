#include "workers/api/admin.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/io/crypto.h"
#include "common/sms/money.h"
#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/fields.h"
#include "workers/api/problem.h"
#include "workers/api/route.h"

#include <jansson.h>
#include <stdio.h>
#include <strings.h>

enum { ANSWER_CAP = 8192, ACCOUNT_SEGMENT = 3 }; /* /admin/v1/accounts/{id} */

/* A request that creates a key: the account is looked up first, then the key is stored. */
struct new_key {
    struct api *api;
    struct httpd_req *req;
    char name[NAME_SIZE];
    char text[KEY_TEXT_SIZE];
};

/* --- answers --- */

static void answer_error(struct httpd_req *own_req, enum err err)
{
    if (err == ERR_NOT_FOUND)
        problem_simple(own_req, 404, "There is no account with this id.");
    else if (err == ERR_CONFLICT)
        problem_simple(own_req, 409, "An account with this id exists already.");
    else
        problem_unavailable(own_req, "Redis can't be reached at the moment. Try again.");
}

static void answer_account(struct httpd_req *own_req, int status, const struct account *account)
{
    struct buf body = {.cap = ANSWER_CAP};
    char at[CLOCK_TEXT_SIZE];
    clock_format_s(at, account->created_at_ms);
    buf_printf(&body, "{\"id\":\"%s\",\"name\":", account->id);
    buf_json(&body, str_of(account->name));
    buf_printf(&body, ",\"currency\":\"%s\",\"active\":%s,\"created_at\":\"%s\"}",
               account->currency, account->active ? "true" : "false", at);
    answer_json(own_req, status, &body);
}

/* --- reading bodies --- */

static void read_name(char name[NAME_SIZE], const json_t *root, struct problem *problem)
{
    struct str text = fields_text(root, "name", NAME_SIZE - 1, problem);
    if (fields_required(root, "name", problem) != NULL && text.p != NULL && text.n == 0)
        problem_error(problem, "/name", "invalid", "\"name\" must not be empty.");
    memcpy(name, text.p != NULL ? text.p : "", text.n);
    name[text.n] = '\0';
}

/* The account that the address names; false: it can't be one. */
static bool read_path(char id[CHUNK_ACCOUNT_MAX + 1], const struct httpd_req *req)
{
    struct str text = route_segment(httpd_path(req), ACCOUNT_SEGMENT);
    if (!chunk_account_valid(text))
        return false;
    memcpy(id, text.p, text.n);
    id[text.n] = '\0';
    return true;
}

static void read_account(struct account *account, const json_t *root, struct problem *problem)
{
    const json_t *id = fields_get(root, "id"), *currency = fields_get(root, "currency");
    struct str text = {json_string_value(id), json_string_length(id)};
    *account =
        (struct account){.active = true, .created_at_ms = clock_wall_ms(), .currency = "NOK"};
    if (!json_is_string(id) || !chunk_account_valid(text))
        problem_error(problem, "/id", "invalid", "\"id\" must be 1 to %d of a-z 0-9 - _.",
                      CHUNK_ACCOUNT_MAX);
    else
        memcpy(account->id, text.p, text.n);
    read_name(account->name, root, problem);
    if (currency == NULL)
        return;
    struct str name = {json_string_value(currency), json_string_length(currency)};
    if (currency_of(name) < CURRENCY_COUNT) {
        memcpy(account->currency, currency_name(currency_of(name)), CURRENCY_SIZE);
        return;
    }
    problem_error(problem, "/currency", "invalid",
                  "\"currency\" must be NOK, SEK, DKK, EUR or USD.");
}

/* --- handlers --- */

static void on_created(void *arg, enum err err, const struct account *account)
{
    if (err != ERR_OK) {
        answer_error(arg, err);
        return;
    }
    LOG(LOG_INFO, EV("account_created"), KSTR("account", account->id));
    answer_account(arg, 201, account);
}

static void create_account(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    static const char *const fields[] = {"id", "name", "currency", NULL};
    struct problem problem;
    struct account account;
    (void)caller;
    json_auto_t *root = fields_read(httpd_body(own_req), false, fields, &problem);
    if (json_is_object(root))
        read_account(&account, root, &problem);
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        return;
    }
    problem_done(&problem);
    enum err err = accounts_create(api->links.redis, &account, on_created, own_req);
    if (err != ERR_OK)
        answer_error(own_req, err);
}

static void on_account(void *arg, enum err err, const struct account *account)
{
    if (err != ERR_OK)
        answer_error(arg, err);
    else
        answer_account(arg, 200, account);
}

static void get_account(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    char id[CHUNK_ACCOUNT_MAX + 1];
    (void)caller;
    enum err err = read_path(id, own_req) ? accounts_get(api->links.redis, id, on_account, own_req)
                                          : ERR_NOT_FOUND;
    if (err != ERR_OK)
        answer_error(own_req, err);
}

/* A request that changes an account: it is read, changed, and written. */
struct change {
    struct api *api;
    struct httpd_req *req;
    bool active;
};

static void on_changed(void *arg, enum err err, const struct account *account)
{
    if (err == ERR_OK)
        LOG(LOG_INFO, EV("account_changed"), KSTR("account", account->id),
            KSTR("active", account->active ? "true" : "false"));
    on_account(arg, err, account);
}

static void on_account_to_change(void *arg, enum err err, const struct account *account)
{
    struct change *change = arg;
    if (err == ERR_OK) {
        struct account changed = *account;
        changed.active = change->active;
        err = accounts_update(change->api->links.redis, &changed, on_changed, change->req);
    }
    if (err != ERR_OK)
        answer_error(change->req, err);
    xfree(change);
}

static bool read_change(struct change *change, struct problem *problem)
{
    static const char *const fields[] = {"active", NULL};
    json_auto_t *root = fields_read(httpd_body(change->req), false, fields, problem);
    if (json_is_object(root) && fields_required(root, "active", problem) != NULL)
        change->active = fields_bool(root, "active", false, problem);
    return problem->errors == 0;
}

static void change_account(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct problem problem;
    char id[CHUNK_ACCOUNT_MAX + 1];
    struct change *change = xalloc(sizeof(*change));
    (void)caller;
    *change = (struct change){.api = api, .req = own_req};
    if (!read_change(change, &problem)) {
        problem_answer(own_req, &problem);
        xfree(change);
        return;
    }
    problem_done(&problem);
    enum err err = read_path(id, own_req)
                       ? accounts_get(api->links.redis, id, on_account_to_change, change)
                       : ERR_NOT_FOUND;
    if (err != ERR_OK) {
        answer_error(own_req, err);
        xfree(change);
    }
}

static void end_key(struct new_key *own_new, enum err err, const struct api_key *key)
{
    if (err != ERR_OK) {
        answer_error(own_new->req, err);
    } else {
        struct buf body = {.cap = ANSWER_CAP};
        LOG(LOG_INFO, EV("key_created"), KSTR("account", key->account),
            KSTR("prefix", key->prefix));
        buf_printf(&body,
                   "{\"key\":\"%s\",\"prefix\":\"%s\",\"account\":\"%s\",\"name\":", own_new->text,
                   key->prefix, key->account);
        buf_json(&body, str_of(key->name));
        buf_char(&body, '}');
        answer_json(own_new->req, 201, &body);
    }
    xfree(own_new);
}

static void on_key(void *arg, enum err err, const struct api_key *key)
{
    end_key(arg, err, key);
}

static void on_key_account(void *arg, enum err err, const struct account *account)
{
    struct new_key *new = arg;
    if (err == ERR_OK)
        err = accounts_create_key(new->api->links.redis, account->id, new->name, clock_wall_ms(),
                                  new->text, on_key, new);
    if (err != ERR_OK)
        end_key(new, err, NULL);
}

static void create_key(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    static const char *const fields[] = {"name", NULL};
    struct problem problem;
    struct new_key *new = xalloc(sizeof(*new));
    char id[CHUNK_ACCOUNT_MAX + 1];
    json_auto_t *root = fields_read(httpd_body(own_req), false, fields, &problem);
    (void)caller;
    new->api = api;
    new->req = own_req;
    if (json_is_object(root))
        read_name(new->name, root, &problem);
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        xfree(new);
        return;
    }
    problem_done(&problem);
    enum err err = read_path(id, own_req) ? accounts_get(api->links.redis, id, on_key_account, new)
                                          : ERR_NOT_FOUND;
    if (err != ERR_OK)
        end_key(new, err, NULL);
}

static const struct route routes[] = {
    {.method = "POST", .pattern = "/admin/v1/accounts", .fn = create_account},
    {.method = "GET", .pattern = "/admin/v1/accounts/{}", .fn = get_account},
    {.method = "PATCH", .pattern = "/admin/v1/accounts/{}", .fn = change_account},
    {.method = "POST", .pattern = "/admin/v1/accounts/{}/keys", .fn = create_key},
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
