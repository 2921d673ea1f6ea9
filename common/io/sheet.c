#include "common/io/sheet.h"

#include "common/base/buf.h"

#include <csv.h>

static const char MARK[] = "\xef\xbb\xbf"; /* the byte order mark in UTF-8 */
enum { MARK_SIZE = 3, CELL_MAX = SHEET_ROW_MAX + 1024 };

struct sheet {
    sheet_fn fn;
    void *arg;
    struct csv_parser parser;
    enum err err;
    struct buf head; /* of the text, until its first row is whole and its separator known */
    bool begun;      /* from then on */
    size_t line, row_line;
    bool after_cr;
    struct buf row; /* its cells, one behind the other */
    size_t ends[SHEET_CELLS_MAX], count;
};

/* libcsv's memory for a cell: bounded, and never out without our knowing. */
static void *grow(void *own_p, size_t n)
{
    return n > CELL_MAX ? NULL : xrealloc(own_p, n);
}

struct sheet *sheet_new(sheet_fn fn, void *arg)
{
    struct sheet *t = xalloc(sizeof(*t));
    t->fn = fn;
    t->arg = arg;
    t->line = 1;
    buf_init(&t->head, SHEET_ROW_MAX);
    buf_init(&t->row, SHEET_ROW_MAX);
    if (csv_init(&t->parser, CSV_REPALL_NL) != 0)
        t->err = ERR_IO; /* it can't be: the parser is there */
    csv_set_realloc_func(&t->parser, grow);
    csv_set_free_func(&t->parser, xfree);
    return t;
}

void sheet_free(struct sheet *own_sheet)
{
    if (own_sheet == NULL)
        return;
    csv_free(&own_sheet->parser);
    buf_done(&own_sheet->head);
    buf_done(&own_sheet->row);
    xfree(own_sheet);
}

/* --- what libcsv calls --- */

static size_t count_lines(struct str text)
{
    size_t lines = 0;
    for (size_t i = 0; i < text.n; i++)
        lines +=
            text.p[i] == '\n' || (text.p[i] == '\r' && (i + 1 == text.n || text.p[i + 1] != '\n'));
    return lines;
}

static void on_cell(void *bytes, size_t n, void *arg)
{
    struct sheet *t = arg;
    struct str cell = {bytes, n};
    t->after_cr = false;
    if (t->count == 0)
        t->row_line = t->line;
    t->line += count_lines(cell);
    buf_str(&t->row, cell);
    if (t->count < SHEET_CELLS_MAX)
        t->ends[t->count] = t->row.n;
    t->count++;
}

static void give_row(struct sheet *t)
{
    struct str cells[SHEET_CELLS_MAX];
    size_t at = 0, kept = t->count < SHEET_CELLS_MAX ? t->count : SHEET_CELLS_MAX;
    if (t->row.n == 0) /* nothing but empty cells */
        return;
    for (size_t i = 0; i < kept; i++) {
        cells[i] = (struct str){t->row.p + at, t->ends[i] - at};
        at = t->ends[i];
    }
    t->fn(t->arg, t->row_line, cells, t->count);
}

/* end: the byte that ended the row; -1: the text's end. */
static void on_row(int end, void *arg)
{
    struct sheet *t = arg;
    if (t->row.full && t->err == ERR_OK)
        t->err = ERR_TOO_LONG;
    if (t->count > 0 && t->err == ERR_OK)
        give_row(t);
    t->count = 0;
    buf_clear(&t->row);
    t->row.full = false;
    if (end == CSV_CR || (end == CSV_LF && !t->after_cr))
        t->line++;
    t->after_cr = end == CSV_CR;
}

/* --- the text --- */

static void parse(struct sheet *t, struct str text)
{
    if (t->err == ERR_OK && text.n > 0 &&
        csv_parse(&t->parser, text.p, text.n, on_cell, on_row, t) != text.n && t->err == ERR_OK)
        t->err = ERR_TOO_LONG; /* grow would not */
}

/* The bytes of the first row; 0: it isn't whole. Counts its separators. */
static size_t first_row(struct str text, size_t counts[3])
{
    static const char separators[] = ",;\t";
    bool quoted = false;
    for (size_t i = 0; i < text.n; i++) {
        const char *separator = text.p[i] != '\0' ? strchr(separators, text.p[i]) : NULL;
        if (text.p[i] == '"')
            quoted = !quoted;
        else if (!quoted && (text.p[i] == '\n' || text.p[i] == '\r') && i > 0)
            return i + 1;
        else if (!quoted && separator != NULL)
            counts[separator - separators]++;
    }
    return 0;
}

/* Once the first row is there, or there will be no more. */
static void begin(struct sheet *t, bool ended)
{
    size_t counts[3] = {0};
    struct str text = buf_view(&t->head);
    if (text.n >= MARK_SIZE && memcmp(text.p, MARK, MARK_SIZE) == 0)
        text = (struct str){text.p + MARK_SIZE, text.n - MARK_SIZE};
    if (first_row(text, counts) == 0 && !ended && !t->head.full)
        return;
    if (counts[1] > counts[0] && counts[1] >= counts[2])
        csv_set_delim(&t->parser, ';');
    else if (counts[2] > counts[0])
        csv_set_delim(&t->parser, '\t');
    t->begun = true;
    parse(t, text);
    buf_done(&t->head);
}

enum err sheet_feed(struct sheet *sheet, struct str piece)
{
    struct sheet *t = sheet;
    if (!t->begun) {
        size_t room = t->head.cap - t->head.n;
        struct str first = {piece.p, piece.n < room ? piece.n : room};
        piece = (struct str){piece.p + first.n, piece.n - first.n};
        buf_str(&t->head, first);
        t->head.full = t->head.n == t->head.cap;
        begin(t, false);
    }
    parse(t, piece);
    return t->err;
}

enum err sheet_end(struct sheet *sheet)
{
    struct sheet *t = sheet;
    if (!t->begun)
        begin(t, true);
    (void)csv_set_opts(&t->parser, CSV_REPALL_NL | CSV_STRICT | CSV_STRICT_FINI);
    if (t->err == ERR_OK && csv_fini(&t->parser, on_cell, on_row, t) != 0)
        t->err = ERR_SYNTAX;
    return t->err;
}

size_t sheet_line(const struct sheet *sheet)
{
    return sheet->line;
}
