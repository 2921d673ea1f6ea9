#include "workers/ctl/dead_letter.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <jansson.h>
#include <stdio.h>

enum { DIGITS_LEAST = 7, DIGITS_MOST = 15, MASKED_SIZE = 40 };

/* --- names --- */

bool dead_letter_parse_id(struct dead_letter_place *ret_place, const char *id)
{
    struct str rest = str_of(id), first = str_cut(&rest, ':');
    unsigned long long partition, offset;
    if (!str_to_uint(first, INT32_MAX, &partition) || !str_to_uint(rest, INT64_MAX, &offset))
        return false;
    *ret_place = (struct dead_letter_place){(int32_t)partition, (int64_t)offset};
    return true;
}

void dead_letter_write_id(char id[DEAD_LETTER_ID_SIZE], const struct dead_letter_place *place)
{
    (void)snprintf(id, DEAD_LETTER_ID_SIZE, "%d:%lld", place->partition, (long long)place->offset);
}

/* --- records --- */

static json_t *load(struct str value)
{
    json_t *root = json_loadb(value.p != NULL ? value.p : "", value.n, 0, NULL);
    if (json_is_object(root))
        return root;
    json_decref(root);
    return NULL;
}

/* Whose send it was, where the record says so. */
static json_t *account_of(const json_t *letter)
{
    const json_t *text = json_object_get(letter, "record");
    json_auto_t *record = load((struct str){json_string_value(text), json_string_length(text)});
    const json_t *account = json_object_get(record, "account");
    return json_is_string(account) ? json_string(json_string_value(account)) : json_null();
}

json_t *dead_letter_read(struct str value, const struct dead_letter_place *place, int64_t at_ms)
{
    static const char *const copied[] = {"topic",  "partition", "offset",
                                         "reason", "bytes",     "record"};
    char id[DEAD_LETTER_ID_SIZE], at[CLOCK_TEXT_SIZE];
    json_auto_t *letter = load(value);
    if (!json_is_string(json_object_get(letter, "reason")))
        return NULL;
    json_t *shown = json_object();
    dead_letter_write_id(id, place);
    clock_format_s(at, at_ms);
    (void)json_object_set_new(shown, "id", json_string(id));
    (void)json_object_set_new(shown, "at", json_string(at));
    for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
        (void)json_object_set(shown, copied[i], json_object_get(letter, copied[i]));
    (void)json_object_set_new(shown, "account", account_of(letter));
    (void)json_object_set_new(shown, "replayed_at", json_null());
    return shown;
}

bool dead_letter_read_note(struct str value, char ret_id[DEAD_LETTER_ID_SIZE])
{
    struct dead_letter_place place;
    json_auto_t *note = load(value);
    const char *id = json_string_value(json_object_get(note, "replayed"));
    if (id == NULL || !dead_letter_parse_id(&place, id))
        return false;
    dead_letter_write_id(ret_id, &place);
    return true;
}

void dead_letter_write_note(struct buf *out, const char *id)
{
    buf_printf(out, "{\"v\":1,\"replayed\":\"%s\"}", id);
}

/* --- choosing --- */

static bool is(const json_t *letter, const char *field, const char *wanted)
{
    const char *value = json_string_value(json_object_get(letter, field));
    return wanted == NULL || (value != NULL && strcmp(value, wanted) == 0);
}

bool dead_letter_matches(const json_t *letter, const struct dead_letter_filter *filter)
{
    char since[CLOCK_TEXT_SIZE];
    clock_format_s(since, filter->since_ms);
    return is(letter, "topic", filter->topic) && is(letter, "reason", filter->reason) &&
           is(letter, "account", filter->account) &&
           (filter->since_ms == 0 ||
            strcmp(json_string_value(json_object_get(letter, "at")), since) >= 0);
}

/* --- masking --- */

static bool is_text(const char *key)
{
    static const char *const keys[] = {"body", "bodies", "text", "values", "ref", "callback"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strcmp(key, keys[i]) == 0)
            return true;
    }
    return false;
}

static bool is_number(struct str text)
{
    if (text.n > 0 && text.p[0] == '+')
        text = (struct str){text.p + 1, text.n - 1};
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
    }
    return text.n >= DIGITS_LEAST && text.n <= DIGITS_MOST;
}

static json_t *masked_text(const json_t *value, bool hidden)
{
    char text[MASKED_SIZE];
    struct str whole = {json_string_value(value), json_string_length(value)};
    if (hidden) {
        (void)snprintf(text, sizeof(text), "(%zu bytes)", whole.n);
        return json_string(text);
    }
    if (!is_number(whole))
        return json_stringn(whole.p, whole.n);
    log_mask_phone(text, whole);
    return json_string(text);
}

/* What a record's parser lets through is not deep, but this may be no such record. */
enum { DEEPEST = 16 };

/* NOLINTNEXTLINE(misc-no-recursion): as deep as DEEPEST */
static json_t *masked(json_t *value, bool hidden, unsigned depth)
{
    const char *key;
    json_t *part;
    size_t i;
    if (json_is_string(value))
        return masked_text(value, hidden);
    if (depth == DEEPEST)
        return json_null();
    if (json_is_object(value)) {
        json_t *object = json_object();
        json_object_foreach(value, key, part)(void)
            json_object_set_new(object, key, masked(part, hidden || is_text(key), depth + 1));
        return object;
    }
    if (json_is_array(value)) {
        json_t *array = json_array();
        json_array_foreach(value, i, part)(void)
            json_array_append_new(array, masked(part, hidden, depth + 1));
        return array;
    }
    return json_incref(value);
}

json_t *dead_letter_masked(struct str record)
{
    json_auto_t *root = load(record);
    return root != NULL ? masked(root, false, 0) : NULL;
}
