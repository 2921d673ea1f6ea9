#include "workers/simulator/submit.h"

#include <jansson.h>

/* A text of at most max bytes; NULL and null are the empty one. */
static bool read_text(struct str *text, const json_t *value, size_t max)
{
    *text = (struct str){json_string_value(value), json_string_length(value)};
    return (value == NULL || json_is_null(value) || json_is_string(value)) && text->n <= max;
}

static bool read_url(struct str *url, const json_t *value)
{
    return read_text(url, value, SUBMIT_MAX_URL_BYTES) &&
           (url->n == 0 || str_starts(*url, STR("http://")) || str_starts(*url, STR("https://")));
}

static bool read_encoding(bool *ucs2, const json_t *value)
{
    struct str name = {json_string_value(value), json_string_length(value)};
    *ucs2 = str_eq(name, STR("ucs2"));
    return *ucs2 || str_eq(name, STR("gsm7"));
}

static bool read_parts(uint8_t *parts, const json_t *value)
{
    json_int_t n = json_integer_value(value);
    *parts = (uint8_t)n;
    return json_is_integer(value) && n >= 1 && n <= SUBMIT_MAX_PARTS;
}

static bool read_to(struct phone *to, const json_t *value)
{
    return json_is_string(value) &&
           phone_parse(to, json_string_value(value), json_string_length(value)) == ERR_OK;
}

/* NULL when all is well. */
static const char *read_fields(struct submit *s, const json_t *root)
{
    if (!json_is_object(root))
        return "not a JSON object";
    const json_t *text = json_object_get(root, "text");
    if (!read_text(&s->reference, json_object_get(root, "reference"), SUBMIT_MAX_REFERENCE_BYTES) ||
        s->reference.n == 0)
        return "reference must be a text of 1 to 128 bytes";
    if (!read_to(&s->to, json_object_get(root, "to")))
        return "to must be a number like +4799999999";
    if (!json_is_string(text) || !read_text(&s->text, text, SUBMIT_MAX_TEXT_BYTES))
        return "text must be a text of at most 6400 bytes";
    if (!read_text(&s->from, json_object_get(root, "from"), SUBMIT_MAX_FROM_BYTES))
        return "from must be a text of at most 32 bytes";
    if (!read_encoding(&s->ucs2, json_object_get(root, "encoding")))
        return "encoding must be gsm7 or ucs2";
    if (!read_parts(&s->parts, json_object_get(root, "parts")))
        return "parts must be a whole number from 1 to 255";
    if (!read_url(&s->report_url, json_object_get(root, "report_url")))
        return "report_url must be an http or https URL of at most 2048 bytes";
    return NULL;
}

enum err submit_parse(struct submit *ret_submit, struct str json, const char **ret_fault)
{
    struct submit s = {.tree = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, NULL)};
    const char *fault = s.tree == NULL ? "not valid JSON" : read_fields(&s, s.tree);
    if (fault != NULL) {
        submit_done(&s);
        *ret_fault = fault;
        return ERR_SYNTAX;
    }
    *ret_submit = s;
    return ERR_OK;
}

void submit_done(struct submit *own_submit)
{
    json_decref(own_submit->tree);
    *own_submit = (struct submit){0};
}
