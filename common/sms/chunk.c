#include "common/sms/chunk.h"

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

enum { VERSION = 1, MAX_PARTS = SEGMENTS_MAX_PARTS };

/* Times up to the last day that a line's 16 bits can hold (line.h), in 2149. */
static const int64_t MAX_AT_MS = INT64_C(65536) * 86400000 - 1;

/* The texts that all messages of a send share. */
static const struct {
    const char *name;
    size_t offset;
} texts[] = {
    {"body", offsetof(struct chunk, body)},         {"ref", offsetof(struct chunk, ref)},
    {"from", offsetof(struct chunk, from)},         {"profile", offsetof(struct chunk, profile)},
    {"callback", offsetof(struct chunk, callback)},
};
enum { TEXT_COUNT = sizeof(texts) / sizeof(texts[0]) };

static struct str *text_of(struct chunk *c, size_t i)
{
    return (struct str *)((char *)c + texts[i].offset);
}

static struct str text_in(const struct chunk *c, size_t i)
{
    return *(const struct str *)((const char *)c + texts[i].offset);
}

const char *chunk_encoding_name(enum segments_encoding encoding)
{
    return encoding == SEGMENTS_GSM7 ? "gsm7" : "ucs2";
}

bool chunk_account_valid(struct str account)
{
    static const char set[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    if (account.n == 0 || account.n > CHUNK_ACCOUNT_MAX)
        return false;
    for (size_t i = 0; i < account.n; i++) {
        if (account.p[i] == '\0' || strchr(set, account.p[i]) == NULL)
            return false;
    }
    return true;
}

enum err chunk_item_make(struct chunk_item *ret_item, struct str body)
{
    struct segments segments;
    enum err err = segments_split(&segments, body.p, body.n);
    if (err == ERR_OK)
        *ret_item =
            (struct chunk_item){body, segments.encoding, (unsigned)segments.part_count, ERROR_NONE};
    return err;
}

struct chunk_item chunk_item(const struct chunk *chunk, size_t i)
{
    if (chunk->items != NULL)
        return chunk->items[i];
    return (struct chunk_item){chunk->body, chunk->encoding, chunk->parts, ERROR_NONE};
}

/* --- reading --- */

static bool get_encoding(struct chunk *c, const json_t *root)
{
    const char *name = json_string_value(json_object_get(root, "encoding"));
    if (name == NULL)
        return false;
    c->encoding = strcmp(name, "gsm7") == 0 ? SEGMENTS_GSM7 : SEGMENTS_UCS2;
    return strcmp(name, chunk_encoding_name(c->encoding)) == 0;
}

static bool get_numbers(struct chunk *c, const json_t *root)
{
    const json_t *to = json_object_get(root, "to");
    c->to_count = json_array_size(to);
    if (c->to_count == 0 || c->to_count > CHUNK_MAX || (c->single && c->to_count != 1))
        return false;
    for (size_t i = 0; i < c->to_count; i++) {
        const json_t *number = json_array_get(to, i);
        if (phone_parse_digits(&c->to[i], (struct str){json_string_value(number),
                                                       json_string_length(number)}) != ERR_OK)
            return false;
    }
    return true;
}

static struct str copy_text(char **room, const json_t *value)
{
    if (!json_is_string(value))
        return (struct str){0};
    struct str copy = {*room, json_string_length(value)};
    memcpy(*room, json_string_value(value), copy.n);
    *room += copy.n;
    return copy;
}

/* The shared texts and those of the items, copied out of the JSON value into one piece of memory. */
static bool get_texts(struct chunk *c, const json_t *root)
{
    const json_t *values[TEXT_COUNT], *bodies = json_object_get(root, "bodies");
    size_t all = 1;
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        values[i] = json_object_get(root, texts[i].name);
        all += json_string_length(values[i]);
        if (values[i] != NULL && !json_is_string(values[i]))
            return false;
    }
    for (size_t i = 0; i < json_array_size(bodies); i++)
        all += json_string_length(json_array_get(bodies, i));
    char *room = c->own_text = xalloc(all);
    for (size_t i = 0; i < TEXT_COUNT; i++)
        *text_of(c, i) = copy_text(&room, values[i]);
    for (size_t i = 0; c->items != NULL && i < c->to_count; i++)
        c->items[i].body = copy_text(&room, json_array_get(bodies, i));
    return c->body.p != NULL;
}

static bool get_item(struct chunk_item *item, const json_t *error)
{
    json_int_t number = json_integer_value(error);
    if (error != NULL && (!json_is_integer(error) || number < 0 || number > UINT8_MAX))
        return false;
    item->error = error_of_number((unsigned)number);
    if (item->error == ERROR_NONE)
        return item->body.p != NULL && chunk_item_make(item, item->body) == ERR_OK;
    item->parts = 1;
    return true;
}

static bool get_items(struct chunk *c, const json_t *root)
{
    const json_t *bodies = json_object_get(root, "bodies"),
                 *errors = json_object_get(root, "errors");
    if (bodies == NULL)
        return get_texts(c, root) && errors == NULL;
    if (json_array_size(bodies) != c->to_count || c->single ||
        (errors != NULL && json_array_size(errors) != c->to_count))
        return false;
    c->items = xalloc_array(c->to_count, sizeof(c->items[0]));
    if (!get_texts(c, root))
        return false;
    for (size_t i = 0; i < c->to_count; i++) {
        if (!get_item(&c->items[i], json_array_get(errors, i)))
            return false;
    }
    return true;
}

static bool get_int(const json_t *root, const char *name, int64_t max, int64_t *ret)
{
    const json_t *value = json_object_get(root, name);
    *ret = json_integer_value(value);
    return json_is_integer(value) && *ret >= 0 && *ret <= max;
}

static bool get_kind(struct chunk *c, const json_t *root)
{
    const json_t *type = json_object_get(root, "type"), *reply = json_object_get(root, "reply");
    c->single = json_is_true(json_object_get(root, "single"));
    c->allow_reply = json_is_true(reply);
    c->type =
        type == NULL
            ? MESSAGE_PLAIN
            : message_type_of_name((struct str){json_string_value(type), json_string_length(type)});
    return c->type != MESSAGE_TYPE_COUNT;
}

static bool get_pace(struct chunk *c, const json_t *root)
{
    const json_t *quiet = json_object_get(root, "quiet");
    struct str hours = {json_string_value(quiet), json_string_length(quiet)};
    return (json_object_get(root, "rate") == NULL ||
            get_int(root, "rate", RATE_MAX_MILLI, &c->rate_milli)) &&
           (quiet == NULL || quiet_parse(&c->quiet, hours) == ERR_OK);
}

/* All but the texts and the recipients. */
static enum err read_head(struct chunk *c, const json_t *root)
{
    const json_t *account = json_object_get(root, "account"), *send = json_object_get(root, "send");
    int64_t version, parts;
    if (!get_int(root, "v", INT32_MAX, &version))
        return ERR_SYNTAX;
    if (version != VERSION)
        return ERR_VERSION;
    struct str name = {json_string_value(account), json_string_length(account)};
    struct str id = {json_string_value(send), json_string_length(send)};
    if (!chunk_account_valid(name) || id_parse(&c->send, id) != ERR_OK || id_number(c->send) != 0)
        return ERR_SYNTAX;
    memcpy(c->account, name.p, name.n);
    if (!get_kind(c, root) || !get_int(root, "at", MAX_AT_MS, &c->at_ms) ||
        !get_int(root, "until", MAX_AT_MS, &c->until_ms) ||
        (json_object_get(root, "due") != NULL && !get_int(root, "due", MAX_AT_MS, &c->due_ms)) ||
        !get_int(root, "parts", MAX_PARTS, &parts) || parts < 1 || !get_pace(c, root))
        return ERR_SYNTAX;
    c->parts = (unsigned)parts;
    return get_encoding(c, root) ? ERR_OK : ERR_SYNTAX;
}

enum err chunk_read_shared(struct chunk *ret_chunk, const json_t *root)
{
    struct chunk chunk = {.number = 0};
    enum err err = read_head(&chunk, root);
    if (err == ERR_OK && !get_texts(&chunk, root))
        err = ERR_SYNTAX;
    if (err == ERR_OK)
        *ret_chunk = chunk;
    else
        chunk_done(&chunk);
    return err;
}

static enum err read_root(struct chunk *c, const json_t *root)
{
    int64_t number;
    enum err err = read_head(c, root);
    if (err != ERR_OK)
        return err;
    if (!get_int(root, "chunk", ID_MAX_NUMBER / CHUNK_MAX - 1, &number) ||
        (c->single && number != 0))
        return ERR_SYNTAX;
    c->number = (uint32_t)number;
    return get_numbers(c, root) && get_items(c, root) ? ERR_OK : ERR_SYNTAX;
}

enum err chunk_parse(struct chunk *ret_chunk, struct str record)
{
    json_t *root =
        json_loadb(record.p != NULL ? record.p : "", record.n, JSON_REJECT_DUPLICATES, NULL);
    struct chunk chunk = {.number = 0};
    enum err err = json_is_object(root) ? read_root(&chunk, root) : ERR_SYNTAX;
    json_decref(root);
    if (err == ERR_OK)
        *ret_chunk = chunk;
    else
        chunk_done(&chunk);
    return err;
}

void chunk_copy_shared(struct chunk *ret_chunk, const struct chunk *src)
{
    struct chunk copy = *src;
    size_t all = 1;
    copy.to_count = 0;
    copy.items = NULL;
    copy.own_bodies = NULL;
    for (size_t i = 0; i < TEXT_COUNT; i++)
        all += text_in(src, i).n;
    char *room = copy.own_text = xalloc(all);
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        struct str text = text_in(src, i);
        if (text.p == NULL)
            continue;
        memcpy(room, text.p, text.n);
        *text_of(&copy, i) = (struct str){room, text.n};
        room += text.n;
    }
    *ret_chunk = copy;
}

void chunk_done(struct chunk *chunk)
{
    xfree(chunk->own_text);
    xfree(chunk->own_bodies);
    xfree(chunk->items);
    chunk->own_text = chunk->own_bodies = NULL;
    chunk->items = NULL;
    for (size_t i = 0; i < TEXT_COUNT; i++)
        *text_of(chunk, i) = (struct str){0};
}

/* --- writing --- */

void chunk_write_shared(struct buf *out, const struct chunk *chunk)
{
    char send[ID_TEXT_SIZE];
    id_format(send, chunk->send);
    buf_printf(out, "\"v\":%d,\"account\":\"%s\",\"send\":\"%s\",\"single\":%s", VERSION,
               chunk->account, send, chunk->single ? "true" : "false");
    if (chunk->due_ms > 0)
        buf_printf(out, ",\"due\":%lld", (long long)chunk->due_ms);
    buf_printf(out, ",\"at\":%lld,\"until\":%lld,\"encoding\":\"%s\",\"parts\":%u",
               (long long)chunk->at_ms, (long long)chunk->until_ms,
               chunk_encoding_name(chunk->encoding), chunk->parts);
    if (chunk->allow_reply)
        buf_text(out, ",\"reply\":true");
    if (chunk->type != MESSAGE_PLAIN)
        buf_printf(out, ",\"type\":\"%s\"", message_type_name(chunk->type));
    if (chunk->rate_milli > 0)
        buf_printf(out, ",\"rate\":%lld", (long long)chunk->rate_milli);
    if (chunk->quiet.given) {
        buf_text(out, ",\"quiet\":\"");
        quiet_write(out, &chunk->quiet);
        buf_char(out, '"');
    }
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        struct str text = text_in(chunk, i);
        if (text.p == NULL)
            continue;
        buf_printf(out, ",\"%s\":", texts[i].name);
        buf_json(out, text);
    }
}

static void write_items(struct buf *out, const struct chunk *chunk)
{
    bool errors = false;
    for (size_t i = 0; i < chunk->to_count; i++) {
        buf_text(out, i == 0 ? ",\"bodies\":[" : ",");
        buf_json(out, chunk->items[i].error == ERROR_NONE ? chunk->items[i].body : STR(""));
        errors = errors || chunk->items[i].error != ERROR_NONE;
    }
    for (size_t i = 0; errors && i < chunk->to_count; i++) {
        buf_text(out, i == 0 ? "],\"errors\":[" : ",");
        buf_uint(out, chunk->items[i].error);
    }
    buf_char(out, ']');
}

void chunk_write(struct buf *out, const struct chunk *chunk)
{
    buf_char(out, '{');
    chunk_write_shared(out, chunk);
    buf_printf(out, ",\"chunk\":%u", chunk->number);
    for (size_t i = 0; i < chunk->to_count; i++) {
        buf_text(out, i == 0 ? ",\"to\":[\"" : ",\"");
        buf_text(out, chunk->to[i].digits);
        buf_char(out, '"');
    }
    buf_char(out, ']');
    if (chunk->items != NULL)
        write_items(out, chunk);
    buf_char(out, '}');
}

/* --- names --- */

struct id chunk_message(const struct chunk *chunk, size_t i)
{
    if (chunk->single)
        return chunk->send;
    return id_with_number(chunk->send, chunk->number * CHUNK_MAX + (uint32_t)i + 1);
}

void chunk_place(struct id message, uint32_t *ret_chunk, uint32_t *ret_place)
{
    uint32_t number = id_number(message);
    *ret_chunk = number > 0 ? (number - 1) / CHUNK_MAX : 0;
    *ret_place = number > 0 ? (number - 1) % CHUNK_MAX + 1 : 0;
}

int64_t chunk_counted_ms(const struct chunk *chunk)
{
    return chunk->due_ms > 0 ? chunk->due_ms : chunk->at_ms;
}

void chunk_name(char name[CHUNK_NAME_SIZE], const struct chunk *chunk)
{
    char key[ID_KEY_SIZE];
    id_key(key, chunk->send);
    (void)snprintf(name, CHUNK_NAME_SIZE, "%s/%s/%u", chunk->account, key, chunk->number);
}
