#include "workers/api/send_request.h"

#include "common/io/url.h"
#include "common/sms/duration.h"
#include "workers/api/fields.h"
#include "workers/api/send_recipients.h"
#include "workers/api/send_schedule.h"
#include "workers/api/text_check.h"

#include <jansson.h>
#include <stdio.h>

enum { TIME_MAX_BYTES = 200, SENDER_MAX_BYTES = 64 };

static const int64_t VALIDITY_LEAST_MS = 60000, VALIDITY_MOST_MS = INT64_C(7) * 86400000;

static const char *const fields[] = {
    "to",          "to_contacts",  "to_groups",    "message",      "sender_profile_id",
    "allow_reply", "customer_ref", "callback_url", "scheduled_at", "timezone",
    "recipients",  "sender_id",    "message_type", "validity",     "rate",
    "send_over",   "quiet_hours",  "skip_invalid", "dry_run",      NULL};

/* What a message without a single letter of its own would be: its text is known only with values. */
static void read_template(struct send_request *r, struct problem *problem)
{
    (void)text_check_characters(r->message, "/message", problem);
    if (r->message.n > (size_t)SEGMENTS_MAX_CODE_POINTS * 4 * 2)
        problem_error(problem, "/message", "too_long",
                      "The message is too long even for a template: %zu bytes.", r->message.n);
}

static void read_message(struct send_request *r, struct problem *problem)
{
    const json_t *message = fields_required(r->own_root, "message", problem);
    if (message == NULL)
        return;
    if (!json_is_string(message)) {
        problem_error(problem, "/message", "invalid", "\"message\" must be a text.");
        return;
    }
    r->message = (struct str){json_string_value(message), json_string_length(message)};
    if (template_names(&r->names, r->message) != ERR_OK)
        problem_error(problem, "/message", "too_many_variables",
                      "The message has more than %d different variables.", TEMPLATE_MAX_NAMES);
    else if (r->names.count > 0)
        read_template(r, problem);
    else
        (void)text_check(&r->segments, r->message, "/message", "The message", problem);
}

static void read_schedule(struct send_request *r, int64_t now_ms, struct problem *problem)
{
    struct str at = fields_text(r->own_root, "scheduled_at", TIME_MAX_BYTES, problem);
    struct str timezone = fields_text(r->own_root, "timezone", TIME_MAX_BYTES, problem);
    r->due_ms = send_schedule_read(at, timezone, now_ms, problem);
}

static void read_validity(struct send_request *r, struct problem *problem)
{
    struct str text = fields_text(r->own_root, "validity", TIME_MAX_BYTES, problem);
    if (text.p == NULL)
        return;
    if (duration_parse(&r->validity_ms, text) != ERR_OK || r->validity_ms < VALIDITY_LEAST_MS ||
        r->validity_ms > VALIDITY_MOST_MS)
        problem_error(problem, "/validity", "invalid",
                      "\"validity\" must be an ISO 8601 duration from PT1M to P7D, such as PT12H.");
}

static void read_type(struct send_request *r, struct problem *problem)
{
    struct str text = fields_text(r->own_root, "message_type", SENDER_MAX_BYTES, problem);
    if (text.p == NULL)
        return;
    r->type = message_type_of_name(text);
    if (r->type != MESSAGE_PLAIN && r->type != MESSAGE_VERIFY)
        problem_error(problem, "/message_type", "invalid",
                      "\"message_type\" must be PLAIN or VERIFY.");
}

static void read_callback(struct send_request *r, struct problem *problem)
{
    const char *why = NULL;
    r->callback = fields_text(r->own_root, "callback_url", SEND_CALLBACK_MAX_BYTES, problem);
    if (r->callback.p != NULL && url_check_callback(r->callback, &why) != ERR_OK)
        problem_error(problem, "/callback_url", "invalid", "\"callback_url\" %s.", why);
}

static void read_sender(struct send_request *r, struct problem *problem)
{
    struct id id;
    r->profile = fields_text(r->own_root, "sender_profile_id", SENDER_MAX_BYTES, problem);
    r->sender_id = fields_text(r->own_root, "sender_id", SENDER_MAX_BYTES, problem);
    if (r->profile.p != NULL && id_parse(&id, r->profile) != ERR_OK)
        problem_error(problem, "/sender_profile_id", "invalid_id", "This is not a UUID.");
    if (fields_get(r->own_root, "allow_reply") != NULL)
        r->allow_reply =
            fields_bool(r->own_root, "allow_reply", false, problem) ? SEND_YES : SEND_NO;
}

static void read_all(struct send_request *r, int64_t now_ms, struct problem *problem)
{
    r->skip_invalid = fields_bool(r->own_root, "skip_invalid", false, problem);
    r->dry_run = fields_bool(r->own_root, "dry_run", false, problem);
    r->ref = fields_text(r->own_root, "customer_ref", SEND_REF_MAX_BYTES, problem);
    read_message(r, problem);
    read_type(r, problem);
    read_sender(r, problem);
    read_callback(r, problem);
    read_schedule(r, now_ms, problem);
    read_validity(r, problem);
    r->pace = send_pace_read(r->own_root, problem);
    send_recipients_read(r, problem);
}

bool send_request_read(struct send_request *ret_request, struct str body, int64_t now_ms,
                       struct problem *ret_problem)
{
    struct send_request r = {.type = MESSAGE_PLAIN};
    r.own_root = fields_read(body, false, fields, ret_problem);
    if (json_is_object(r.own_root))
        read_all(&r, now_ms, ret_problem);
    if (ret_problem->errors > 0) {
        send_request_done(&r);
        return false;
    }
    problem_done(ret_problem);
    *ret_request = r;
    return true;
}

void send_request_done(struct send_request *request)
{
    for (size_t i = 0; i < request->to.count; i++)
        json_decref(request->entries[i].own_variables);
    xfree(request->entries);
    phones_done(&request->to);
    xfree(request->invalid);
    xfree(request->contacts);
    xfree(request->groups);
    json_decref(request->own_root);
    *request = (struct send_request){.type = MESSAGE_PLAIN};
}

struct str send_request_variable(const struct send_request *request, size_t i, struct str name)
{
    char key[TEMPLATE_NAME_MAX + 1];
    if (request->entries[i].own_variables == NULL || name.n >= sizeof(key))
        return (struct str){0};
    memcpy(key, name.p, name.n);
    key[name.n] = '\0';
    const json_t *value = json_object_get(request->entries[i].own_variables, key);
    return (struct str){json_string_value(value), json_string_length(value)};
}

void send_request_write_invalid(struct buf *out, const struct send_request *request)
{
    buf_text(out, ",\"invalid\":[");
    for (size_t i = 0; i < request->invalid_count; i++) {
        const struct send_invalid *invalid = &request->invalid[i];
        buf_printf(out, "%s{\"field\":\"%s\",\"index\":%zu,\"value\":", i > 0 ? "," : "",
                   invalid->field, invalid->index);
        if (invalid->is_text)
            buf_json(out, str_of(invalid->value));
        else
            buf_text(out, "null");
        buf_printf(out, ",\"reason\":\"%s\"}", invalid->reason);
    }
    buf_char(out, ']');
}
