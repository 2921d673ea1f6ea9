#include "workers/api/admin_keys.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/store/api_keys.h"
#include "workers/api/admin_accounts.h"
#include "workers/api/admin_limits.h"
#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/fields.h"
#include "workers/api/problem.h"
#include "workers/api/route.h"

#include <jansson.h>
#include <stdio.h>

enum {
    ANSWER_CAP = 8192,
    LIST_CAP = 2 << 20,
    PREFIX_SEGMENT = 5, /* /admin/v1/accounts/{id}/keys/{prefix} */
    TIME_MAX_BYTES = 64,
    OVERLAP_MAX_S = 90 * 86400
};

/* A request about a key, while it waits for Redis. */
struct work {
    struct api *api;
    struct httpd_req *req;
    char account[CHUNK_ACCOUNT_MAX + 1], prefix[33]; /* of the address */
    struct api_key key;                              /* that is made */
    char text[KEY_TEXT_SIZE];
    int64_t now_ms, overlap_ms, old_expires_at_ms; /* of a rotation; else 0 */
};

/* --- answers --- */

static void write_members(struct buf *out, const struct api_key *key, int64_t now_ms)
{
    buf_printf(out, "\"prefix\":\"%s\",\"account\":\"%s\"", key->prefix, key->account);
    answer_text(out, "name", str_of(key->name));
    buf_text(out, ",\"scopes\":");
    scopes_write(out, key->scopes);
    admin_limits_write(out, &key->limit);
    answer_bool(out, "active", api_key_state(key, now_ms) == API_KEY_ACTIVE);
    answer_time(out, "created_at", key->created_at_ms);
    answer_time(out, "last_used_at", key->used_at_ms);
    answer_time(out, "expires_at", key->expires_at_ms);
    answer_time(out, "revoked_at", key->revoked_at_ms);
}

static void answer_new_key(const struct work *work)
{
    struct buf body = {.cap = ANSWER_CAP};
    buf_printf(&body, "{\"key\":\"%s\",", work->text);
    write_members(&body, &work->key, work->now_ms);
    if (work->prefix[0] != '\0') {
        answer_text(&body, "replaces", str_of(work->prefix));
        answer_time(&body, "replaced_expires_at", work->old_expires_at_ms);
    }
    buf_char(&body, '}');
    answer_json(work->req, 201, &body);
}

/* Ends the work. */
static void fail(struct work *own_work, enum err err)
{
    if (err == ERR_NOT_FOUND && own_work->prefix[0] != '\0')
        problem_simple(own_work->req, 404, "This account has no key with this prefix.");
    else if (err == ERR_FULL)
        problem_simple(
            own_work->req, 409,
            "The account has too many keys. Revoke some; revoked ones go after a month.");
    else if (err == ERR_CONFLICT) /* two random prefixes were the same */
        problem_unavailable(own_work->req, "The key was not made. Try again.");
    else
        admin_account_error(own_work->req, err);
    xfree(own_work);
}

/* --- reading --- */

/* Reads the address; the work is for one key if that names one. NULL: answered. */
static struct work *begin(struct api *api, struct httpd_req *own_req, bool one)
{
    struct work *work = xalloc(sizeof(*work));
    struct str prefix = route_segment(httpd_path(own_req), PREFIX_SEGMENT);
    work->api = api;
    work->req = own_req;
    work->now_ms = clock_wall_ms();
    if (!admin_account_path(work->account, own_req)) {
        fail(work, ERR_NOT_FOUND);
        return NULL;
    }
    if (one && prefix.n >= sizeof(work->prefix)) {
        work->prefix[0] = '?'; /* can't be one */
        fail(work, ERR_NOT_FOUND);
        return NULL;
    }
    if (one)
        memcpy(work->prefix, prefix.p, prefix.n);
    return work;
}

static void read_scopes(struct api_key *key, const json_t *root, struct problem *problem)
{
    const json_t *list = fields_get(root, "scopes");
    key->scopes = list != NULL ? 0 : SCOPE_ALL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        unsigned scope = name != NULL ? scope_of_name(name) : 0;
        key->scopes |= scope;
        if (scope == 0)
            key->scopes = 0;
        if (scope == 0)
            break;
    }
    if (key->scopes == 0)
        problem_error(problem, "/scopes", "invalid",
                      "\"scopes\" must be a list of one or more of read, send and manage.");
}

static void read_expiry(struct work *work, const json_t *root, struct problem *problem)
{
    struct str text = fields_text(root, "expires_at", TIME_MAX_BYTES, problem);
    if (text.p == NULL)
        return;
    if (clock_parse(&work->key.expires_at_ms, text) != ERR_OK ||
        work->key.expires_at_ms <= work->now_ms)
        problem_error(problem, "/expires_at", "invalid",
                      "\"expires_at\" must be a time to come, such as \"2027-01-31T00:00:00Z\".");
}

/* False: answered, and the work is over. */
static bool well_read(struct work *own_work, struct problem *own_problem)
{
    if (own_problem->errors == 0) {
        problem_done(own_problem);
        return true;
    }
    problem_answer(own_work->req, own_problem);
    xfree(own_work);
    return false;
}

/* --- create --- */

static void on_created(void *arg, enum err err, const struct api_key *key)
{
    struct work *work = arg;
    if (err != ERR_OK) {
        fail(work, err);
        return;
    }
    LOG(LOG_INFO, EV("key_created"), KSTR("account", key->account), KSTR("prefix", key->prefix));
    work->key = *key;
    answer_new_key(work);
    xfree(work);
}

static void on_account(void *arg, enum err err, const struct account *account)
{
    struct work *work = arg;
    if (err == ERR_OK) {
        memcpy(work->key.account, account->id, sizeof(work->key.account));
        work->key.created_at_ms = work->now_ms;
        err = api_keys_create(work->api->links.redis, &work->key, work->text, on_created, work);
    }
    if (err != ERR_OK)
        fail(work, err);
}

void admin_key_create(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    static const char *const fields[] = {"name", "scopes", "limits", "expires_at", NULL};
    struct problem problem;
    struct work *work = begin(api, own_req, false);
    (void)caller;
    if (work == NULL)
        return;
    json_auto_t *root = fields_read(httpd_body(own_req), false, fields, &problem);
    if (json_is_object(root)) {
        admin_name_read(work->key.name, root, &problem);
        read_scopes(&work->key, root, &problem);
        (void)admin_limits_read(&work->key.limit, root, &problem);
        read_expiry(work, root, &problem);
    }
    if (!well_read(work, &problem))
        return;
    enum err err = accounts_get(api->links.redis, work->account, on_account, work);
    if (err != ERR_OK)
        fail(work, err);
}

/* --- list and get --- */

static void on_list(void *arg, enum err err, const struct api_key *list, size_t count)
{
    struct work *work = arg;
    struct buf body = {.cap = LIST_CAP};
    if (err != ERR_OK) {
        fail(work, err);
        return;
    }
    buf_text(&body, "{\"keys\":[");
    for (size_t i = 0; i < count; i++) {
        buf_text(&body, i > 0 ? ",{" : "{");
        write_members(&body, &list[i], work->now_ms);
        buf_char(&body, '}');
    }
    buf_printf(&body, "],\"total\":%zu}", count);
    answer_json(work->req, 200, &body);
    xfree(work);
}

static void on_account_of_list(void *arg, enum err err, const struct account *account)
{
    struct work *work = arg;
    if (err == ERR_OK)
        err = api_keys_list(work->api->links.redis, account->id, on_list, work);
    if (err != ERR_OK)
        fail(work, err);
}

void admin_keys_list(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct work *work = begin(api, own_req, false);
    (void)caller;
    if (work == NULL)
        return;
    enum err err = accounts_get(api->links.redis, work->account, on_account_of_list, work);
    if (err != ERR_OK)
        fail(work, err);
}

/* One is looked for in the list, which knows when it was last used, and holds no other account's. */
static void on_list_of_one(void *arg, enum err err, const struct api_key *list, size_t count)
{
    struct work *work = arg;
    size_t i = 0;
    while (i < count && strcmp(list[i].prefix, work->prefix) != 0)
        i++;
    if (err != ERR_OK || i == count) {
        fail(work, err != ERR_OK ? err : ERR_NOT_FOUND);
        return;
    }
    struct buf body = {.cap = ANSWER_CAP};
    buf_char(&body, '{');
    write_members(&body, &list[i], work->now_ms);
    buf_char(&body, '}');
    answer_json(work->req, 200, &body);
    xfree(work);
}

void admin_key_get(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct work *work = begin(api, own_req, true);
    (void)caller;
    if (work == NULL)
        return;
    enum err err = api_keys_list(api->links.redis, work->account, on_list_of_one, work);
    if (err != ERR_OK)
        fail(work, err);
}

/* --- revoke --- */

static void on_revoked(void *arg, enum err err, const struct api_key *key)
{
    struct work *work = arg;
    if (err != ERR_OK) {
        fail(work, err);
        return;
    }
    LOG(LOG_INFO, EV("key_revoked"), KSTR("account", key->account), KSTR("prefix", key->prefix));
    answer_nothing(work->req);
    xfree(work);
}

/* The error with which a key that was looked up is out of the question. */
static enum err check_owner(const struct work *work, enum err err, const struct api_key *key)
{
    if (err == ERR_OK && strcmp(key->account, work->account) != 0)
        return ERR_NOT_FOUND;
    return err;
}

static void on_key_to_revoke(void *arg, enum err err, const struct api_key *key)
{
    struct work *work = arg;
    err = check_owner(work, err, key);
    if (err == ERR_OK && key->revoked_at_ms > 0) { /* its first time counts */
        answer_nothing(work->req);
        xfree(work);
        return;
    }
    if (err == ERR_OK)
        err = api_keys_revoke(work->api->links.redis, work->prefix, work->now_ms, on_revoked, work);
    if (err != ERR_OK)
        fail(work, err);
}

void admin_key_revoke(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct work *work = begin(api, own_req, true);
    (void)caller;
    if (work == NULL)
        return;
    enum err err = api_keys_get(api->links.redis, work->prefix, on_key_to_revoke, work);
    if (err != ERR_OK)
        fail(work, err);
}

/* --- rotate: the new key is made first, so that there is never none --- */

static void on_old_ends(void *arg, enum err err, const struct api_key *old)
{
    struct work *work = arg;
    if (err != ERR_OK) { /* the new key is listed, but nobody was told it */
        fail(work, err);
        return;
    }
    LOG(LOG_INFO, EV("key_rotated"), KSTR("account", old->account), KSTR("prefix", old->prefix),
        KSTR("new_prefix", work->key.prefix));
    work->old_expires_at_ms = old->expires_at_ms;
    answer_new_key(work);
    xfree(work);
}

static void on_successor(void *arg, enum err err, const struct api_key *key)
{
    struct work *work = arg;
    if (err == ERR_OK) {
        work->key = *key;
        err = api_keys_expire(work->api->links.redis, work->prefix, work->now_ms,
                              work->old_expires_at_ms, on_old_ends, work);
    }
    if (err != ERR_OK)
        fail(work, err);
}

static void on_key_to_rotate(void *arg, enum err err, const struct api_key *old)
{
    struct work *work = arg;
    err = check_owner(work, err, old);
    if (err == ERR_OK && api_key_state(old, work->now_ms) != API_KEY_ACTIVE) {
        problem_simple(work->req, 409, "The key is over; it can't be rotated. Create another.");
        xfree(work);
        return;
    }
    if (err == ERR_OK) {
        struct api_key *new = &work->key;
        int64_t end_ms = work->now_ms + work->overlap_ms;
        memcpy(new->account, old->account, sizeof(new->account));
        memcpy(new->name, old->name, sizeof(new->name));
        new->scopes = old->scopes;
        new->limit = old->limit;
        new->created_at_ms = work->now_ms;
        work->old_expires_at_ms =
            old->expires_at_ms > 0 && old->expires_at_ms < end_ms ? old->expires_at_ms : end_ms;
        err = api_keys_create(work->api->links.redis, new, work->text, on_successor, work);
    }
    if (err != ERR_OK)
        fail(work, err);
}

void admin_key_rotate(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    static const char *const fields[] = {"overlap", "expires_at", NULL};
    struct problem problem;
    struct work *work = begin(api, own_req, true);
    (void)caller;
    if (work == NULL)
        return;
    json_auto_t *root = fields_read(httpd_body(own_req), true, fields, &problem);
    if (json_is_object(root)) {
        work->overlap_ms = 1000 * fields_int(root, "overlap", 0, OVERLAP_MAX_S, 0, &problem);
        read_expiry(work, root, &problem);
    }
    if (!well_read(work, &problem))
        return;
    enum err err = api_keys_get(api->links.redis, work->prefix, on_key_to_rotate, work);
    if (err != ERR_OK)
        fail(work, err);
}
