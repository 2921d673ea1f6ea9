#include "workers/api/admin_pending.h"

#include "common/base/clock.h"
#include "common/store/approvals.h"
#include "workers/api/admin_accounts.h"
#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/paging.h"
#include "workers/api/profile.h"
#include "workers/api/query.h"

enum {
    PROFILE_CAP = 3000,
    STALE_MS = 60000 /* an entry's profile is made within moments, or not at all */
};

/* An entry of the index, and what is behind it. */
struct pending {
    struct look *look;
    struct approvals_entry entry;
    char currency[CURRENCY_SIZE];
    struct profile profile; /* undefined unless found */
    bool found;
};

struct look {
    struct api *api;
    struct httpd_req *req;
    struct paging paging;
    enum err err; /* the first one */
    size_t count, waiting;
    int64_t total;
    struct pending *list;
};

static bool is_pending(const struct pending *p)
{
    return p->found && p->currency[0] != '\0' && p->profile.approval == APPROVAL_PENDING;
}

static void write_list(struct buf *out, const struct look *look)
{
    bool first = true;
    buf_text(out, "{\"sender_profiles\":[");
    for (size_t i = 0; i < look->count; i++) {
        const struct pending *p = &look->list[i];
        if (!is_pending(p))
            continue;
        buf_printf(out, "%s{\"account\":\"%s\",", first ? "" : ",", p->entry.account);
        profile_write_members(out, look->api, p->currency, &p->profile);
        buf_char(out, '}');
        first = false;
    }
    buf_char(out, ']');
    paging_write(out, &look->paging, look->total);
    buf_char(out, '}');
}

/* What a crash left in the index, or another api's request that has just been decided. */
static void drop_stale(const struct look *look)
{
    int64_t before_ms = clock_wall_ms() - STALE_MS;
    for (size_t i = 0; i < look->count; i++) {
        const struct pending *p = &look->list[i];
        if (!is_pending(p) && p->entry.at_ms < before_ms)
            approvals_drop(look->api->links.redis, p->entry.account, p->entry.profile);
    }
}

static void end(struct look *own_look)
{
    struct buf body = {.cap = (size_t)PROFILE_CAP * PAGING_MOST};
    if (own_look->err != ERR_OK) {
        admin_account_error(own_look->req, own_look->err);
    } else {
        drop_stale(own_look);
        write_list(&body, own_look);
        answer_json(own_look->req, 200, &body);
    }
    xfree(own_look->list);
    xfree(own_look);
}

/* One answer, or the end of asking, has come. */
static void arrive(struct look *look, enum err err)
{
    if (look->err == ERR_OK && err != ERR_NOT_FOUND)
        look->err = err;
    if (--look->waiting == 0)
        end(look);
}

static void on_profile(void *arg, enum err err, const struct profile *profile)
{
    struct pending *p = arg;
    p->found = profile != NULL;
    if (profile != NULL)
        p->profile = *profile;
    arrive(p->look, err);
}

static void on_account(void *arg, enum err err, const struct account *account)
{
    struct pending *p = arg;
    if (account != NULL)
        memcpy(p->currency, account->currency, sizeof(p->currency));
    arrive(p->look, err);
}

static void ask(struct look *look, struct pending *p)
{
    struct redis *redis = look->api->links.redis;
    look->waiting += 2;
    enum err err = accounts_get(redis, p->entry.account, on_account, p);
    if (err != ERR_OK)
        arrive(look, err);
    err = profiles_find(redis, p->entry.account, str_of(p->entry.profile), (struct str){0},
                        on_profile, p);
    if (err != ERR_OK)
        arrive(look, err);
}

static void on_entries(void *arg, enum err err, const struct approvals_entry *entries, size_t count,
                       int64_t total)
{
    struct look *look = arg;
    look->waiting = 1; /* keeps it from ending while it asks */
    look->total = total;
    look->count = err == ERR_OK ? count : 0;
    look->list = xalloc_array(count > 0 ? count : 1, sizeof(look->list[0]));
    for (size_t i = 0; i < look->count; i++)
        look->list[i] = (struct pending){.look = look, .entry = entries[i]};
    for (size_t i = 0; i < look->count; i++)
        ask(look, &look->list[i]);
    arrive(look, err);
}

void admin_pending_list(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    static const char *const parameters[] = {"approval_status", "page", "per_page", NULL};
    struct problem problem;
    struct paging paging;
    (void)caller;
    query_check(own_req, parameters, &problem);
    paging_read(&paging, own_req, &problem);
    const char *status = httpd_query(own_req, "approval_status");
    if (status != NULL && strcmp(status, "pending") != 0)
        problem_parameter(&problem, "approval_status", "invalid",
                          "Over all accounts, only profiles that are \"pending\" can be listed.");
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        return;
    }
    problem_done(&problem);
    struct look *look = xalloc(sizeof(*look));
    *look = (struct look){.api = api, .req = own_req, .paging = paging};
    enum err err =
        approvals_list(api->links.redis, paging.first, paging.per_page, on_entries, look);
    if (err != ERR_OK)
        on_entries(look, err, NULL, 0, 0);
}
