#include "workers/ctl/table.h"

#include "common/sms/utf8.h"

#include <wchar.h>

enum { GAP = 2, TEXT_CAP = 1 << 20 };

void table_init(struct table *table, size_t columns)
{
    *table = (struct table){.columns = columns < TABLE_MAX_COLUMNS ? columns : TABLE_MAX_COLUMNS};
}

void table_done(struct table *table)
{
    for (size_t i = 0; i < table->count; i++)
        xfree(table->cells[i].own_text);
    xfree(table->cells);
    table_init(table, table->columns);
}

/* Copies what can be shown; the rest becomes '?'. */
static size_t show(struct buf *out, struct str text)
{
    const char *p = text.p, *end = text.p + text.n;
    size_t width = 0;
    while (p < end) {
        const char *from = p;
        uint32_t cp = 0;
        int columns = utf8_next(&p, end, &cp) ? wcwidth((wchar_t)cp) : -1;
        if (p == from)
            p++; /* a bad byte */
        if (columns < 0)
            buf_char(out, '?');
        else
            buf_add(out, from, (size_t)(p - from));
        width += columns < 0 ? 1 : (size_t)columns;
    }
    return width;
}

void table_add(struct table *table, struct str text)
{
    struct buf shown = {.cap = TEXT_CAP};
    size_t width = show(&shown, text), column = table->count % table->columns;
    if (table->count == table->room) {
        table->room = table->room > 0 ? 2 * table->room : 64;
        table->cells = xrealloc(table->cells, table->room * sizeof(table->cells[0]));
    }
    table->cells[table->count++] = (struct table_cell){buf_take(&shown), width};
    if (width > table->widths[column])
        table->widths[column] = width;
}

void table_write(const struct table *table, struct buf *out)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct table_cell *cell = &table->cells[i];
        size_t column = i % table->columns;
        bool last = column + 1 == table->columns || i + 1 == table->count;
        buf_text(out, cell->own_text);
        for (size_t n = cell->width; !last && n < table->widths[column] + GAP; n++)
            buf_char(out, ' ');
        if (last)
            buf_char(out, '\n');
    }
}
