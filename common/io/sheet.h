/*
 * sheet.h - the rows of a CSV text that comes in pieces.
 *
 * Cells are separated by commas, semicolons or tabs (whichever the first row has most of), may be
 * quoted, and may then hold separators, quotes (doubled) and line ends. Rows end with LF, CR LF or
 * CR; empty ones are left out. A byte order mark at the start is left out. Spaces around a cell that
 * isn't quoted are, too.
 *
 * Units    lines count from 1; bytes.
 * Owns     a row's memory, at most SHEET_ROW_MAX bytes; cells die with the call.
 * Errors   ERR_TOO_LONG a row is longer, as when a quote is never closed; ERR_SYNTAX the text ends
 *          inside quotes. After an error nothing more is read.
 * Threads  one.
 * Source   RFC 4180; the work is libcsv's.
 */
#ifndef COMMON_IO_SHEET_H
#define COMMON_IO_SHEET_H

#include "common/base/err.h"
#include "common/base/str.h"

enum {
    SHEET_ROW_MAX = 64 * 1024,
    SHEET_CELLS_MAX = 200 /* of a row; further ones are only counted */
};

struct sheet;

/* count may be more than SHEET_CELLS_MAX; line is the row's first. */
typedef void (*sheet_fn)(void *arg, size_t line, const struct str *cells, size_t count);

struct sheet *sheet_new(sheet_fn fn, void *arg);
void sheet_free(struct sheet *own_sheet);
/* Calls fn for each row that ends in the piece. */
MUST_USE enum err sheet_feed(struct sheet *sheet, struct str piece);
/* The text is over: what is left is the last row. */
MUST_USE enum err sheet_end(struct sheet *sheet);
size_t sheet_line(const struct sheet *sheet); /* where it is */

#endif
