#include "workers/api/admin_accounts.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/sms/money.h"
#include "common/store/accounts_list.h"
#include "workers/api/admin_limits.h"
#include "workers/api/admin_rates.h"
#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/fields.h"
#include "workers/api/paging.h"
#include "workers/api/query.h"
#include "workers/api/quiet_hours.h"
#include "workers/api/route.h"

#include <jansson.h>

enum { ANSWER_CAP = 8192, ACCOUNT_SEGMENT = 3 }; /* /admin/v1/accounts/{id} */

/* --- answers --- */

void admin_account_error(struct httpd_req *own_req, enum err err)
{
    if (err == ERR_NOT_FOUND)
        problem_simple(own_req, 404, "There is no account with this id.");
    else if (err == ERR_CONFLICT)
        problem_simple(own_req, 409, "An account with this id exists already.");
    else
        problem_unavailable(own_req, "Redis can't be reached at the moment. Try again.");
}

void admin_account_write(struct buf *out, const struct account *account)
{
    buf_printf(out, "{\"id\":\"%s\"", account->id);
    answer_text(out, "name", str_of(account->name));
    answer_text(out, "currency", str_of(account->currency));
    answer_bool(out, "active", account->active);
    answer_bool(out, "paused", account->paused);
    answer_time(out, "created_at", account->created_at_ms);
    admin_quotas_write(out, &account->quotas);
    admin_limits_write(out, &account->limit);
    admin_share_write(out, &account->share);
    admin_rates_write(out, &account->rates);
    quiet_hours_write(out, &account->quiet);
    buf_char(out, '}');
}

static void answer_account(struct httpd_req *own_req, int status, const struct account *account)
{
    struct buf body = {.cap = ANSWER_CAP};
    admin_account_write(&body, account);
    answer_json(own_req, status, &body);
}

/* --- reading --- */

bool admin_account_path(char id[CHUNK_ACCOUNT_MAX + 1], const struct httpd_req *req)
{
    struct str text = route_segment(httpd_path(req), ACCOUNT_SEGMENT);
    if (!chunk_account_valid(text))
        return false;
    memcpy(id, text.p, text.n);
    id[text.n] = '\0';
    return true;
}

static bool read_text(char name[NAME_SIZE], const json_t *root, struct problem *problem)
{
    struct str text = fields_text(root, "name", NAME_SIZE - 1, problem);
    if (text.p != NULL && text.n == 0)
        problem_error(problem, "/name", "invalid", "\"name\" must not be empty.");
    memcpy(name, text.p != NULL ? text.p : "", text.n);
    name[text.n] = '\0';
    return text.n > 0;
}

void admin_name_read(char name[NAME_SIZE], const json_t *root, struct problem *problem)
{
    (void)fields_required(root, "name", problem);
    (void)read_text(name, root, problem);
}

/* False: the body doesn't have it, or it is wrong. */
static bool read_currency(char currency[CURRENCY_SIZE], const json_t *root, struct problem *problem)
{
    const json_t *value = fields_get(root, "currency");
    if (value == NULL)
        return false;
    struct str name = {json_string_value(value), json_string_length(value)};
    if (currency_of(name) < CURRENCY_COUNT) {
        memcpy(currency, currency_name(currency_of(name)), CURRENCY_SIZE);
        return true;
    }
    problem_error(problem, "/currency", "invalid",
                  "\"currency\" must be NOK, SEK, DKK, EUR or USD.");
    return false;
}

static void read_account(struct account *account, const json_t *root, struct problem *problem)
{
    const json_t *id = fields_get(root, "id");
    struct str text = {json_string_value(id), json_string_length(id)};
    *account =
        (struct account){.active = true, .created_at_ms = clock_wall_ms(), .currency = "NOK"};
    if (!json_is_string(id) || !chunk_account_valid(text))
        problem_error(problem, "/id", "invalid", "\"id\" must be 1 to %d of a-z 0-9 - _.",
                      CHUNK_ACCOUNT_MAX);
    else
        memcpy(account->id, text.p, text.n);
    admin_name_read(account->name, root, problem);
    (void)read_currency(account->currency, root, problem);
    (void)admin_quotas_read(&account->quotas, root, problem);
    (void)admin_limits_read(&account->limit, root, problem);
    (void)admin_share_read(&account->share, root, problem);
    (void)admin_rates_read(&account->rates, root, problem);
    account->quiet = quiet_hours_read_default(root, problem);
}

/* --- create and get --- */

static void on_created(void *arg, enum err err, const struct account *account)
{
    if (err != ERR_OK) {
        admin_account_error(arg, err);
        return;
    }
    LOG(LOG_INFO, EV("account_created"), KSTR("account", account->id));
    answer_account(arg, 201, account);
}

void admin_account_create(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    static const char *const fields[] = {"id",    "name",  "currency",    "quotas", "limits",
                                         "share", "rates", "quiet_hours", NULL};
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
        admin_account_error(own_req, err);
}

static void on_account(void *arg, enum err err, const struct account *account)
{
    if (err != ERR_OK)
        admin_account_error(arg, err);
    else
        answer_account(arg, 200, account);
}

void admin_account_get(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    char id[CHUNK_ACCOUNT_MAX + 1];
    (void)caller;
    enum err err = admin_account_path(id, own_req)
                       ? accounts_get(api->links.redis, id, on_account, own_req)
                       : ERR_NOT_FOUND;
    if (err != ERR_OK)
        admin_account_error(own_req, err);
}

/* --- list --- */

struct look {
    struct httpd_req *req;
    struct paging paging;
};

static void on_accounts(void *arg, enum err err, const struct account *accounts, size_t count,
                        int64_t total)
{
    struct look *look = arg;
    struct buf body = {.cap = (size_t)ANSWER_CAP * PAGING_MOST};
    if (err != ERR_OK) {
        admin_account_error(look->req, err);
    } else {
        buf_text(&body, "{\"accounts\":[");
        for (size_t i = 0; i < count; i++) {
            if (i > 0)
                buf_char(&body, ',');
            admin_account_write(&body, &accounts[i]);
        }
        buf_char(&body, ']');
        paging_write(&body, &look->paging, total);
        buf_char(&body, '}');
        answer_json(look->req, 200, &body);
    }
    xfree(look);
}

void admin_accounts_list(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    static const char *const parameters[] = {"page", "per_page", NULL};
    struct problem problem;
    struct paging paging;
    (void)caller;
    query_check(own_req, parameters, &problem);
    paging_read(&paging, own_req, &problem);
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        return;
    }
    problem_done(&problem);
    struct look *look = xalloc(sizeof(*look));
    *look = (struct look){own_req, paging};
    enum err err =
        accounts_list(api->links.redis, paging.first, paging.per_page, on_accounts, look);
    if (err != ERR_OK)
        on_accounts(look, err, NULL, 0, 0);
}

/* --- change --- */

/* What a change points to. */
struct values {
    struct account account;
    struct account_change change;
};

static void read_change(struct values *v, const json_t *root, struct problem *problem)
{
    struct account *a = &v->account;
    *v = (struct values){0};
    if (read_text(a->name, root, problem))
        v->change.name = a->name;
    if (read_currency(a->currency, root, problem))
        v->change.currency = a->currency;
    if (fields_get(root, "active") != NULL) {
        a->active = fields_bool(root, "active", false, problem);
        v->change.active = &a->active;
    }
    if (fields_get(root, "paused") != NULL) {
        a->paused = fields_bool(root, "paused", false, problem);
        v->change.paused = &a->paused;
    }
    if (admin_quotas_read(&a->quotas, root, problem))
        v->change.quotas = &a->quotas;
    if (admin_limits_read(&a->limit, root, problem))
        v->change.limit = &a->limit;
    if (admin_share_read(&a->share, root, problem))
        v->change.share = &a->share;
    if (admin_rates_read(&a->rates, root, problem))
        v->change.rates = &a->rates;
    a->quiet = quiet_hours_read_default(root, problem);
    if (a->quiet.given)
        v->change.quiet = &a->quiet;
}

static void on_changed(void *arg, enum err err, const struct account *account)
{
    if (err == ERR_OK)
        LOG(LOG_INFO, EV("account_changed"), KSTR("account", account->id),
            KSTR("active", account->active ? "true" : "false"),
            KSTR("paused", account->paused ? "true" : "false"));
    on_account(arg, err, account);
}

void admin_account_change(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    static const char *const fields[] = {"name",   "currency", "paused", "active",      "quotas",
                                         "limits", "share",    "rates",  "quiet_hours", NULL};
    struct problem problem;
    struct values values;
    char id[CHUNK_ACCOUNT_MAX + 1];
    (void)caller;
    json_auto_t *root = fields_read(httpd_body(own_req), false, fields, &problem);
    if (json_is_object(root))
        read_change(&values, root, &problem);
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        return;
    }
    problem_done(&problem);
    enum err err = admin_account_path(id, own_req)
                       ? accounts_change(api->links.redis, id, &values.change, on_changed, own_req)
                       : ERR_NOT_FOUND;
    if (err != ERR_OK)
        admin_account_error(own_req, err);
}
