#include "workers/api/keyword_body.h"

#include "common/io/url.h"
#include "workers/api/answer.h"
#include "workers/api/fields.h"
#include "workers/api/text_check.h"

#include <jansson.h>
#include <stdio.h>

enum { DESCRIPTION_MAX_BYTES = 500 };

const char *const keyword_body_new_fields[] = {
    "keyword",   "description",        "webhook_url", "auto_reply_message",
    "is_active", "auto_reply_enabled", NULL};
const char *const keyword_body_change_fields[] = {
    "description", "webhook_url", "auto_reply_message", "is_active", "auto_reply_enabled", NULL};

void keyword_body_keyword(struct keyword *ret_keyword, const json_t *body, struct problem *problem)
{
    const json_t *value = fields_required(body, "keyword", problem);
    struct str text = {json_string_value(value), json_string_length(value)};
    if (value == NULL)
        return;
    if (!json_is_string(value) || keyword_parse(ret_keyword, text) != ERR_OK)
        problem_error(
            problem, "/keyword", "invalid",
            "\"keyword\" must be 1 to %d letters (A to Z and the Nordic ones) and digits.",
            KEYWORD_MAX);
    else if (keyword_reserved(ret_keyword))
        problem_error(problem, "/keyword", "reserved",
                      "%s means opting out or in, or help, on every number; nobody can have it.",
                      ret_keyword->text);
}

json_t *keyword_body_record(struct id id, const struct keyword *keyword, int64_t at_ms)
{
    char id_text[ID_TEXT_SIZE];
    json_t *record = json_object();
    id_format(id_text, id);
    (void)json_object_set_new(record, "id", json_string(id_text));
    (void)json_object_set_new(record, "keyword", json_string(keyword->text));
    (void)json_object_set_new(record, "is_active", json_true());
    (void)json_object_set_new(record, "auto_reply_enabled", json_false());
    (void)json_object_set_new(record, "created_at", json_integer(at_ms));
    return record;
}

/* Whether a text of this field may be set; what is wrong is told. */
typedef bool (*check_fn)(struct str text, struct problem *problem);

static bool check_description(struct str text, struct problem *problem)
{
    if (text.n <= DESCRIPTION_MAX_BYTES)
        return text_check_characters(text, "/description", problem);
    problem_error(problem, "/description", "too_long",
                  "\"description\" has %zu bytes, not up to %d.", text.n, DESCRIPTION_MAX_BYTES);
    return false;
}

static bool check_url(struct str text, struct problem *problem)
{
    const char *why = "";
    if (url_check_callback(text, &why) == ERR_OK)
        return true;
    problem_error(problem, "/webhook_url", "invalid", "\"webhook_url\" %s.", why);
    return false;
}

static bool check_reply(struct str text, struct problem *problem)
{
    struct segments segments;
    return text_check(&segments, text, "/auto_reply_message", "The reply", problem);
}

static void apply_text(json_t *record, const char *name, const json_t *body, check_fn check,
                       struct problem *problem)
{
    const json_t *value = fields_get(body, name);
    struct str text = {json_string_value(value), json_string_length(value)};
    char pointer[40];
    if (value == NULL)
        return;
    if (!json_is_string(value)) {
        (void)snprintf(pointer, sizeof(pointer), "/%s", name);
        problem_error(problem, pointer, "invalid", "\"%s\" must be a text.", name);
    } else if (text.n == 0) {
        (void)json_object_del(record, name);
    } else if (check(text, problem)) {
        (void)json_object_set_new(record, name, json_stringn(text.p, text.n));
    }
}

static void apply_bool(json_t *record, const char *name, const json_t *body,
                       struct problem *problem)
{
    bool before = json_is_true(json_object_get(record, name));
    (void)json_object_set_new(record, name, json_boolean(fields_bool(body, name, before, problem)));
}

void keyword_body_apply(json_t *record, const json_t *body, struct problem *problem)
{
    apply_text(record, "description", body, check_description, problem);
    apply_text(record, "webhook_url", body, check_url, problem);
    apply_text(record, "auto_reply_message", body, check_reply, problem);
    apply_bool(record, "is_active", body, problem);
    apply_bool(record, "auto_reply_enabled", body, problem);
    if (problem->errors == 0 && json_is_true(json_object_get(record, "auto_reply_enabled")) &&
        json_object_get(record, "auto_reply_message") == NULL)
        problem_error(problem, "/auto_reply_enabled", "invalid",
                      "\"auto_reply_enabled\" needs an \"auto_reply_message\".");
}

static int add(const char *text, size_t n, void *out)
{
    buf_add(out, text, n);
    return 0;
}

void keyword_body_store(struct buf *out, const json_t *record)
{
    (void)json_dump_callback(record, add, out, JSON_COMPACT);
}

static void write_text(struct buf *out, const json_t *record, const char *name)
{
    const json_t *value = json_object_get(record, name);
    answer_text(out, name, (struct str){json_string_value(value), json_string_length(value)});
}

static void write_bool(struct buf *out, const json_t *record, const char *name)
{
    answer_bool(out, name, json_is_true(json_object_get(record, name)));
}

void keyword_body_write(struct buf *out, const json_t *record)
{
    const char *id = json_string_value(json_object_get(record, "id"));
    buf_printf(out, "{\"id\":\"%s\"", id != NULL ? id : "");
    write_text(out, record, "keyword");
    write_text(out, record, "description");
    write_bool(out, record, "is_active");
    write_text(out, record, "webhook_url");
    write_bool(out, record, "auto_reply_enabled");
    write_text(out, record, "auto_reply_message");
    buf_text(out, ",\"messages_received\":0,\"last_message_at\":null");
    answer_time(out, "created_at", json_integer_value(json_object_get(record, "created_at")));
    buf_char(out, '}');
}
