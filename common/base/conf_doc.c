/* What conf.h generates from a table for people to read. */
#include "common/base/conf.h"

#include "common/base/conf_value.h"

/* Of a line; a terminal's is narrower than a file's. */
enum { HELP_WIDTH = 78, SAMPLE_WIDTH = 96, TEXT_CAP = 4096 };

/* Adds text in lines of at most width bytes, each with indent before it. */
static void add_wrapped(struct buf *out, size_t width, const char *indent, const char *text)
{
    struct str rest = str_of(text);
    size_t column = 0;
    while (rest.n > 0) {
        struct str word = str_cut(&rest, ' ');
        if (column > 0 && column + 1 + word.n > width) {
            buf_char(out, '\n');
            column = 0;
        }
        buf_text(out, column == 0 ? indent : " ");
        column += (column == 0 ? strlen(indent) : 1) + word.n;
        buf_str(out, word);
    }
    buf_char(out, '\n');
}

static bool required(const struct conf_row *row)
{
    return (row->flags & CONF_REQUIRED) != 0 || row->flags >> CONF_REQUIRED_OF_SHIFT != 0;
}

/* The help, and in brackets what is accepted. */
static void add_description(struct buf *out, size_t width, const char *indent,
                            const struct conf_row *row)
{
    struct buf text = {.cap = TEXT_CAP};
    struct buf accepts = {.cap = TEXT_CAP};
    conf_value_accepts(row, &accepts);
    buf_text(&text, row->help);
    if (accepts.n > 0)
        buf_printf(&text, " (%s)", accepts.p);
    if (required(row))
        buf_text(&text, " Required.");
    if ((row->flags & CONF_SECRET) != 0)
        buf_printf(&text, " Secret: %s_FILE may name a file that holds it.", row->name);
    add_wrapped(out, width, indent, text.p);
    buf_done(&accepts);
    buf_done(&text);
}

static unsigned all_users(const struct conf_table *table)
{
    unsigned all = 0;
    for (size_t i = 0; table->users[i] != NULL; i++)
        all |= 1U << i;
    return all;
}

static void add_users(struct buf *out, const struct conf_table *table, unsigned used_by)
{
    unsigned missing = all_users(table) & ~used_by;
    if (missing == 0) {
        buf_text(out, "all");
        return;
    }
    /* One is missing, and more than one is not. */
    bool but = (missing & (missing - 1)) == 0 && (used_by & (used_by - 1)) != 0;
    unsigned named = but ? missing : used_by;
    const char *before = but ? "all but " : "";
    for (size_t i = 0; table->users[i] != NULL; i++) {
        if ((named & 1U << i) == 0)
            continue;
        buf_text(out, before);
        buf_text(out, table->users[i]);
        before = ", ";
    }
}

void conf_write_help(const struct conf_table *table, unsigned used_by, struct buf *out)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct conf_row *row = &table->rows[i];
        if ((row->used_by & used_by) == 0)
            continue;
        buf_printf(out, "  %s=%s\n", row->name, row->text);
        add_description(out, HELP_WIDTH, "      ", row);
    }
}

void conf_write_sample(const struct conf_table *table, struct buf *out)
{
    unsigned used_by = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct conf_row *row = &table->rows[i];
        if (row->used_by != used_by) {
            used_by = row->used_by;
            buf_text(out, "\n# ---- used by: ");
            add_users(out, table, used_by);
            buf_text(out, " ----\n");
        }
        buf_char(out, '\n');
        add_description(out, SAMPLE_WIDTH, "# ", row);
        buf_printf(out, "#%s =%s%s\n", row->name, *row->text != '\0' ? " " : "", row->text);
    }
}

/* A bar would end the table's cell. */
static void add_cell(struct buf *out, const char *text)
{
    buf_text(out, " ");
    for (; *text != '\0'; text++) {
        if (*text == '|')
            buf_char(out, '\\');
        buf_char(out, *text);
    }
    buf_text(out, " |");
}

static void add_default(struct buf *out, const struct conf_row *row)
{
    if (*row->text != '\0')
        buf_printf(out, "`%s`", row->text);
    else
        buf_text(out, required(row) ? "**required**" : "none");
}

void conf_write_markdown(const struct conf_table *table, struct buf *out)
{
    struct buf cell = {.cap = TEXT_CAP};
    buf_text(out,
             "| setting | default | accepts | used by | what it is |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < table->count; i++) {
        const struct conf_row *row = &table->rows[i];
        buf_printf(out, "| `%s`%s |", row->name, (row->flags & CONF_SECRET) != 0 ? ", secret" : "");
        buf_clear(&cell);
        add_default(&cell, row);
        add_cell(out, cell.p);
        buf_clear(&cell);
        conf_value_accepts(row, &cell);
        add_cell(out, cell.n > 0 ? cell.p : "text");
        buf_clear(&cell);
        add_users(&cell, table, row->used_by);
        add_cell(out, cell.p);
        add_cell(out, row->help);
        buf_char(out, '\n');
    }
    buf_done(&cell);
}
