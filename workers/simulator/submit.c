#include "workers/simulator/submit.h"

#include "common/base/buf.h"

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

/* What all messages of a batch have, unless they say otherwise; shared is NULL for a single one. */
static const json_t *get(const json_t *message, const json_t *shared, const char *name)
{
    const json_t *value = json_object_get(message, name);
    return value != NULL || shared == NULL ? value : json_object_get(shared, name);
}

/* NULL when all is well. */
static const char *read_fields(struct submit *s, const json_t *root, const json_t *shared)
{
    if (!json_is_object(root))
        return "not a JSON object";
    const json_t *text = get(root, shared, "text");
    if (!read_text(&s->reference, json_object_get(root, "reference"), SUBMIT_MAX_REFERENCE_BYTES) ||
        s->reference.n == 0)
        return "reference must be a text of 1 to 128 bytes";
    if (!read_to(&s->to, json_object_get(root, "to")))
        return "to must be a number like +4799999999";
    if (!json_is_string(text) || !read_text(&s->text, text, SUBMIT_MAX_TEXT_BYTES))
        return "text must be a text of at most 6400 bytes";
    if (!read_text(&s->from, get(root, shared, "from"), SUBMIT_MAX_FROM_BYTES))
        return "from must be a text of at most 32 bytes";
    if (!read_encoding(&s->ucs2, get(root, shared, "encoding")))
        return "encoding must be gsm7 or ucs2";
    if (!read_parts(&s->parts, get(root, shared, "parts")))
        return "parts must be a whole number from 1 to 255";
    if (!read_url(&s->report_url, json_object_get(root, "report_url")))
        return "report_url must be an http or https URL of at most 2048 bytes";
    return NULL;
}

enum err submit_parse(struct submit *ret_submit, struct str json, const char **ret_fault)
{
    struct submit s = {.tree = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, NULL)};
    const char *fault = s.tree == NULL ? "not valid JSON" : read_fields(&s, s.tree, NULL);
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

static const char *read_batch(struct submit_batch *batch)
{
    const json_t *list = json_object_get(batch->tree, "messages");
    size_t count = json_array_size(list);
    if (count == 0 || count > SUBMIT_MAX_BATCH)
        return "messages must be a list of 1 to 1000 messages";
    batch->list = xalloc_array(count, sizeof(batch->list[0]));
    for (; batch->count < count; batch->count++) {
        const char *fault = read_fields(&batch->list[batch->count],
                                        json_array_get(list, batch->count), batch->tree);
        if (fault != NULL)
            return fault;
    }
    return NULL;
}

enum err submit_parse_batch(struct submit_batch *ret_batch, struct str json, const char **ret_fault)
{
    struct submit_batch batch = {.tree = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, NULL)};
    const char *fault = batch.tree == NULL ? "not valid JSON" : read_batch(&batch);
    if (fault != NULL) {
        submit_batch_done(&batch);
        *ret_fault = fault;
        return ERR_SYNTAX;
    }
    *ret_batch = batch;
    return ERR_OK;
}

void submit_batch_done(struct submit_batch *own_batch)
{
    xfree(own_batch->list);
    json_decref(own_batch->tree);
    *own_batch = (struct submit_batch){0};
}
