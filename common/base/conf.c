#include "common/base/conf.h"

#include "common/base/conf_name.h"
#include "common/base/conf_value.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { ERRORS_CAP = 65536, SECRET_CAP = 4096, SHOWN_CAP = 80, QUOTED_CAP = 512 };

enum origin { FROM_DEFAULT, FROM_FILE, FROM_ENVIRONMENT }; /* a later one wins */

/* What was given for a row. Zero: nothing. */
struct given {
    enum origin origin;
    bool in_file; /* text is the path of a file that holds the value */
    char *where;
    char *text;
};

struct conf {
    const struct conf_table *table;
    unsigned used_by;
    struct given *given; /* one for each row */
    struct buf errors;
    unsigned error_count;
};

struct conf *conf_new(const struct conf_table *table, unsigned used_by)
{
    struct conf *conf = xalloc(sizeof(*conf));
    conf->table = table;
    conf->used_by = used_by;
    conf->given = xalloc_array(table->count, sizeof(*conf->given));
    buf_init(&conf->errors, ERRORS_CAP);
    return conf;
}

static void given_clear(struct given *given)
{
    xfree(given->where);
    xfree(given->text);
    *given = (struct given){0};
}

void conf_free(struct conf *own_conf)
{
    if (own_conf == NULL)
        return;
    for (size_t i = 0; i < own_conf->table->count; i++)
        given_clear(&own_conf->given[i]);
    xfree(own_conf->given);
    buf_done(&own_conf->errors);
    xfree(own_conf);
}

void conf_fail(struct conf *conf, const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    buf_text(&conf->errors, line);
    buf_char(&conf->errors, '\n');
    conf->error_count++;
}

const char *conf_errors(const struct conf *conf)
{
    return conf->errors.n > 0 ? conf->errors.p : "";
}

unsigned conf_error_count(const struct conf *conf)
{
    return conf->error_count;
}

static void put(struct conf *conf, enum origin origin, const char *where, const char *name,
                const char *text)
{
    bool in_file = false;
    size_t at = conf_name_find(conf->table, str_of(name), &in_file);
    if (at == conf->table->count) {
        char near[CONF_NAME_SIZE];
        conf_name_nearest(conf->table, name, near);
        conf_fail(conf, "%s: %.80s is not a setting; the nearest is %s", where, name, near);
        return;
    }
    const struct conf_row *row = &conf->table->rows[at];
    struct given *given = &conf->given[at];
    if (in_file && (row->flags & CONF_SECRET) == 0) {
        conf_fail(conf, "%s: %s: only secrets are read from files of their own; set %s", where,
                  name, row->name);
        return;
    }
    if (*text == '\0' || given->origin > origin)
        return;
    if (given->origin == origin) {
        conf_fail(conf, "%s: %s, but %s is set already (%s)", where, name, row->name, given->where);
        return;
    }
    given_clear(given);
    *given = (struct given){origin, in_file, xstrndup(where, strlen(where)),
                            xstrndup(text, strlen(text))};
}

void conf_file_entry(struct conf *conf, const char *where, const char *name, const char *text)
{
    put(conf, FROM_FILE, where, name, text);
}

static bool ignored(const struct conf_table *table, const char *name)
{
    for (size_t i = 0; table->ignored != NULL && table->ignored[i] != NULL; i++) {
        if (strcmp(table->ignored[i], name) == 0)
            return true;
    }
    return false;
}

void conf_environ(struct conf *conf, char *const *environment)
{
    for (; *environment != NULL; environment++) {
        struct str text = str_of(*environment);
        struct str name = str_cut(&text, '=');
        if (!str_starts(name, str_of(conf->table->prefix)))
            continue;
        char *copy = xstrndup(name.p, name.n);
        if (!ignored(conf->table, copy))
            put(conf, FROM_ENVIRONMENT, "environment", copy, text.p != NULL ? text.p : "");
        xfree(copy);
    }
}

/* The file's content without its last line break; NULL when it can't be read, or not as a text. */
static char *read_secret(const char *path)
{
    char bytes[SECRET_CAP + 1];
    size_t n = 0;
    ssize_t got = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    while (n < sizeof(bytes) && (got = read(fd, bytes + n, sizeof(bytes) - n)) > 0)
        n += (size_t)got;
    (void)close(fd);
    if (got < 0 || n > SECRET_CAP || memchr(bytes, '\0', n) != NULL)
        return NULL;
    if (n > 0 && bytes[n - 1] == '\n')
        n--;
    if (n > 0 && bytes[n - 1] == '\r')
        n--;
    return xstrndup(bytes, n);
}

/* Puts a secret's content in its path's place; forgets it where it isn't used. */
static void resolve(struct conf *conf, const struct conf_row *row, struct given *given)
{
    if (!given->in_file)
        return;
    if ((row->used_by & conf->used_by) == 0) {
        given_clear(given);
        return;
    }
    char *text = read_secret(given->text);
    if (text == NULL)
        conf_fail(conf, "%s: %s_FILE: \"%.200s\" is not a readable text file of at most %d bytes",
                  given->where, row->name, given->text, SECRET_CAP);
    else if (*text == '\0')
        conf_fail(conf, "%s: %s_FILE: \"%.200s\" is empty", given->where, row->name, given->text);
    else
        given->in_file = false; /* what is in text now is the value */
    if (given->in_file) {
        xfree(text);
        return;
    }
    xfree(given->text);
    given->text = text;
}

static void fail_value(struct conf *conf, const struct conf_row *row, const struct given *given,
                       const char *why)
{
    struct buf shown = {.cap = QUOTED_CAP};
    if ((row->flags & CONF_SECRET) != 0)
        buf_text(&shown, "(a secret)");
    else
        buf_json(&shown, (struct str){given->text, strnlen(given->text, SHOWN_CAP)});
    conf_fail(conf, "%s: %s = %s %s", given->where, row->name, shown.p, why);
    buf_done(&shown);
}

static void fail_missing(struct conf *conf, const struct conf_row *row)
{
    const char *user = "this";
    for (size_t i = 0; conf->table->users[i] != NULL; i++) {
        if ((conf->used_by & 1U << i) != 0)
            user = conf->table->users[i];
    }
    bool secret = (row->flags & CONF_SECRET) != 0;
    conf_fail(conf, "%s is not set, and %s needs it%s%s%s", row->name, user,
              secret ? " (or the path of a file that holds it, in " : "", secret ? row->name : "",
              secret ? "_FILE)" : "");
}

static bool required(const struct conf_row *row, unsigned user)
{
    unsigned users =
        (row->flags & CONF_REQUIRED) != 0 ? row->used_by : row->flags >> CONF_REQUIRED_OF_SHIFT;
    return (users & user) != 0;
}

static void finish_row(struct conf *conf, size_t at, void *settings)
{
    const struct conf_row *row = &conf->table->rows[at];
    struct given *given = &conf->given[at];
    struct buf why = {.cap = 256};
    resolve(conf, row, given);
    if (given->in_file)
        return; /* said already */
    if (given->text != NULL) {
        if (conf_value_parse(row, given->text, settings, &why))
            fail_value(conf, row, given, why.p);
    } else if (*row->text != '\0') {
        if (conf_value_parse(row, row->text, settings, &why))
            conf_fail(conf, "default: %s = \"%s\" %s", row->name, row->text, why.p);
    } else if (required(row, conf->used_by)) {
        fail_missing(conf, row);
    }
    buf_done(&why);
}

static char **string_of(const struct conf_row *row, void *settings)
{
    bool is_string = row->type == CONF_STR || row->type == CONF_URL;
    return is_string ? (char **)(void *)((char *)settings + row->offset) : NULL;
}

enum err conf_finish(struct conf *conf, void *settings)
{
    for (size_t i = 0; i < conf->table->count; i++) {
        finish_row(conf, i, settings);
        char **string = string_of(&conf->table->rows[i], settings);
        if (string != NULL && *string == NULL)
            *string = xstrndup("", 0);
    }
    return conf->error_count > 0 ? ERR_CONFIG : ERR_OK;
}

void conf_values_free(const struct conf_table *table, void *settings)
{
    for (size_t i = 0; i < table->count; i++) {
        char **string = string_of(&table->rows[i], settings);
        if (string == NULL)
            continue;
        xfree(*string);
        *string = NULL;
    }
}

void conf_print(const struct conf *conf, struct buf *out)
{
    for (size_t i = 0; i < conf->table->count; i++) {
        const struct conf_row *row = &conf->table->rows[i];
        const struct given *given = &conf->given[i];
        if ((row->used_by & conf->used_by) == 0)
            continue;
        buf_printf(out, "%s = ", row->name);
        conf_value_show(row, given->text != NULL ? given->text : row->text, out);
        buf_printf(out, " ; %s\n", given->text != NULL ? given->where : "default");
    }
}
