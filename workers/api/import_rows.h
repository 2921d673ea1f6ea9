/*
 * import_rows.h - the rows of an import, as they come: CSV, or a JSON object a line.
 *
 * A row becomes what POST /v1/contacts takes as its body, with phone_number as in E.164: separators
 * in it are left out. In CSV the first row names the columns, in any case and with spaces or hyphens
 * for '_': fields, and attributes, which is everything else. A cell that is empty says nothing. Tags
 * are separated by ',', ';' or '|'. In JSON, names that are no fields are attributes, too.
 *
 * Units    lines count from 1.
 * Owns     what it has of a row that isn't whole, up to SHEET_ROW_MAX bytes (common/io/sheet.h).
 * Errors   ERR_SYNTAX, ERR_TOO_LONG: it can't be read any further; import_rows_fault says why. A row
 *          that is wrong by itself is told to fn, with the reason.
 * Threads  one.
 */
#ifndef WORKERS_API_IMPORT_ROWS_H
#define WORKERS_API_IMPORT_ROWS_H

#include "common/base/err.h"
#include "common/base/str.h"

struct json_t; /* jansson's */
struct import_rows;

enum import_kind { IMPORT_CSV, IMPORT_NDJSON };

/* own_body is NULL when the row is refused; reason is "" otherwise, and dies with the call. */
typedef void (*import_row_fn)(void *arg, size_t line, struct json_t *own_body, const char *reason);

struct import_rows *import_rows_new(enum import_kind kind, import_row_fn fn, void *arg);
void import_rows_free(struct import_rows *own_rows);
MUST_USE enum err import_rows_feed(struct import_rows *rows, struct str piece);
MUST_USE enum err import_rows_end(struct import_rows *rows);
/* After an error: a sentence. */
const char *import_rows_fault(const struct import_rows *rows);

#endif
