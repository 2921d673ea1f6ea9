#include "workers/api/import_rows.h"

#include "common/base/buf.h"
#include "common/io/sheet.h"
#include "common/sms/contact.h"
#include "common/sms/utf8.h"

#include <jansson.h>
#include <stdio.h>

enum { FAULT_SIZE = 300, SHOWN_MAX = 60 };

struct import_rows {
    enum import_kind kind;
    import_row_fn fn;
    void *arg;
    enum err err;
    char fault[FAULT_SIZE];
    /* CSV */
    struct sheet *sheet;
    char *columns[SHEET_CELLS_MAX]; /* names of fields and attributes */
    size_t column_count;            /* 0: the first row has not come */
    /* JSON */
    struct buf text; /* of a line that isn't whole */
    size_t line;
};

static void on_sheet_row(void *arg, size_t line, const struct str *cells, size_t count);

struct import_rows *import_rows_new(enum import_kind kind, import_row_fn fn, void *arg)
{
    struct import_rows *r = xalloc(sizeof(*r));
    r->kind = kind;
    r->fn = fn;
    r->arg = arg;
    r->line = 1;
    buf_init(&r->text, SHEET_ROW_MAX);
    if (kind == IMPORT_CSV)
        r->sheet = sheet_new(on_sheet_row, r);
    return r;
}

void import_rows_free(struct import_rows *own_rows)
{
    if (own_rows == NULL)
        return;
    for (size_t i = 0; i < own_rows->column_count; i++)
        xfree(own_rows->columns[i]);
    sheet_free(own_rows->sheet);
    buf_done(&own_rows->text);
    xfree(own_rows);
}

const char *import_rows_fault(const struct import_rows *rows)
{
    return rows->fault;
}

/* --- a row --- */

static struct str text_of(const json_t *value)
{
    return (struct str){json_string_value(value), json_string_length(value)};
}

/* NULL, or what is wrong with it. */
static const char *tidy_number(json_t *body)
{
    char room[CONTACT_TIDY_SIZE];
    struct phone phone;
    const json_t *value = json_object_get(body, "phone_number");
    struct str number = text_of(value);
    if (value == NULL || json_is_null(value) || (json_is_string(value) && number.n == 0))
        return "There is no phone_number.";
    if (number.n > 0 && memmem(number.p, number.n, "(0)", 3) != NULL)
        return "A number with \"(0)\" in it can be read in two ways; leave the 0 out.";
    struct str tidy = contact_tidy_number(room, number);
    if (tidy.n > 0 && tidy.p[0] >= '0' && tidy.p[0] <= '9')
        return "The number has no '+' before its country code; write it as \"+4799999999\".";
    if (phone_parse(&phone, tidy.p, tidy.n) != ERR_OK)
        return "Not a phone number: '+', then 7 to 15 digits of which the first is not 0.";
    (void)json_object_set_new(body, "phone_number", json_stringn(tidy.p, tidy.n));
    return NULL;
}

static void give(struct import_rows *r, size_t line, json_t *own_body, const char *reason)
{
    if (reason == NULL)
        reason = tidy_number(own_body);
    if (reason == NULL) {
        r->fn(r->arg, line, own_body, "");
        return;
    }
    json_decref(own_body);
    r->fn(r->arg, line, NULL, reason);
}

static json_t *attributes_of(json_t *body)
{
    json_t *attributes = json_object_get(body, "attributes");
    if (attributes == NULL || json_is_null(attributes)) {
        attributes = json_object();
        (void)json_object_set_new(body, "attributes", attributes);
    }
    return attributes;
}

/* --- CSV --- */

static void fault_at_column(struct import_rows *r, size_t i, struct str name, const char *what)
{
    bool shown = name.n <= SHOWN_MAX && utf8_valid(name.p != NULL ? name.p : "", name.n);
    r->err = ERR_SYNTAX;
    (void)snprintf(r->fault, sizeof(r->fault), "Column %zu%s%.*s%s %s", i + 1, shown ? ", \"" : "",
                   shown ? (int)name.n : 0, shown && name.n > 0 ? name.p : "", shown ? "\"," : "",
                   what);
}

/* A field's name in any writing; else an attribute's, with '_' for spaces. */
static char *column_name(struct str given)
{
    char *name = xstrndup(given.p != NULL ? given.p : "", given.n);
    char *field = xstrndup(given.p != NULL ? given.p : "", given.n);
    for (size_t i = 0; i < given.n; i++) {
        if (field[i] >= 'A' && field[i] <= 'Z')
            field[i] = (char)(field[i] - 'A' + 'a');
        if (field[i] == ' ' || field[i] == '-')
            field[i] = '_';
        if (name[i] == ' ')
            name[i] = '_';
    }
    bool is_field = contact_is_field(str_of(field));
    xfree(is_field ? name : field);
    return is_field ? field : name;
}

static bool can_be_attribute(const char *name)
{
    json_auto_t *scratch = json_object();
    return contact_set_attribute(scratch, str_of(name), STR("x")) == NULL;
}

static const char *column_fault(const struct import_rows *r, size_t i)
{
    const char *name = r->columns[i];
    for (size_t other = 0; other < i; other++) {
        if (strcmp(r->columns[other], name) == 0)
            return "is there twice.";
    }
    if (strcmp(name, "attributes") == 0)
        return "can't be; each attribute has a column of its own.";
    if (!contact_is_field(str_of(name)) && !can_be_attribute(name))
        return "must be called by 1 to 64 of A-Z a-z 0-9 _ . -";
    return NULL;
}

static void read_columns(struct import_rows *r, const struct str *cells, size_t count)
{
    bool number = false;
    if (count > SHEET_CELLS_MAX) {
        r->err = ERR_SYNTAX;
        (void)snprintf(r->fault, sizeof(r->fault), "There may be %d columns; these are %zu.",
                       SHEET_CELLS_MAX, count);
        return;
    }
    for (size_t i = 0; i < count && r->err == ERR_OK; i++) {
        r->columns[r->column_count++] = column_name(cells[i]);
        number = number || strcmp(r->columns[i], "phone_number") == 0;
        const char *what = column_fault(r, i);
        if (what != NULL)
            fault_at_column(r, i, cells[i], what);
    }
    if (r->err == ERR_OK && !number) {
        r->err = ERR_SYNTAX;
        (void)snprintf(r->fault, sizeof(r->fault),
                       "The first row must name the columns, and one must be phone_number.");
    }
}

static json_t *read_tags(struct str text)
{
    json_t *tags = json_array();
    for (size_t i = 0; i < text.n;) {
        size_t begin = i, end = i;
        while (end < text.n && text.p[end] != ',' && text.p[end] != ';' && text.p[end] != '|')
            end++;
        i = end + 1;
        while (begin < end && text.p[begin] == ' ')
            begin++;
        while (begin < end && text.p[end - 1] == ' ')
            end--;
        if (begin < end)
            (void)json_array_append_new(tags, json_stringn(text.p + begin, end - begin));
    }
    return tags;
}

static const char *add_cell(json_t *body, const char *column, struct str cell)
{
    if (!utf8_valid(cell.p, cell.n))
        return "The row is not UTF-8.";
    if (memchr(cell.p, '\0', cell.n) != NULL)
        return "The row holds a U+0000.";
    if (strcmp(column, "tags") == 0)
        (void)json_object_set_new(body, column, read_tags(cell));
    else if (contact_is_field(str_of(column)))
        (void)json_object_set_new(body, column, json_stringn(cell.p, cell.n));
    else
        (void)json_object_set_new(attributes_of(body), column, json_stringn(cell.p, cell.n));
    return NULL;
}

static void on_sheet_row(void *arg, size_t line, const struct str *cells, size_t count)
{
    struct import_rows *r = arg;
    if (r->err != ERR_OK)
        return;
    if (r->column_count == 0) {
        read_columns(r, cells, count);
        return;
    }
    json_t *body = json_object();
    const char *reason =
        count > r->column_count ? "The row has more cells than the first row has columns." : NULL;
    for (size_t i = 0; i < count && reason == NULL; i++) {
        if (cells[i].n > 0)
            reason = add_cell(body, r->columns[i], cells[i]);
    }
    give(r, line, body, reason);
}

static enum err judge_sheet(struct import_rows *r, enum err err)
{
    if (r->err != ERR_OK || err == ERR_OK)
        return r->err;
    r->err = err;
    (void)snprintf(r->fault, sizeof(r->fault),
                   err == ERR_SYNTAX ? "The text ends inside of quotes."
                                     : "A row is longer than %d bytes; is a quote not closed?",
                   SHEET_ROW_MAX);
    return err;
}

/* --- JSON --- */

static void move_attributes(json_t *body)
{
    const char *name;
    json_t *value;
    void *next;
    json_object_foreach_safe(body, next, name, value)
    {
        if (contact_is_field(str_of(name)))
            continue;
        json_t *attributes = attributes_of(body);
        if (json_is_object(attributes))
            (void)json_object_set(attributes, name, value);
        (void)json_object_del(body, name);
    }
}

/* What jansson says may quote bytes of the line that are not UTF-8. */
static void explain(char reason[FAULT_SIZE], json_error_t *syntax)
{
    for (char *c = syntax->text; *c != '\0'; c++) {
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    }
    (void)snprintf(reason, FAULT_SIZE, "Not JSON: column %d: %.200s.", syntax->column,
                   syntax->text);
}

static void read_object(struct import_rows *r, struct str text)
{
    char reason[FAULT_SIZE] = "The line must be a JSON object.";
    json_error_t syntax;
    json_t *body = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &syntax);
    if (body == NULL)
        explain(reason, &syntax);
    if (json_is_object(body))
        move_attributes(body);
    give(r, r->line, body, json_is_object(body) ? NULL : reason);
}

static bool is_blank(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != ' ' && text.p[i] != '\t' && text.p[i] != '\r')
            return false;
    }
    return true;
}

static void end_line(struct import_rows *r)
{
    static const struct str mark = {"\xef\xbb\xbf", 3};
    struct str text = buf_view(&r->text);
    if (r->line == 1 && str_starts(text, mark))
        text = (struct str){text.p + mark.n, text.n - mark.n};
    if (r->text.full)
        give(r, r->line, NULL, "The line is longer than 65536 bytes.");
    else if (!is_blank(text))
        read_object(r, text);
    buf_clear(&r->text);
    r->text.full = false;
    r->line++;
}

static void feed_lines(struct import_rows *r, struct str piece)
{
    while (piece.n > 0) {
        const char *end = memchr(piece.p, '\n', piece.n);
        size_t n = end != NULL ? (size_t)(end - piece.p) : piece.n;
        buf_add(&r->text, piece.p, n);
        if (end == NULL)
            return;
        end_line(r);
        piece = (struct str){end + 1, piece.n - n - 1};
    }
}

/* --- the text --- */

enum err import_rows_feed(struct import_rows *rows, struct str piece)
{
    if (rows->err != ERR_OK)
        return rows->err;
    if (rows->kind == IMPORT_CSV)
        return judge_sheet(rows, sheet_feed(rows->sheet, piece));
    feed_lines(rows, piece);
    return ERR_OK;
}

enum err import_rows_end(struct import_rows *rows)
{
    if (rows->err != ERR_OK)
        return rows->err;
    if (rows->kind == IMPORT_NDJSON) {
        end_line(rows);
        return ERR_OK;
    }
    enum err err = judge_sheet(rows, sheet_end(rows->sheet));
    if (err == ERR_OK && rows->column_count == 0)
        read_columns(rows, NULL, 0);
    return rows->err;
}
