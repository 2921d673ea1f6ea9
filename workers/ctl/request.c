#include "workers/ctl/request.h"

#include "workers/ctl/client.h"

#include <jansson.h>
#include <stdio.h>

enum { PATH_CAP = 8192 };

/* --- the address --- */

static void write_path(struct buf *out, const struct line *line)
{
    const struct command *command = line->command;
    bool without = command->path_without != NULL && line->operand_count == 0;
    const char *path = without ? command->path_without : command->path;
    size_t operand = 0;
    for (; *path != '\0'; path++) {
        if (*path == '%')
            client_escape(out, str_of(line->operands[operand++]));
        else
            buf_char(out, *path);
    }
}

static void write_query(struct buf *out, const struct line *line)
{
    char mark = '?';
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *row = option_row((enum command_option)i);
        if (row->kind != OPTION_QUERY || line->values[i] == NULL)
            continue;
        buf_printf(out, "%c%s=", mark, row->field);
        client_escape(out, str_of(line->values[i]));
        mark = '&';
    }
}

/* --- the body --- */

static json_t *number_of(const char *text)
{
    if (strcmp(text, "none") == 0)
        return json_null();
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
    if (json_is_number(value))
        return value;
    json_decref(value);
    return NULL;
}

static json_t *list_of(const char *text)
{
    json_t *list = json_array();
    struct str rest = str_of(text);
    while (rest.n > 0) {
        struct str one = str_cut(&rest, ',');
        (void)json_array_append_new(list, json_stringn(one.n > 0 ? one.p : "", one.n));
    }
    return list;
}

/* NULL: one of them has no number. */
static json_t *pairs_of(const char *text)
{
    json_t *pairs = json_object();
    struct str rest = str_of(strcmp(text, "none") != 0 ? text : "");
    while (rest.n > 0) {
        struct str number = str_cut(&rest, ','), name = str_cut(&number, '=');
        json_t *value = json_loadb(number.n > 0 ? number.p : "", number.n, JSON_DECODE_ANY, NULL);
        if (!json_is_number(value) || name.n == 0) {
            json_decref(value);
            json_decref(pairs);
            return NULL;
        }
        (void)json_object_setn_new(pairs, name.p, name.n, value);
    }
    return pairs;
}

/* NULL: the text can't be one. */
static json_t *value_of(enum command_kind kind, const char *text)
{
    switch (kind) {
    case OPTION_UNSET:
        return strcmp(text, "none") == 0 ? json_null() : json_string(text);
    case OPTION_TEXT:
        return json_string(text);
    case OPTION_NUMBER:
        return number_of(text);
    case OPTION_LIST:
        return list_of(text);
    case OPTION_PAIRS:
        return pairs_of(text);
    case OPTION_QUERY:
    case OPTION_OWN:
        break;
    }
    return NULL;
}

/* field is "name", or "object.name", whose object is made. */
static void put(json_t *body, const char *field, json_t *own_value)
{
    struct str rest = str_of(field), first = str_cut(&rest, '.');
    char object[40];
    if (rest.n == 0) {
        (void)json_object_set_new(body, field, own_value);
        return;
    }
    (void)snprintf(object, sizeof(object), "%.*s", (int)first.n, first.p);
    json_t *inner = json_object_get(body, object);
    if (inner == NULL) {
        (void)json_object_set_new(body, object, json_object());
        inner = json_object_get(body, object);
    }
    (void)json_object_set_new(inner, rest.p, own_value);
}

static enum err put_options(struct request *request, const struct line *line)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *row = option_row((enum command_option)i);
        if (line->values[i] == NULL || row->kind == OPTION_QUERY)
            continue;
        json_t *value = value_of(row->kind, line->values[i]);
        if (value == NULL) {
            (void)snprintf(request->why, sizeof(request->why), "--%s can't be '%.80s'", row->name,
                           line->values[i]);
            return ERR_SYNTAX;
        }
        put(request->body, row->field, value);
    }
    return ERR_OK;
}

/* Whoever has no name is called by the id. */
static void put_operand(json_t *body, const struct line *line)
{
    const struct command *command = line->command;
    const char *last = line->operand_count > 0 ? line->operands[line->operand_count - 1] : NULL;
    bool named = (command->options & 1U << OPTION_NAME) != 0 && !command->merges;
    if (command->operand_field != NULL)
        (void)json_object_set_new(body, command->operand_field, json_string(last));
    if (named && line->values[OPTION_NAME] == NULL)
        (void)json_object_set_new(body, "name", json_string(last));
}

enum err request_make(struct request *ret_request, const struct line *line)
{
    const struct command *command = line->command;
    *ret_request = (struct request){.path = {.cap = PATH_CAP}};
    write_path(&ret_request->path, line);
    write_query(&ret_request->path, line);
    if (command->body != NULL) {
        ret_request->body = json_loads(command->body, 0, NULL);
        return ERR_OK;
    }
    if (strcmp(command->method, "GET") == 0 || strcmp(command->method, "DELETE") == 0)
        return ERR_OK;
    ret_request->body = json_object();
    put_operand(ret_request->body, line);
    enum err err = put_options(ret_request, line);
    if (err == ERR_OK && command->merges && json_object_size(ret_request->body) == 0) {
        (void)snprintf(ret_request->why, sizeof(ret_request->why), "there is nothing to change");
        err = ERR_SYNTAX;
    }
    return err;
}

void request_done(struct request *request)
{
    buf_done(&request->path);
    json_decref(request->body);
    *request = (struct request){.body = NULL};
}

bool request_has_objects(const struct request *request)
{
    const char *name;
    json_t *value;
    json_object_foreach(request->body, name, value)
    {
        if (json_is_object(value))
            return true;
    }
    return false;
}

void request_merge(struct request *request, const json_t *present)
{
    const char *name;
    json_t *value;
    json_object_foreach(request->body, name, value)
    {
        if (json_is_object(value))
            (void)json_object_update_missing(value, json_object_get(present, name));
    }
}
