#include "workers/api/admin_numbers.h"

#include "common/base/log.h"
#include "common/store/numbers.h"
#include "workers/api/admin_accounts.h"
#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/fields.h"
#include "workers/api/route.h"

#include <jansson.h>

enum {
    ANSWER_CAP = 4 << 20,
    NUMBER_SEGMENT = 5 /* /admin/v1/accounts/{id}/numbers/{number} */
};

/* A request, while it waits for Redis. */
struct work {
    struct api *api;
    struct httpd_req *req;
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct phone number;
};

static void fail(struct work *own_work, enum err err)
{
    if (err == ERR_CONFLICT)
        problem_simple(own_work->req, 409, "This number is another account's.");
    else
        admin_account_error(own_work->req, err);
    xfree(own_work);
}

/* With '+' or without. */
static bool read_number(struct phone *number, struct str text)
{
    if (text.n > 0 && text.p[0] == '+')
        text = (struct str){text.p + 1, text.n - 1};
    return phone_parse_digits(number, text) == ERR_OK;
}

/* The account is looked up first; on goes on. */
static void begin(struct api *api, struct httpd_req *own_req, const struct phone *number,
                  account_fn on)
{
    struct work *work = xalloc(sizeof(*work));
    *work = (struct work){.api = api, .req = own_req, .number = *number};
    enum err err = admin_account_path(work->account, own_req)
                       ? accounts_get(api->links.redis, work->account, on, work)
                       : ERR_NOT_FOUND;
    if (err != ERR_OK)
        fail(work, err);
}

/* --- list --- */

static void on_list(void *arg, enum err err, const struct phone *numbers, size_t count)
{
    struct work *work = arg;
    struct buf body = {.cap = ANSWER_CAP};
    if (err != ERR_OK) {
        fail(work, err);
        return;
    }
    buf_text(&body, "{\"numbers\":[");
    for (size_t i = 0; i < count; i++)
        buf_printf(&body, "%s\"+%s\"", i > 0 ? "," : "", numbers[i].digits);
    buf_printf(&body, "],\"total\":%zu}", count);
    answer_json(work->req, 200, &body);
    xfree(work);
}

static void on_account_to_list(void *arg, enum err err, const struct account *account)
{
    struct work *work = arg;
    (void)account;
    if (err == ERR_OK)
        err = numbers_list(work->api->links.redis, work->account, on_list, work);
    if (err != ERR_OK)
        fail(work, err);
}

void admin_numbers_list(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    (void)caller;
    begin(api, own_req, &(struct phone){""}, on_account_to_list);
}

/* --- add --- */

static void on_added(void *arg, enum err err)
{
    struct work *work = arg;
    struct buf body = {.cap = ANSWER_CAP};
    if (err != ERR_OK) {
        fail(work, err);
        return;
    }
    LOG(LOG_INFO, EV("number_added"), KSTR("account", work->account));
    buf_printf(&body, "{\"number\":\"+%s\",\"account\":\"%s\"}", work->number.digits,
               work->account);
    answer_json(work->req, 201, &body);
    xfree(work);
}

static void on_account_to_add(void *arg, enum err err, const struct account *account)
{
    struct work *work = arg;
    (void)account;
    if (err == ERR_OK)
        err = numbers_add(work->api->links.redis, work->account, &work->number, on_added, work);
    if (err != ERR_OK)
        fail(work, err);
}

void admin_number_add(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    static const char *const fields[] = {"number", NULL};
    struct problem problem;
    struct phone number = {""};
    (void)caller;
    json_auto_t *root = fields_read(httpd_body(own_req), false, fields, &problem);
    const json_t *value = json_is_object(root) ? fields_required(root, "number", &problem) : NULL;
    struct str text = {json_string_value(value), json_string_length(value)};
    if (value != NULL && !read_number(&number, text))
        problem_error(&problem, "/number", "invalid",
                      "\"number\" must be a telephone number with its country code, like "
                      "+4799999999.");
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        return;
    }
    problem_done(&problem);
    begin(api, own_req, &number, on_account_to_add);
}

/* --- remove --- */

static void on_removed(void *arg, enum err err)
{
    struct work *work = arg;
    if (err == ERR_OK) {
        LOG(LOG_INFO, EV("number_removed"), KSTR("account", work->account));
        answer_nothing(work->req);
    } else if (err == ERR_NOT_FOUND) {
        problem_simple(work->req, 404, "The account doesn't have this number.");
    } else {
        admin_account_error(work->req, err);
    }
    xfree(work);
}

static void on_account_to_remove(void *arg, enum err err, const struct account *account)
{
    struct work *work = arg;
    (void)account;
    if (err == ERR_OK)
        err =
            numbers_remove(work->api->links.redis, work->account, &work->number, on_removed, work);
    if (err != ERR_OK)
        fail(work, err);
}

void admin_number_remove(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct phone number;
    (void)caller;
    if (read_number(&number, route_segment(httpd_path(own_req), NUMBER_SEGMENT)))
        begin(api, own_req, &number, on_account_to_remove);
    else
        problem_simple(own_req, 404, "The account doesn't have this number.");
}
