#include "workers/api/admin_profiles.h"

#include "common/base/log.h"
#include "common/store/approvals.h"
#include "workers/api/admin_accounts.h"
#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/fields.h"
#include "workers/api/profile.h"
#include "workers/api/route.h"

#include <jansson.h>

enum {
    PROFILE_CAP = 6000,
    PROFILE_SEGMENT = 5 /* /admin/v1/accounts/{id}/sender-profiles/{id}/approve */
};

/* A request about an account's profiles, while it waits for Redis. */
struct work {
    struct api *api;
    struct httpd_req *req;
    char account[CHUNK_ACCOUNT_MAX + 1], currency[CURRENCY_SIZE];
    char profile[ID_TEXT_SIZE]; /* that is decided on */
    bool approve;
    char reason[PROFILE_REASON_SIZE];
};

/* A profile as operators see it: whose it is, and why it was rejected. */
static void write_profile(struct buf *out, const struct work *work, const struct profile *profile)
{
    struct str reason = str_of(profile->reason);
    buf_printf(out, "{\"account\":\"%s\",", work->account);
    profile_write_members(out, work->api, work->currency, profile);
    answer_text(out, "rejection_reason", reason.n > 0 ? reason : (struct str){0});
    buf_char(out, '}');
}

static void fail(struct work *own_work, enum err err)
{
    admin_account_error(own_work->req, err);
    xfree(own_work);
}

/* The account is looked up first; on goes on. */
static void begin(struct work *own_work, account_fn on)
{
    struct work *work = own_work;
    enum err err = admin_account_path(work->account, work->req)
                       ? accounts_get(work->api->links.redis, work->account, on, work)
                       : ERR_NOT_FOUND;
    if (err != ERR_OK)
        fail(work, err);
}

/* --- list --- */

static void on_list(void *arg, enum err err, const struct profile *profiles, size_t count)
{
    struct work *work = arg;
    struct buf body = {.cap = (size_t)PROFILE_CAP * PROFILES_MAX};
    if (err != ERR_OK) {
        fail(work, err);
        return;
    }
    buf_text(&body, "{\"sender_profiles\":[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_char(&body, ',');
        write_profile(&body, work, &profiles[i]);
    }
    buf_printf(&body, "],\"total\":%zu}", count);
    answer_json(work->req, 200, &body);
    xfree(work);
}

static void on_account_to_list(void *arg, enum err err, const struct account *account)
{
    struct work *work = arg;
    if (err == ERR_OK) {
        memcpy(work->currency, account->currency, sizeof(work->currency));
        err = profiles_list(work->api->links.redis, work->account, on_list, work);
    }
    if (err != ERR_OK)
        fail(work, err);
}

void admin_profiles_list(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct work *work = xalloc(sizeof(*work));
    (void)caller;
    *work = (struct work){.api = api, .req = own_req};
    begin(work, on_account_to_list);
}

/* --- approve and reject --- */

static void on_decided(void *arg, enum err err, const struct profile *profile)
{
    struct work *work = arg;
    struct buf body = {.cap = PROFILE_CAP};
    if (err == ERR_NOT_FOUND) {
        problem_simple(work->req, 404, "The account has no sender profile with this id.");
    } else if (err != ERR_OK) {
        admin_account_error(work->req, err);
    } else {
        approvals_drop(work->api->links.redis, work->account, profile->id);
        LOG(LOG_INFO, EV("profile_decided"), KSTR("account", work->account),
            KSTR("profile", profile->id), KSTR("approval", approval_name(profile->approval)));
        write_profile(&body, work, profile);
        answer_json(work->req, 200, &body);
    }
    xfree(work);
}

static void on_account_to_decide(void *arg, enum err err, const struct account *account)
{
    struct work *work = arg;
    if (err == ERR_OK) {
        memcpy(work->currency, account->currency, sizeof(work->currency));
        err = profiles_decide(work->api->links.redis, work->account, work->profile,
                              work->approve ? (struct str){0} : str_of(work->reason), on_decided,
                              work);
    }
    if (err != ERR_OK)
        fail(work, err);
}

static void read_reason(struct work *work, const json_t *root, struct problem *problem)
{
    struct str reason = fields_text(root, "reason", PROFILE_REASON_SIZE - 1, problem);
    memcpy(work->reason, reason.p != NULL ? reason.p : "", reason.n);
}

static void decide(struct api *api, struct httpd_req *own_req, bool approve)
{
    static const char *const none[] = {NULL}, *const fields[] = {"reason", NULL};
    struct problem problem;
    struct id id = {{0}}; /* which no profile has */
    struct work *work = xalloc(sizeof(*work));
    *work = (struct work){.api = api, .req = own_req, .approve = approve};
    json_auto_t *root = fields_read(httpd_body(own_req), true, approve ? none : fields, &problem);
    if (json_is_object(root))
        read_reason(work, root, &problem);
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        xfree(work);
        return;
    }
    problem_done(&problem);
    if (id_parse(&id, route_segment(httpd_path(own_req), PROFILE_SEGMENT)) != ERR_OK)
        id = (struct id){{0}};
    id_format(work->profile, id);
    begin(work, on_account_to_decide);
}

void admin_profile_approve(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    (void)caller;
    decide(api, own_req, true);
}

void admin_profile_reject(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    (void)caller;
    decide(api, own_req, false);
}
