#include "workers/api/profile.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/io/crypto.h"
#include "common/sms/money.h"
#include "common/store/approvals.h"
#include "common/store/sender_use.h"
#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/fields.h"
#include "workers/api/problem.h"
#include "workers/api/route.h"

#include <jansson.h>
#include <stdio.h>

enum {
    USE_MOST = 1000,    /* sends that are counted */
    PROFILE_CAP = 2048, /* of one, whatever its name is made of */
    PROFILE_SEGMENT = 3 /* /v1/sms/sender-profiles/{id} */
};

/* A request on its way. */
struct call {
    struct api *api;
    struct httpd_req *req;
    char account[CHUNK_ACCOUNT_MAX + 1], currency[CURRENCY_SIZE];
    struct profile profile; /* that is to be made, or whose id is to be deleted */
};

static struct call *new_call(struct api *api, struct httpd_req *req, const struct caller *caller)
{
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){.api = api, .req = req};
    memcpy(call->account, caller->account->id, sizeof(call->account));
    memcpy(call->currency, caller->account->currency, sizeof(call->currency));
    return call;
}

/* --- answers --- */

void profile_write_members(struct buf *out, const struct api *api, const char *currency,
                           const struct profile *profile)
{
    buf_printf(out, "\"id\":\"%s\"", profile->id);
    answer_text(out, "name", str_of(profile->name));
    answer_text(out, "sender_id", str_of(profile->sender.text));
    answer_bool(out, "is_default", profile->is_default);
    answer_bool(out, "allow_reply", profile->allow_reply);
    answer_bool(out, "is_custom_sender", profile->sender.custom);
    answer_text(out, "approval_status", str_of(approval_name(profile->approval)));
    buf_text(out, ",\"monthly_price\":");
    money_write(out, profile->sender.custom ? prices_sender_milli(api, currency) : 0);
    answer_time(out, "created_at", profile->created_at_ms);
}

void profile_write(struct buf *out, const struct api *api, const char *currency,
                   const struct profile *profile)
{
    buf_char(out, '{');
    profile_write_members(out, api, currency, profile);
    buf_char(out, '}');
}

static void unavailable(struct httpd_req *own_req)
{
    problem_unavailable(own_req, "Redis can't be reached at the moment. Try again.");
}

/* --- list --- */

static void on_list(void *arg, enum err err, const struct profile *profiles, size_t count)
{
    struct call *call = arg;
    struct buf body = {.cap = (size_t)PROFILE_CAP * PROFILES_MAX};
    if (err != ERR_OK) {
        unavailable(call->req);
    } else {
        buf_char(&body, '[');
        for (size_t i = 0; i < count; i++) {
            if (i > 0)
                buf_char(&body, ',');
            profile_write(&body, call->api, call->currency, &profiles[i]);
        }
        buf_char(&body, ']');
        answer_json(call->req, 200, &body);
    }
    xfree(call);
}

void profile_list(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct call *call = new_call(api, own_req, caller);
    if (profiles_list(api->links.redis, call->account, on_list, call) != ERR_OK)
        on_list(call, ERR_IO, NULL, 0);
}

/* --- create --- */

static void read_sender(struct sender_id *sender, const json_t *root, struct problem *problem)
{
    const json_t *value = fields_required(root, "sender_id", problem);
    struct str text = {json_string_value(value), json_string_length(value)};
    if (value == NULL)
        return;
    enum err err = json_is_string(value) ? sender_id_parse(sender, text) : ERR_SYNTAX;
    if (err != ERR_OK)
        problem_error(problem, "/sender_id", "invalid", "\"sender_id\" %s.",
                      sender_id_trouble(err));
}

static void read_profile(struct profile *profile, const json_t *root, struct problem *problem)
{
    struct str name = fields_text(root, "name", NAME_SIZE - 1, problem);
    if (fields_required(root, "name", problem) != NULL && name.p != NULL && name.n == 0)
        problem_error(problem, "/name", "invalid", "\"name\" must not be empty.");
    memcpy(profile->name, name.p != NULL ? name.p : "", name.n);
    read_sender(&profile->sender, root, problem);
    profile->allow_reply = fields_bool(root, "allow_reply", true, problem);
    profile->wants_default = fields_bool(root, "is_default", false, problem);
    bool confirmed = fields_bool(root, "brand_confirmation", false, problem);
    const json_t *given = fields_get(root, "brand_confirmation");
    if (profile->sender.custom && !confirmed && (given == NULL || json_is_boolean(given)))
        problem_error(
            problem, "/brand_confirmation", given == NULL ? "missing" : "invalid",
            "\"brand_confirmation\" must be true for a brand's name: it says that you may "
            "use that name.");
}

static void refuse(struct call *call, enum err err)
{
    char detail[200];
    if (err == ERR_CONFLICT)
        (void)snprintf(detail, sizeof(detail),
                       "There is a sender profile with the sender id \"%s\" already. To change it, "
                       "delete it and create it anew.",
                       call->profile.sender.text);
    else if (err == ERR_FULL)
        (void)snprintf(detail, sizeof(detail),
                       "An account may have %d sender profiles at most. Delete one first.",
                       PROFILES_MAX);
    else
        (void)snprintf(detail, sizeof(detail),
                       "It is not known whether the sender profile was created. Look at the list "
                       "before you try again.");
    if (err == ERR_IO)
        unavailable(call->req);
    else
        problem_simple(call->req, err == ERR_UNKNOWN ? 500 : 409, detail);
}

static void on_created(void *arg, enum err err, const struct profile *profile)
{
    struct call *call = arg;
    bool waits = err == ERR_UNKNOWN || (err == ERR_OK && profile->approval == APPROVAL_PENDING);
    if (!waits)
        approvals_drop(call->api->links.redis, call->account, call->profile.id);
    if (err != ERR_OK) {
        refuse(call, err);
    } else {
        struct buf body = {.cap = PROFILE_CAP};
        LOG(LOG_INFO, EV("profile_created"), KSTR("account", call->account),
            KSTR("profile", profile->id), KSTR("approval", approval_name(profile->approval)));
        profile_write(&body, call->api, call->currency, profile);
        answer_json(call->req, 200, &body);
    }
    xfree(call);
}

static enum err create(struct call *call)
{
    struct redis *redis = call->api->links.redis;
    uint8_t random[ID_RANDOM_SIZE];
    struct approvals_entry entry = {.at_ms = clock_wall_ms()};
    crypto_random(random, sizeof(random));
    id_format(call->profile.id, id_new(entry.at_ms, random));
    memcpy(entry.account, call->account, sizeof(entry.account));
    memcpy(entry.profile, call->profile.id, sizeof(entry.profile));
    enum err err = approvals_add(redis, &entry);
    if (err == ERR_OK)
        err = profiles_create(redis, call->account, &call->profile, on_created, call);
    return err;
}

void profile_create(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    static const char *const fields[] = {"name",       "sender_id",          "allow_reply",
                                         "is_default", "brand_confirmation", NULL};
    struct problem problem;
    struct call *call = new_call(api, own_req, caller);
    json_auto_t *root = fields_read(httpd_body(own_req), false, fields, &problem);
    if (json_is_object(root))
        read_profile(&call->profile, root, &problem);
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        xfree(call);
        return;
    }
    problem_done(&problem);
    if (create(call) != ERR_OK)
        on_created(call, ERR_IO, NULL);
}

/* --- delete --- */

static void answer_deleted(struct httpd_req *own_req, enum err err)
{
    if (err == ERR_OK)
        answer_nothing(own_req);
    else if (err == ERR_NOT_FOUND)
        problem_simple(own_req, 404, "There is no sender profile with this id.");
    else if (err == ERR_CONFLICT)
        problem_simple(own_req, 409,
                       "This is the default sender profile, and the only one. Create another one "
                       "before you delete it.");
    else if (err == ERR_UNKNOWN)
        problem_simple(own_req, 500,
                       "It is not known whether the sender profile was deleted. Look at the list.");
    else
        unavailable(own_req);
}

static void on_deleted(void *arg, enum err err, const struct profile *profile)
{
    struct call *call = arg;
    if (err == ERR_OK) {
        LOG(LOG_INFO, EV("profile_deleted"), KSTR("account", call->account),
            KSTR("profile", profile->id));
        approvals_drop(call->api->links.redis, call->account, profile->id);
    }
    answer_deleted(call->req, err);
    xfree(call);
}

static void answer_used(struct httpd_req *own_req, unsigned sends)
{
    char detail[200], members[40];
    (void)snprintf(
        detail, sizeof(detail),
        "%u%s send%s that %s QUEUED or SCHEDULED use%s this sender profile. Delete it when "
        "they are sent, or cancel them.",
        sends, sends == USE_MOST ? " or more" : "", sends == 1 ? "" : "s",
        sends == 1 ? "is" : "are", sends == 1 ? "s" : "");
    (void)snprintf(members, sizeof(members), "\"sends\":%u", sends);
    problem_extended(own_req, 409, detail, members);
}

/* A send that is accepted between this count and the removal has a copy of its sender, and is sent. */
static void on_counted(void *arg, enum err err, unsigned sends)
{
    struct call *call = arg;
    if (err == ERR_OK && sends > 0) {
        answer_used(call->req, sends);
        xfree(call);
        return;
    }
    if (err == ERR_OK)
        err = profiles_remove(call->api->links.redis, call->account, call->profile.id, on_deleted,
                              call);
    if (err != ERR_OK)
        on_deleted(call, ERR_IO, NULL);
}

static void on_found(void *arg, enum err err, const struct profile *profile)
{
    struct call *call = arg;
    if (err == ERR_OK)
        err = sender_use_count(call->api->links.redis, call->account, profile, USE_MOST, on_counted,
                               call);
    if (err != ERR_OK)
        on_deleted(call, err == ERR_NOT_FOUND ? err : ERR_IO, NULL);
}

void profile_delete(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct id id;
    if (id_parse(&id, route_segment(httpd_path(own_req), PROFILE_SEGMENT)) != ERR_OK) {
        answer_deleted(own_req, ERR_NOT_FOUND);
        return;
    }
    struct call *call = new_call(api, own_req, caller);
    id_format(call->profile.id, id);
    enum err err = profiles_find(api->links.redis, call->account, str_of(call->profile.id),
                                 (struct str){0}, on_found, call);
    if (err != ERR_OK)
        on_deleted(call, ERR_IO, NULL);
}
