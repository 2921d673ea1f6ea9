#include "common/sms/chunk.h"

#include <jansson.h>
#include <stdio.h>

enum { VERSION = 1, MAX_PARTS = SEGMENTS_MAX_PARTS };

/* Times up to the last day that a line's 16 bits can hold (line.h), in 2149. */
static const int64_t MAX_AT_MS = INT64_C(65536) * 86400000 - 1;

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
        const char *digits = json_string_value(number);
        char text[PHONE_MAX_DIGITS + 2] = "+";
        if (digits == NULL || json_string_length(number) > PHONE_MAX_DIGITS)
            return false;
        memcpy(text + 1, digits, json_string_length(number) + 1);
        if (phone_parse(&c->to[i], text, strlen(text)) != ERR_OK)
            return false;
    }
    return true;
}

/* body and ref, copied out of the JSON value into one piece of memory. */
static bool get_texts(struct chunk *c, const json_t *root)
{
    const json_t *body = json_object_get(root, "body"), *ref = json_object_get(root, "ref");
    if (!json_is_string(body) || (ref != NULL && !json_is_string(ref)))
        return false;
    size_t body_n = json_string_length(body), ref_n = json_string_length(ref);
    c->own_text = xalloc(body_n + ref_n + 1);
    memcpy(c->own_text, json_string_value(body), body_n);
    c->body = (struct str){c->own_text, body_n};
    if (ref != NULL) {
        memcpy(c->own_text + body_n, json_string_value(ref), ref_n);
        c->ref = (struct str){c->own_text + body_n, ref_n};
    }
    return true;
}

static bool get_int(const json_t *root, const char *name, int64_t max, int64_t *ret)
{
    const json_t *value = json_object_get(root, name);
    *ret = json_integer_value(value);
    return json_is_integer(value) && *ret >= 0 && *ret <= max;
}

static enum err read_root(struct chunk *c, const json_t *root)
{
    const json_t *account = json_object_get(root, "account"), *send = json_object_get(root, "send");
    const json_t *due = json_object_get(root, "due");
    int64_t version, number, parts;
    if (!get_int(root, "v", INT32_MAX, &version))
        return ERR_SYNTAX;
    if (version != VERSION)
        return ERR_VERSION;
    struct str name = {json_string_value(account), json_string_length(account)};
    struct str id = {json_string_value(send), json_string_length(send)};
    if (!chunk_account_valid(name) || id_parse(&c->send, id) != ERR_OK || id_number(c->send) != 0)
        return ERR_SYNTAX;
    memcpy(c->account, name.p, name.n);
    c->single = json_is_true(json_object_get(root, "single"));
    if (!get_int(root, "chunk", ID_MAX_NUMBER / CHUNK_MAX - 1, &number) ||
        !get_int(root, "at", MAX_AT_MS, &c->at_ms) ||
        !get_int(root, "until", MAX_AT_MS, &c->until_ms) ||
        (due != NULL && !get_int(root, "due", MAX_AT_MS, &c->due_ms)) ||
        !get_int(root, "parts", MAX_PARTS, &parts) || parts < 1 || (c->single && number != 0))
        return ERR_SYNTAX;
    c->number = (uint32_t)number;
    c->parts = (unsigned)parts;
    if (!get_encoding(c, root) || !get_numbers(c, root) || !get_texts(c, root))
        return ERR_SYNTAX;
    return ERR_OK;
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

void chunk_done(struct chunk *chunk)
{
    xfree(chunk->own_text);
    chunk->own_text = NULL;
    chunk->body = chunk->ref = (struct str){0};
}

void chunk_write(struct buf *out, const struct chunk *chunk)
{
    char send[ID_TEXT_SIZE];
    id_format(send, chunk->send);
    buf_printf(out, "{\"v\":%d,\"account\":\"%s\",\"send\":\"%s\",\"chunk\":%u,\"single\":%s",
               VERSION, chunk->account, send, chunk->number, chunk->single ? "true" : "false");
    if (chunk->due_ms > 0)
        buf_printf(out, ",\"due\":%lld", (long long)chunk->due_ms);
    buf_printf(out, ",\"at\":%lld,\"until\":%lld,\"encoding\":\"%s\",\"parts\":%u,\"body\":",
               (long long)chunk->at_ms, (long long)chunk->until_ms,
               chunk_encoding_name(chunk->encoding), chunk->parts);
    buf_json(out, chunk->body);
    if (chunk->ref.p != NULL) {
        buf_text(out, ",\"ref\":");
        buf_json(out, chunk->ref);
    }
    for (size_t i = 0; i < chunk->to_count; i++) {
        buf_text(out, i == 0 ? ",\"to\":[\"" : ",\"");
        buf_text(out, chunk->to[i].digits);
        buf_char(out, '"');
    }
    buf_text(out, "]}");
}

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
