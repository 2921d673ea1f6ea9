#include "workers/api/send_request.h"

#include "workers/api/fields.h"
#include "workers/api/send_schedule.h"

#include <jansson.h>
#include <stdio.h>

enum { TIME_MAX_BYTES = 200 };

static const char *const fields[] = {"to",           "message",  "customer_ref",
                                     "scheduled_at", "timezone", NULL};

static void number_error(struct problem *problem, size_t i, bool list, const json_t *value)
{
    const char *text = json_string_value(value);
    char pointer[80];
    (void)snprintf(pointer, sizeof(pointer), list ? "/to/%zu" : "/to", i);
    if (text == NULL)
        problem_error(problem, pointer, "invalid_number",
                      "A number must be a text such as \"+4799999999\".");
    else if (text[0] >= '0' && text[0] <= '9')
        problem_error(
            problem, pointer, "invalid_number",
            "The number has no '+' before its country code; write it as \"+4799999999\".");
    else
        problem_error(problem, pointer, "invalid_number",
                      "Not a phone number in E.164 form: '+', then 7 to 15 digits of which the "
                      "first is not 0.");
}

static bool is_there(const struct send_request *r, const struct phone *phone)
{
    for (size_t i = 0; i < r->to_count; i++) {
        if (strcmp(r->to[i].digits, phone->digits) == 0)
            return true;
    }
    return false;
}

static void read_number(struct send_request *r, const json_t *value, size_t i, bool list,
                        struct problem *problem)
{
    struct phone phone;
    if (!json_is_string(value) ||
        phone_parse(&phone, json_string_value(value), json_string_length(value)) != ERR_OK)
        number_error(problem, i, list, value);
    else if (is_there(r, &phone))
        r->duplicates++;
    else
        r->to[r->to_count++] = phone;
}

static void read_numbers(struct send_request *r, const json_t *root, struct problem *problem)
{
    const json_t *to = json_object_get(root, "to");
    if (to == NULL || json_is_null(to)) {
        problem_error(problem, "/to", "missing", "\"to\" must name at least one number.");
        return;
    }
    if (json_is_string(to)) { /* as the vendor's own client sends it */
        read_number(r, to, 0, false, problem);
        return;
    }
    if (!json_is_array(to) || json_array_size(to) == 0 || json_array_size(to) > CHUNK_MAX) {
        problem_error(problem, "/to",
                      json_is_array(to) && json_array_size(to) > 0 ? "too_many" : "invalid",
                      "\"to\" must be a list of 1 to %d numbers.", CHUNK_MAX);
        return;
    }
    for (size_t i = 0; i < json_array_size(to); i++)
        read_number(r, json_array_get(to, i), i, true, problem);
}

/* The first control character that a message may not hold; -1: there is none. */
static int forbidden_control(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f') || c == 0x7f)
            return c;
        unsigned char next = i + 1 < text.n ? (unsigned char)text.p[i + 1] : 0;
        if (c == 0xc2 && next >= 0x80 && next < 0xa0) /* U+0080 to U+009F */
            return next;
    }
    return -1;
}

static void length_error(const struct segments *s, struct problem *problem)
{
    char why[120] = "";
    if (s->encoding == SEGMENTS_UCS2)
        (void)snprintf(why, sizeof(why),
                       " The first character that forces Unicode is U+%04X, character %zu.",
                       (unsigned)s->first_unicode.cp, s->first_unicode.index + 1);
    problem_error(problem, "/message", "too_long",
                  "The message has %zu characters and %zu parts in %s; at most %d characters and "
                  "%d parts are allowed.%s",
                  s->code_point_count, s->part_count,
                  s->encoding == SEGMENTS_GSM7 ? "GSM-7" : "Unicode", SEGMENTS_MAX_CODE_POINTS,
                  SEGMENTS_MAX_PARTS, why);
}

static void read_message(struct send_request *r, const json_t *root, struct problem *problem)
{
    const json_t *message = json_object_get(root, "message");
    if (message == NULL || json_is_null(message)) {
        problem_error(problem, "/message", "missing", "\"message\" is required.");
        return;
    }
    if (!json_is_string(message)) {
        problem_error(problem, "/message", "invalid", "\"message\" must be a text.");
        return;
    }
    r->message = (struct str){json_string_value(message), json_string_length(message)};
    int control = forbidden_control(r->message);
    if (control >= 0)
        problem_error(problem, "/message", "control_character",
                      "The message holds the control character U+%04X; only line feed, carriage "
                      "return, tab and form "
                      "feed are allowed.",
                      (unsigned)control);
    switch ((int)segments_split(&r->segments, r->message.p, r->message.n)) {
    case ERR_OK:
        return;
    case ERR_EMPTY:
        problem_error(problem, "/message", "empty", "The message is empty.");
        return;
    case ERR_TOO_LONG:
        length_error(&r->segments, problem);
        return;
    default:
        problem_error(problem, "/message", "invalid", "The message is not UTF-8.");
    }
}

static void read_schedule(struct send_request *r, const json_t *root, int64_t now_ms,
                          struct problem *problem)
{
    struct str at = fields_text(root, "scheduled_at", TIME_MAX_BYTES, problem);
    struct str timezone = fields_text(root, "timezone", TIME_MAX_BYTES, problem);
    r->due_ms = send_schedule_read(at, timezone, now_ms, problem);
}

bool send_request_read(struct send_request *ret_request, struct str body, int64_t now_ms,
                       struct problem *ret_problem)
{
    struct send_request r = {.to_count = 0};
    json_t *root = fields_read(body, false, fields, ret_problem);
    r.own_root = root;
    if (json_is_object(root)) {
        read_numbers(&r, root, ret_problem);
        read_message(&r, root, ret_problem);
        r.ref = fields_text(root, "customer_ref", SEND_REF_MAX_BYTES, ret_problem);
        read_schedule(&r, root, now_ms, ret_problem);
    }
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
    json_decref(request->own_root);
    request->own_root = NULL;
}
