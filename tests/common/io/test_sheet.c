#include "common/io/sheet.h"

#include "common/base/buf.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { TEXT_CAP = 1 << 20 };

/* Rows as "line:cell|cell\n". */
static struct buf got;

static void on_row(void *arg, size_t line, const struct str *cells, size_t count)
{
    (void)arg;
    buf_printf(&got, "%zu:", line);
    for (size_t i = 0; i < count && i < SHEET_CELLS_MAX; i++) {
        buf_text(&got, i > 0 ? "|" : "");
        buf_str(&got, cells[i]);
    }
    buf_char(&got, '\n');
}

/* Reads the text in pieces of so many bytes. */
static enum err read(struct str text, size_t piece)
{
    struct sheet *t = sheet_new(on_row, NULL);
    enum err err = ERR_OK;
    buf_done(&got);
    buf_init(&got, TEXT_CAP);
    for (size_t at = 0; at < text.n && err == ERR_OK; at += piece)
        err = sheet_feed(t, (struct str){text.p + at, text.n - at < piece ? text.n - at : piece});
    if (err == ERR_OK)
        err = sheet_end(t);
    sheet_free(t);
    return err;
}

Test(sheet, rows)
{
    static const struct {
        const char *name, *text, *want;
        enum err err;
    } cases[] = {
        {"two rows", "a,b\n1,2\n", "1:a|b\n2:1|2\n", ERR_OK},
        {"the last line has no end", "a,b\n1,2", "1:a|b\n2:1|2\n", ERR_OK},
        {"CR LF", "a,b\r\n1,2\r\n3,4\r\n", "1:a|b\n2:1|2\n3:3|4\n", ERR_OK},
        {"CR alone", "a,b\r1,2\r3,4", "1:a|b\n2:1|2\n3:3|4\n", ERR_OK},
        {"a byte order mark",
         "\xef\xbb\xbf"
         "a,b\n1,2\n",
         "1:a|b\n2:1|2\n", ERR_OK},
        {"semicolons", "a;b,c;d\n1;2,5;3\n", "1:a|b,c|d\n2:1|2,5|3\n", ERR_OK},
        {"tabs", "a\tb\n1\t2\n", "1:a|b\n2:1|2\n", ERR_OK},
        {"a quoted separator does not count", "\"a;;;\",b\n1,2\n", "1:a;;;|b\n2:1|2\n", ERR_OK},
        {"quotes", "a,b\n\"x,\"\"y\"\"\",2\n", "1:a|b\n2:x,\"y\"|2\n", ERR_OK},
        {"a line end in quotes", "a\n\"x\ny\"\nz\n", "1:a\n2:x\ny\n4:z\n", ERR_OK},
        {"a CR LF in quotes", "a\r\n\"x\r\ny\"\r\nz\r\n", "1:a\n2:x\r\ny\n4:z\n", ERR_OK},
        {"empty lines", "\n\na\n\n\r\nb\n", "3:a\n6:b\n", ERR_OK},
        {"empty cells", "a,b,c\n1,,\n,,\n", "1:a|b|c\n2:1||\n", ERR_OK},
        {"spaces around cells", "a , b\n 1 ,\" 2 \"\n", "1:a|b\n2:1| 2 \n", ERR_OK},
        {"a quote inside a cell", "a\nx\"y\n", "1:a\n2:x\"y\n", ERR_OK},
        {"nothing", "", "", ERR_OK},
        {"only a mark", "\xef\xbb\xbf", "", ERR_OK},
        {"one cell", "a", "1:a\n", ERR_OK},
        {"a quote that is never closed", "a,b\n\"1,2\n3,4\n", "1:a|b\n", ERR_SYNTAX},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t piece = 1; piece < 20; piece++) {
            cr_expect_eq(read(str_of(cases[i].text), piece), cases[i].err, "%s, by %zu",
                         cases[i].name, piece);
            cr_expect(str_eq(buf_view(&got), str_of(cases[i].want)), "%s, by %zu: %s",
                      cases[i].name, piece, got.p);
        }
    }
}

static struct str filled(struct buf *text, const char *start, char c, size_t n)
{
    buf_init(text, TEXT_CAP);
    buf_text(text, start);
    for (size_t i = 0; i < n; i++)
        buf_char(text, c);
    return buf_view(text);
}

Test(sheet, a_row_has_its_bound)
{
    static const size_t pieces[] = {1000, TEXT_CAP};
    for (size_t i = 0; i < 2; i++) {
        struct buf text;
        cr_expect_eq(read(filled(&text, "a\n", 'x', SHEET_ROW_MAX), pieces[i]), ERR_OK);
        buf_done(&text);
        cr_expect_eq(read(filled(&text, "a\n", 'x', SHEET_ROW_MAX + 1), pieces[i]), ERR_TOO_LONG);
        buf_done(&text);
        cr_expect_eq(read(filled(&text, "a\n\"", '\n', 300000), pieces[i]), ERR_TOO_LONG);
        buf_done(&text);
        cr_expect_eq(read(filled(&text, "", 'x', 300000), pieces[i]), ERR_TOO_LONG,
                     "the first row");
        buf_done(&text);
        cr_expect_eq(read(filled(&text, "\"", ',', 300000), pieces[i]), ERR_TOO_LONG);
        buf_done(&text);
    }
}

static size_t counted;

static void count_cells(void *arg, size_t line, const struct str *cells, size_t count)
{
    (void)arg;
    (void)line;
    (void)cells;
    counted = count;
}

Test(sheet, cells_beyond_the_most_are_counted)
{
    struct buf text;
    struct sheet *t = sheet_new(count_cells, NULL);
    cr_assert_eq(sheet_feed(t, filled(&text, "x", ',', 1000)), ERR_OK);
    cr_assert_eq(sheet_end(t), ERR_OK);
    cr_expect_eq(counted, 1001);
    sheet_free(t);
    buf_done(&text);
}
