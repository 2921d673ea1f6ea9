#include "common/store/keys.h"

#include <jansson.h>

void keys_send(struct buf *out, char letter, const char *account, struct id send)
{
    char digits[ID_KEY_SIZE];
    id_key(digits, send);
    buf_add(out, (char[]){letter, ':', '{'}, 3);
    buf_text(out, account);
    buf_text(out, "}:");
    buf_text(out, digits);
}

static void write_chunk_key(struct buf *out, char letter, const char *account, struct id send,
                            uint32_t chunk)
{
    keys_send(out, letter, account, send);
    buf_char(out, ':');
    buf_uint(out, chunk);
}

void keys_lines(struct buf *out, const char *account, struct id send, bool single, uint32_t chunk)
{
    if (single)
        keys_send(out, 'm', account, send);
    else
        write_chunk_key(out, 'c', account, send, chunk);
}

void keys_texts(struct buf *out, const char *account, struct id send, uint32_t chunk)
{
    write_chunk_key(out, 't', account, send, chunk);
}

static void add_text(struct buf *out, const char *name, struct str text)
{
    if (text.p == NULL)
        return;
    buf_text(out, name);
    buf_json(out, text);
}

void keys_hash(struct buf *out, struct str ref)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    uint8_t bytes[KEYS_HASH_BYTES];
    for (size_t i = 0; i < ref.n; i++)
        hash = (hash ^ (unsigned char)ref.p[i]) * UINT64_C(0x100000001b3);
    hash = (hash ^ hash >> 32) * UINT64_C(0xd6e8feb86659fd93);
    hash ^= hash >> 32;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(hash >> (56 - 8 * i));
    if (ref.p != NULL)
        buf_add(out, bytes, sizeof(bytes));
}

void description_write(struct buf *out, const struct chunk *chunk)
{
    buf_text(out, "{\"at\":");
    buf_int(out, chunk->at_ms);
    buf_text(out, ",\"until\":");
    buf_int(out, chunk->until_ms);
    buf_text(out, ",\"encoding\":\"");
    buf_text(out, chunk_encoding_name(chunk->encoding));
    buf_text(out, "\",\"parts\":");
    buf_uint(out, chunk->parts);
    if (chunk->due_ms > 0) {
        buf_text(out, ",\"due\":");
        buf_int(out, chunk->due_ms);
    }
    add_text(out, ",\"ref\":", chunk->ref);
    add_text(out, ",\"from\":", chunk->from);
    add_text(out, ",\"profile\":", chunk->profile);
    add_text(out, ",\"callback\":", chunk->callback);
    if (chunk->allow_reply)
        buf_text(out, ",\"reply\":true");
    if (chunk->type != MESSAGE_PLAIN)
        add_text(out, ",\"type\":", str_of(message_type_name(chunk->type)));
    if (chunk->rate_milli > 0) {
        buf_text(out, ",\"rate\":");
        buf_int(out, chunk->rate_milli);
    }
    if (chunk->quiet.given) {
        buf_text(out, ",\"quiet\":\"");
        quiet_write(out, &chunk->quiet);
        buf_char(out, '"');
    }
    if (chunk->single)
        add_text(out, ",\"body\":", chunk->body);
    buf_char(out, '}');
}

static struct str copy_text(char **room, const json_t *text)
{
    if (!json_is_string(text))
        return (struct str){0};
    struct str copy = {*room, json_string_length(text)};
    memcpy(*room, json_string_value(text), copy.n);
    *room += copy.n;
    return copy;
}

static enum message_type type_of(const json_t *name)
{
    enum message_type type =
        message_type_of_name((struct str){json_string_value(name), json_string_length(name)});
    return type == MESSAGE_TYPE_COUNT ? MESSAGE_PLAIN : type;
}

static struct quiet quiet_of(const json_t *hours)
{
    struct quiet quiet = {.given = false};
    struct str text = {json_string_value(hours), json_string_length(hours)};
    return text.p != NULL && quiet_parse(&quiet, text) == ERR_OK ? quiet
                                                                 : (struct quiet){.given = false};
}

enum err description_parse(struct description *ret_description, struct str text)
{
    static const char *const names[] = {"ref", "body", "from", "profile", "callback"};
    json_auto_t *root = json_loadb(text.p != NULL ? text.p : "", text.n, 0, NULL);
    if (!json_is_object(root))
        return ERR_SYNTAX;
    size_t all = 1;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        all += json_string_length(json_object_get(root, names[i]));
    struct description d = {
        .at_ms = json_integer_value(json_object_get(root, "at")),
        .until_ms = json_integer_value(json_object_get(root, "until")),
        .due_ms = json_integer_value(json_object_get(root, "due")),
        .parts = (unsigned)json_integer_value(json_object_get(root, "parts")),
        .allow_reply = json_is_true(json_object_get(root, "reply")),
        .type = type_of(json_object_get(root, "type")),
        .rate_milli = json_integer_value(json_object_get(root, "rate")),
        .quiet = quiet_of(json_object_get(root, "quiet")),
        .own_texts = xalloc(all),
    };
    struct str *const places[] = {&d.ref, &d.body, &d.from, &d.profile, &d.callback};
    char *room = d.own_texts;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        *places[i] = copy_text(&room, json_object_get(root, names[i]));
    *ret_description = d;
    return ERR_OK;
}

void description_done(struct description *description)
{
    xfree(description->own_texts);
    *description = (struct description){0};
}
