/*
 * table.h - texts in aligned columns, for a terminal.
 *
 * Columns are as wide as their widest text, two spaces apart; the last one isn't padded. What a
 * terminal would act on (control characters) and what is no UTF-8 is shown as '?': names come from
 * strangers.
 *
 * Units    terminal columns (wcwidth, so setlocale must have been called with a UTF-8 locale).
 * Owns     copies of the texts, until table_done. {0} with table_init.
 * Errors   none.
 * Threads  one.
 */
#ifndef WORKERS_CTL_TABLE_H
#define WORKERS_CTL_TABLE_H

#include "common/base/buf.h"

enum { TABLE_MAX_COLUMNS = 16 };

struct table {
    size_t columns, widths[TABLE_MAX_COLUMNS];
    struct table_cell {
        char *own_text;
        size_t width;
    } * cells; /* row by row */
    size_t count, room;
};

void table_init(struct table *table, size_t columns);
void table_done(struct table *table);
/* The next cell, from left to right. */
void table_add(struct table *table, struct str text);
void table_write(const struct table *table, struct buf *out);

#endif
