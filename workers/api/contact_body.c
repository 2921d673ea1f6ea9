#include "workers/api/contact_body.h"

#include "common/sms/contact.h"
#include "workers/api/answer.h"
#include "workers/api/fields.h"

#include <jansson.h>
#include <stdio.h>

const char *const contact_body_fields[] = {
    "type",         "contact_type", "name", "first_name", "last_name",  "company_name",
    "phone_number", "email",        "tags", "notes",      "attributes", NULL};

/* Those that are texts and stand in the answer as they are stored. */
static const char *const texts[] = {"name",         "first_name", "last_name", "company_name",
                                    "phone_number", "email",      "notes"};
enum { TEXTS = sizeof(texts) / sizeof(texts[0]), POINTER_SIZE = 160 };

static struct str text_of(const json_t *value)
{
    return (struct str){json_string_value(value), json_string_length(value)};
}

/* what: "must be ..." */
static void wrong(struct problem *problem, const char *pointer, const char *name, const char *what)
{
    bool number = strcmp(name, "phone_number") == 0;
    problem_error(problem, pointer, number ? "invalid_number" : "invalid", "\"%s\" %s.", name,
                  what);
}

static void apply_text(json_t *contact, const char *field, const char *name, const json_t *body,
                       struct problem *problem)
{
    char pointer[POINTER_SIZE];
    const json_t *value = fields_get(body, name);
    if (value == NULL)
        return;
    const char *what = json_is_string(value) ? contact_set(contact, str_of(field), text_of(value))
                                             : "must be a text";
    (void)snprintf(pointer, sizeof(pointer), "/%s", name);
    if (what != NULL)
        wrong(problem, pointer, name, what);
}

static void apply_type(json_t *contact, const json_t *body, struct problem *problem)
{
    const json_t *type = fields_get(body, "type"), *other = fields_get(body, "contact_type");
    apply_text(contact, "type", "contact_type", body, problem);
    apply_text(contact, "type", "type", body, problem);
    if (type != NULL && other != NULL && !json_equal(type, other))
        wrong(problem, "/contact_type", "contact_type", "must be what \"type\" is");
    if (json_object_get(contact, "type") == NULL)
        (void)json_object_set_new(contact, "type", json_string("person"));
}

static void apply_tags(json_t *contact, const json_t *body, struct problem *problem)
{
    char pointer[POINTER_SIZE];
    const json_t *tags = fields_get(body, "tags");
    if (tags == NULL)
        return;
    if (!json_is_array(tags)) {
        wrong(problem, "/tags", "tags", "must be a list of texts");
        return;
    }
    (void)json_object_del(contact, "tags");
    for (size_t i = 0; i < json_array_size(tags); i++) {
        const json_t *tag = json_array_get(tags, i);
        const char *what =
            json_is_string(tag) ? contact_add_tag(contact, text_of(tag)) : "must be a text";
        (void)snprintf(pointer, sizeof(pointer), "/tags/%zu", i);
        if (what != NULL)
            wrong(problem, pointer, "tags", what);
    }
}

static void apply_attributes(json_t *contact, json_t *attributes, struct problem *problem)
{
    char pointer[POINTER_SIZE];
    const char *name;
    json_t *value;
    if (attributes != NULL && !json_is_object(attributes))
        wrong(problem, "/attributes", "attributes", "must be an object of texts");
    json_object_foreach(attributes, name, value)
    {
        if (json_is_null(value))
            continue;
        const char *what = json_is_string(value)
                               ? contact_set_attribute(contact, str_of(name), text_of(value))
                               : "must be a text";
        (void)snprintf(pointer, sizeof(pointer), "/attributes/%.64s",
                       strpbrk(name, "/~") == NULL ? name : "");
        if (what != NULL)
            wrong(problem, pointer, "attributes", what);
    }
}

void contact_body_apply(json_t *contact, const json_t *body, int64_t now_ms,
                        struct problem *problem)
{
    bool name = fields_get(body, "name") != NULL;
    bool parts = fields_get(body, "first_name") != NULL || fields_get(body, "last_name") != NULL;
    json_t *attributes = json_object_get(body, "attributes");
    apply_type(contact, body, problem);
    for (size_t i = 0; i < TEXTS; i++)
        apply_text(contact, texts[i], texts[i], body, problem);
    apply_tags(contact, body, problem);
    apply_attributes(contact, json_is_null(attributes) ? NULL : attributes, problem);
    contact_complete(contact, name, parts);
    if (json_object_get(contact, "created") == NULL)
        (void)json_object_set_new(contact, "created", json_integer(now_ms));
    (void)json_object_set_new(contact, "updated", json_integer(now_ms));
}

static int append(const char *bytes, size_t n, void *arg)
{
    buf_add(arg, bytes, n);
    return 0;
}

enum err contact_body_store(struct buf *out, const json_t *contact)
{
    struct buf text = {.cap = CONTACT_JSON_MAX};
    (void)json_dump_callback(contact, append, &text, JSON_COMPACT);
    enum err err = text.full ? ERR_TOO_LONG : ERR_OK;
    buf_str(out, buf_view(&text));
    buf_done(&text);
    return err;
}

static void write_json(struct buf *out, const char *name, const json_t *value, const char *none)
{
    buf_printf(out, ",\"%s\":", name);
    if (value == NULL)
        buf_text(out, none);
    else
        (void)json_dump_callback(value, append, out, JSON_COMPACT);
}

void contact_body_write(struct buf *out, struct id id, const json_t *contact)
{
    char text[ID_TEXT_SIZE];
    struct str type = text_of(json_object_get(contact, "type"));
    id_format(text, id);
    buf_printf(out, "{\"id\":\"%s\"", text);
    answer_text(out, "type", type);
    answer_text(out, "contact_type", type);
    for (size_t i = 0; i < TEXTS; i++)
        answer_text(out, texts[i], text_of(json_object_get(contact, texts[i])));
    write_json(out, "tags", json_object_get(contact, "tags"), "[]");
    write_json(out, "attributes", json_object_get(contact, "attributes"), "{}");
    answer_time(out, "created_at", json_integer_value(json_object_get(contact, "created")));
    answer_time(out, "updated_at", json_integer_value(json_object_get(contact, "updated")));
    buf_char(out, '}');
}
