#include "workers/ctl/view.h"

#include "workers/ctl/json.h"
#include "workers/ctl/table.h"

#include <jansson.h>

enum { TEXT_CAP = 1 << 20 };

/* A value as text. */
static void write_value(struct buf *out, const json_t *value)
{
    if (json_is_string(value)) {
        buf_add(out, json_string_value(value), json_string_length(value));
    } else if (json_is_boolean(value)) {
        buf_text(out, json_is_true(value) ? "yes" : "no");
    } else if (json_is_number(value)) {
        json_write(out, value);
    } else {
        buf_char(out, '-');
    }
}

static const json_t *find(const json_t *row, const char *field)
{
    struct str rest = str_of(field);
    while (rest.n > 0 && row != NULL) {
        struct str name = str_cut(&rest, '.');
        row = json_object_getn(row, name.p, name.n);
    }
    return row;
}

static void add_cell(struct table *table, const json_t *value)
{
    struct buf text = {.cap = TEXT_CAP};
    if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            if (i > 0)
                buf_char(&text, ',');
            write_value(&text, json_array_get(value, i));
        }
    } else {
        write_value(&text, value);
    }
    table_add(table, buf_view(&text));
    buf_done(&text);
}

static size_t columns_of(const struct command *command)
{
    size_t count = 0;
    while (command->columns[count].title != NULL)
        count++;
    return count;
}

static void write_rows(struct buf *out, const struct command *command, const json_t *rows)
{
    struct table table;
    size_t columns = columns_of(command);
    table_init(&table, columns);
    for (size_t i = 0; i < columns; i++)
        table_add(&table, str_of(command->columns[i].title));
    for (size_t i = 0; i < json_array_size(rows); i++) {
        for (size_t k = 0; k < columns; k++)
            add_cell(&table, find(json_array_get(rows, i), command->columns[k].field));
    }
    table_write(&table, out);
    table_done(&table);
}

static void write_object(struct buf *out, const struct command *command, const json_t *object)
{
    struct table table;
    table_init(&table, 2);
    for (const struct column *column = command->columns; column->title != NULL; column++) {
        table_add(&table, str_of(column->title));
        add_cell(&table, find(object, column->field));
    }
    table_write(&table, out);
    table_done(&table);
}

/* Says so when there is more than what is shown. */
static void write_rest(struct buf *out, const json_t *answer, size_t shown)
{
    json_int_t total = json_integer_value(json_object_get(answer, "total"));
    json_int_t page = json_integer_value(json_object_get(answer, "page"));
    json_int_t per_page = json_integer_value(json_object_get(answer, "per_page"));
    if (per_page > 0 && page * per_page < total)
        buf_printf(out, "%zu of %lld; --page %lld shows more\n", shown, (long long)total,
                   (long long)page + 1);
}

void view_write(struct buf *out, const struct command *command, const json_t *answer)
{
    if (command->columns == NULL)
        return;
    if (command->list == NULL) {
        write_object(out, command, answer);
        return;
    }
    const json_t *rows = json_object_get(answer, command->list);
    write_rows(out, command, rows);
    write_rest(out, answer, json_array_size(rows));
}

void view_problem(struct buf *out, const json_t *problem, int status)
{
    const char *detail = json_string_value(json_object_get(problem, "detail"));
    const json_t *errors = json_object_get(problem, "errors");
    if (detail != NULL)
        buf_printf(out, "%s\n", detail);
    else
        buf_printf(out, "the admin API answered %d\n", status);
    for (size_t i = 0; json_array_size(errors) > 1 && i < json_array_size(errors); i++) {
        const char *each = json_string_value(json_object_get(json_array_get(errors, i), "detail"));
        if (each != NULL)
            buf_printf(out, "  %s\n", each);
    }
}
