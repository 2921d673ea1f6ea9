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

void keys_lines(struct buf *out, const char *account, struct id send, bool single, uint32_t chunk)
{
    keys_send(out, single ? 'm' : 'c', account, send);
    if (!single) {
        buf_char(out, ':');
        buf_uint(out, chunk);
    }
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
    if (chunk->ref.p != NULL) {
        buf_text(out, ",\"ref\":");
        buf_json(out, chunk->ref);
    }
    if (chunk->single) {
        buf_text(out, ",\"body\":");
        buf_json(out, chunk->body);
    }
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

enum err description_parse(struct description *ret_description, struct str text)
{
    json_t *root = json_loadb(text.p != NULL ? text.p : "", text.n, 0, NULL);
    if (!json_is_object(root)) {
        json_decref(root);
        return ERR_SYNTAX;
    }
    const json_t *ref = json_object_get(root, "ref"), *body = json_object_get(root, "body");
    struct description d = {
        .at_ms = json_integer_value(json_object_get(root, "at")),
        .until_ms = json_integer_value(json_object_get(root, "until")),
        .due_ms = json_integer_value(json_object_get(root, "due")),
        .parts = (unsigned)json_integer_value(json_object_get(root, "parts")),
        .own_texts = xalloc(json_string_length(ref) + json_string_length(body) + 1),
    };
    char *room = d.own_texts;
    d.ref = copy_text(&room, ref);
    d.body = copy_text(&room, body);
    json_decref(root);
    *ret_description = d;
    return ERR_OK;
}

void description_done(struct description *description)
{
    xfree(description->own_texts);
    *description = (struct description){0};
}
