#include "workers/api/fields.h"

#include <jansson.h>
#include <stdio.h>

enum { UTF8_MAX_BYTES = 4, POINTER_SIZE = 80 };

static bool among(const char *name, const char *const *names)
{
    while (*names != NULL && strcmp(name, *names) != 0)
        names++;
    return *names != NULL;
}

static bool begins_character(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

/* The name, or as much of it as whole characters fill. */
static int name_bytes(const char *name, size_t most)
{
    size_t n = strnlen(name, most + 1);
    if (n > most) {
        for (n = most; n > 0 && !begins_character(name[n]); n--)
            ;
    }
    return (int)n;
}

/* A JSON pointer to a field, as much as there is room for; '~' and '/' are escaped. */
static void pointer_to(char pointer[80], const char *name)
{
    struct buf text = {.cap = 75};
    buf_char(&text, '/');
    for (; *name != '\0'; name++) {
        if (begins_character(*name) && text.n + UTF8_MAX_BYTES > text.cap)
            break;
        if (*name == '~' || *name == '/')
            buf_text(&text, *name == '~' ? "~0" : "~1");
        else
            buf_char(&text, *name);
    }
    (void)snprintf(pointer, 80, "%s", text.p);
    buf_done(&text);
}

static void check_names(json_t *root, const char *const *names, struct problem *problem)
{
    const char *name;
    json_t *value;
    char pointer[80];
    json_object_foreach(root, name, value)
    {
        if (among(name, names))
            continue;
        pointer_to(pointer, name);
        problem_error(problem, pointer, "unknown_field", "There is no field \"%.*s\".",
                      name_bytes(name, 60), name);
    }
}

/* What jansson says may quote bytes of the body that are not UTF-8. */
static void syntax_error(json_error_t *syntax, struct problem *problem)
{
    for (char *c = syntax->text; *c != '\0'; c++) {
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    }
    problem_error(problem, "", "malformed",
                  "The body is not valid JSON: line %d, column %d: %.200s.", syntax->line,
                  syntax->column, syntax->text);
}

json_t *fields_read(struct str body, bool may_be_empty, const char *const *names,
                    struct problem *ret_problem)
{
    json_error_t syntax;
    json_t *root = may_be_empty && body.n == 0
                       ? json_object()
                       : json_loadb(body.p != NULL ? body.p : "", body.n,
                                    JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &syntax);
    problem_init(ret_problem, json_is_object(root) ? 422 : 400);
    if (root == NULL)
        syntax_error(&syntax, ret_problem);
    else if (!json_is_object(root))
        problem_error(ret_problem, "", "malformed", "The body must be a JSON object.");
    else
        check_names(root, names, ret_problem);
    return root;
}

const json_t *fields_get(const json_t *root, const char *name)
{
    const json_t *value = json_object_get(root, name);
    return json_is_null(value) ? NULL : value;
}

static void add_error(struct problem *problem, const char *name, const char *code, const char *what)
{
    char pointer[POINTER_SIZE];
    (void)snprintf(pointer, sizeof(pointer), "/%s", name);
    problem_error(problem, pointer, code, "\"%s\" %s.", name, what);
}

const json_t *fields_required(const json_t *root, const char *name, struct problem *problem)
{
    const json_t *value = fields_get(root, name);
    if (value == NULL)
        add_error(problem, name, "missing", "is required");
    return value;
}

struct str fields_text(const json_t *root, const char *name, size_t most_bytes,
                       struct problem *problem)
{
    const json_t *value = fields_get(root, name);
    char what[100];
    if (value == NULL)
        return (struct str){0};
    struct str text = {json_string_value(value), json_string_length(value)};
    if (text.p != NULL && text.n <= most_bytes && memchr(text.p, '\0', text.n) == NULL)
        return text;
    (void)snprintf(what, sizeof(what), "must be a text of at most %zu bytes, without U+0000",
                   most_bytes);
    add_error(problem, name, "invalid", what);
    return (struct str){0};
}

bool fields_bool(const json_t *root, const char *name, bool when_absent, struct problem *problem)
{
    const json_t *value = fields_get(root, name);
    if (value == NULL)
        return when_absent;
    if (!json_is_boolean(value))
        add_error(problem, name, "invalid", "must be true or false");
    return json_is_true(value);
}

int64_t fields_int(const json_t *root, const char *name, int64_t least, int64_t most,
                   int64_t when_absent, struct problem *problem)
{
    const json_t *value = fields_get(root, name);
    char what[100];
    if (value == NULL)
        return when_absent;
    int64_t number = json_integer_value(value);
    if (json_is_integer(value) && number >= least && number <= most)
        return number;
    (void)snprintf(what, sizeof(what), "must be a whole number from %lld to %lld", (long long)least,
                   (long long)most);
    add_error(problem, name, "invalid", what);
    return when_absent;
}
