#include "workers/api/admin.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/io/crypto.h"
#include "workers/api/api.h"
#include "workers/api/problem.h"
#include "workers/api/route.h"

#include <jansson.h>
#include <stdio.h>
#include <strings.h>

enum { ANSWER_CAP = 8192 };

static const char *const currencies[] = {"NOK", "SEK", "DKK", "EUR", "USD"};

/* A request that creates a key: the account is looked up first, then the key is stored. */
struct new_key {
    struct api *api;
    struct httpd_req *req;
    char name[NAME_SIZE];
    char text[KEY_TEXT_SIZE];
};

/* --- answers --- */

static void answer(struct httpd_req *own_req, int status, struct buf *body)
{
    httpd_answer(own_req, &(struct httpd_answer){.status = status,
                                                 .content_type = "application/json",
                                                 .body = buf_view(body)});
    buf_done(body);
}

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
    answer(own_req, status, &body);
}

/* --- reading bodies --- */

/* A text field of at most NAME_SIZE - 1 bytes, or an error in the problem. */
static void read_name(char name[NAME_SIZE], const json_t *root, struct problem *problem)
{
    const json_t *value = json_object_get(root, "name");
    if (!json_is_string(value) || json_string_length(value) == 0 ||
        json_string_length(value) >= NAME_SIZE)
        problem_error(problem, "/name", "invalid", "\"name\" must be a text of 1 to %d bytes.",
                      NAME_SIZE - 1);
    else
        memcpy(name, json_string_value(value), json_string_length(value) + 1);
}

static void refuse_others(json_t *root, const char *const *names, struct problem *problem)
{
    const char *name;
    json_t *value;
    json_object_foreach(root, name, value)
    {
        const char *const *n = names;
        while (*n != NULL && strcmp(*n, name) != 0)
            n++;
        if (*n == NULL)
            problem_error(problem, "", "unknown_field", "There is no field \"%.60s\".", name);
    }
}

static json_t *read_body(const struct httpd_req *req, struct problem *problem)
{
    struct str body = httpd_body(req);
    json_t *root = json_loadb(body.p != NULL ? body.p : "", body.n, JSON_REJECT_DUPLICATES, NULL);
    problem_init(problem, json_is_object(root) ? 422 : 400);
    if (!json_is_object(root))
        problem_error(problem, "", "malformed", "The body must be a JSON object.");
    return root;
}

static void read_account(struct account *account, const json_t *root, struct problem *problem)
{
    const json_t *id = json_object_get(root, "id"), *currency = json_object_get(root, "currency");
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
    for (size_t i = 0; i < sizeof(currencies) / sizeof(currencies[0]); i++) {
        if (json_is_string(currency) && strcmp(json_string_value(currency), currencies[i]) == 0) {
            memcpy(account->currency, currencies[i], CURRENCY_SIZE);
            return;
        }
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

static void create_account(void *arg, struct httpd_req *own_req, struct str param)
{
    static const char *const fields[] = {"id", "name", "currency", NULL};
    struct api *api = arg;
    struct problem problem;
    struct account account;
    (void)param;
    json_auto_t *root = read_body(own_req, &problem);
    if (problem.errors == 0) {
        refuse_others(root, fields, &problem);
        read_account(&account, root, &problem);
    }
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

static void get_account(void *arg, struct httpd_req *own_req, struct str param)
{
    struct api *api = arg;
    char id[CHUNK_ACCOUNT_MAX + 1] = "";
    if (!chunk_account_valid(param)) {
        answer_error(own_req, ERR_NOT_FOUND);
        return;
    }
    memcpy(id, param.p, param.n);
    enum err err = accounts_get(api->links.redis, id, on_account, own_req);
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
    json_auto_t *root = read_body(change->req, problem);
    const json_t *active = json_object_get(root, "active");
    if (problem->errors == 0)
        refuse_others(root, fields, problem);
    if (problem->errors == 0 && !json_is_boolean(active))
        problem_error(problem, "/active", "invalid", "\"active\" must be true or false.");
    change->active = json_is_true(active);
    return problem->errors == 0;
}

static void change_account(void *arg, struct httpd_req *own_req, struct str param)
{
    struct problem problem;
    char id[CHUNK_ACCOUNT_MAX + 1] = "";
    struct change *change = xalloc(sizeof(*change));
    *change = (struct change){.api = arg, .req = own_req};
    if (!read_change(change, &problem)) {
        problem_answer(own_req, &problem);
        xfree(change);
        return;
    }
    problem_done(&problem);
    enum err err = ERR_NOT_FOUND;
    if (chunk_account_valid(param)) {
        memcpy(id, param.p, param.n);
        err = accounts_get(change->api->links.redis, id, on_account_to_change, change);
    }
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
        answer(own_new->req, 201, &body);
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

static void create_key(void *arg, struct httpd_req *own_req, struct str param)
{
    static const char *const fields[] = {"name", NULL};
    struct problem problem;
    struct new_key *new = xalloc(sizeof(*new));
    char id[CHUNK_ACCOUNT_MAX + 1] = "";
    json_auto_t *root = read_body(own_req, &problem);
    new->api = arg;
    new->req = own_req;
    if (problem.errors == 0) {
        refuse_others(root, fields, &problem);
        read_name(new->name, root, &problem);
    }
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        xfree(new);
        return;
    }
    problem_done(&problem);
    enum err err = ERR_NOT_FOUND;
    if (chunk_account_valid(param)) {
        memcpy(id, param.p, param.n);
        err = accounts_get(new->api->links.redis, id, on_key_account, new);
    }
    if (err != ERR_OK)
        end_key(new, err, NULL);
}

static const struct route routes[] = {
    {"POST", "/admin/v1/accounts", create_account},
    {"GET", "/admin/v1/accounts/{}", get_account},
    {"PATCH", "/admin/v1/accounts/{}", change_account},
    {"POST", "/admin/v1/accounts/{}/keys", create_key},
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
    route_serve(routes, sizeof(routes) / sizeof(routes[0]), api, own_req);
}
