#include "workers/api/import_rows.h"

#include "common/base/buf.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>

enum { TEXT_CAP = 1 << 20 };

/* Rows as "line body" or "line ! reason". */
static struct buf got;

static void on_row(void *arg, size_t line, json_t *own_body, const char *reason)
{
    (void)arg;
    char *text = own_body != NULL ? json_dumps(own_body, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    buf_printf(&got, "%zu %s%s\n", line, text != NULL ? text : "! ", reason);
    free(text);
    json_decref(own_body);
}

static void expect(const char *name, enum import_kind kind, struct str text, const char *want,
                   const char *want_fault)
{
    static const size_t pieces[] = {1, 3, 7, 100, TEXT_CAP};
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct import_rows *rows = import_rows_new(kind, on_row, NULL);
        enum err err = ERR_OK;
        buf_init(&got, TEXT_CAP);
        for (size_t at = 0; at < text.n && err == ERR_OK; at += pieces[i])
            err = import_rows_feed(
                rows, (struct str){text.p + at, text.n - at < pieces[i] ? text.n - at : pieces[i]});
        if (err == ERR_OK)
            err = import_rows_end(rows);
        cr_expect_eq(err != ERR_OK, want_fault != NULL, "%s: %s", name, err_text(err));
        if (want_fault != NULL)
            cr_expect_str_eq(import_rows_fault(rows), want_fault, "%s", name);
        cr_expect(str_eq(buf_view(&got), str_of(want)), "%s, by %zu: %s", name, pieces[i],
                  got.p != NULL ? got.p : "");
        import_rows_free(rows);
        buf_done(&got);
    }
}

#define NO_COLUMN "The first row must name the columns, and one must be phone_number."

Test(import_rows, csv)
{
    static const struct {
        const char *name, *text, *want, *fault;
    } cases[] = {
        {"fields and attributes", "phone_number,name,Home town\n+4799999901,Kari,Oslo\n",
         "2 {\"attributes\":{\"Home_town\":\"Oslo\"},\"name\":\"Kari\",\"phone_number\":"
         "\"+4799999901\"}\n",
         NULL},
        {"columns in any writing", "Phone Number;FIRST-NAME;Type\n+4799999901;Kari;person\n",
         "2 {\"first_name\":\"Kari\",\"phone_number\":\"+4799999901\",\"type\":\"person\"}\n",
         NULL},
        {"numbers are tidied", "phone_number\n+47 (99) 99-99.01\n",
         "2 {\"phone_number\":\"+4799999901\"}\n", NULL},
        {"tags", "phone_number,tags\n+4799999901,\"vip, a b;|oslo\"\n",
         "2 {\"phone_number\":\"+4799999901\",\"tags\":[\"vip\",\"a b\",\"oslo\"]}\n", NULL},
        {"empty cells say nothing", "phone_number,name,city\n+4799999901,,\n+4799999902\n",
         "2 {\"phone_number\":\"+4799999901\"}\n3 {\"phone_number\":\"+4799999902\"}\n", NULL},
        {"wrong numbers",
         "phone_number,name\n,Kari\n4799999901,x\n+47,x\n+47 (0) 99999901,x\nx,x\n",
         "2 ! There is no phone_number.\n"
         "3 ! The number has no '+' before its country code; write it as \"+4799999999\".\n"
         "4 ! Not a phone number: '+', then 7 to 15 digits of which the first is not 0.\n"
         "5 ! A number with \"(0)\" in it can be read in two ways; leave the 0 out.\n"
         "6 ! Not a phone number: '+', then 7 to 15 digits of which the first is not 0.\n",
         NULL},
        {"more cells than columns", "phone_number\n+4799999901,x\n+4799999902\n",
         "2 ! The row has more cells than the first row has columns.\n"
         "3 {\"phone_number\":\"+4799999902\"}\n",
         NULL},
        {"not UTF-8", "phone_number,name\n+4799999901,\xff\n", "2 ! The row is not UTF-8.\n", NULL},
        {"a line end in a cell", "phone_number,notes\n+4799999901,\"a\nb\"\nx\n",
         "2 {\"notes\":\"a\\nb\",\"phone_number\":\"+4799999901\"}\n"
         "4 ! Not a phone number: '+', then 7 to 15 digits of which the first is not 0.\n",
         NULL},
        {"only columns", "phone_number,name\n", "", NULL},
        {"no columns", "+4799999901,Kari\n", "",
         "Column 1, \"+4799999901\", must be called by 1 to 64 of A-Z a-z 0-9 _ . -"},
        {"another file", "a,b\n1,2\n", "", NO_COLUMN},
        {"nothing", "", "", NO_COLUMN},
        {"a column twice", "phone_number,name,Name\nx,y,z\n", "",
         "Column 3, \"Name\", is there twice."},
        {"an empty column", "phone_number,,x\n", "",
         "Column 2, \"\", must be called by 1 to 64 of A-Z a-z 0-9 _ . -"},
        {"attributes as a column", "phone_number,attributes\n", "",
         "Column 2, \"attributes\", can't be; each attribute has a column of its own."},
        {"a column that is not UTF-8", "phone_number,\xff\n", "",
         "Column 2 must be called by 1 to 64 of A-Z a-z 0-9 _ . -"},
        {"a quote that is never closed", "phone_number\n+4799999901\n\"+479",
         "2 {\"phone_number\":\"+4799999901\"}\n", "The text ends inside of quotes."},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect(cases[i].name, IMPORT_CSV, str_of(cases[i].text), cases[i].want, cases[i].fault);
}

Test(import_rows, json)
{
    static const struct {
        const char *name, *text, *want;
    } cases[] = {
        {"fields and attributes",
         "{\"phone_number\":\"+47 99 99 99 01\",\"city\":\"Oslo\",\"attributes\":{\"a\":\"x\"}}\n",
         "1 {\"attributes\":{\"a\":\"x\",\"city\":\"Oslo\"},\"phone_number\":\"+4799999901\"}\n"},
        {"a mark, CR LF and empty lines",
         "\xef\xbb\xbf{\"phone_number\":\"+4799999901\"}\r\n\n "
         "\r\n{\"phone_number\":\"+4799999902\"}",
         "1 {\"phone_number\":\"+4799999901\"}\n4 {\"phone_number\":\"+4799999902\"}\n"},
        {"no number", "{}\n{\"phone_number\":null}\n{\"phone_number\":4799999901}\n",
         "1 ! There is no phone_number.\n2 ! There is no phone_number.\n"
         "3 ! Not a phone number: '+', then 7 to 15 digits of which the first is not 0.\n"},
        {"no object", "[]\n5\n",
         "1 ! The line must be a JSON object.\n2 ! Not JSON: column 1: '[' "
         "or '{' expected near '5'.\n"},
        {"not UTF-8", "{\"a\":\"\xff\"}",
         "1 ! Not JSON: column 6: unable to decode byte 0xff near '\"'.\n"},
        {"a name twice", "{\"a\":\"1\",\"a\":\"2\"}",
         "1 ! Not JSON: column 12: duplicate object key near '\"a\"'.\n"},
        {"nothing", "", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect(cases[i].name, IMPORT_NDJSON, str_of(cases[i].text), cases[i].want, NULL);
}

Test(import_rows, a_line_of_json_has_its_bound)
{
    struct buf text = {.cap = TEXT_CAP};
    for (size_t i = 0; i < 70000; i++)
        buf_char(&text, 'x');
    buf_text(&text, "\n{\"phone_number\":\"+4799999901\"}\n");
    expect("too long", IMPORT_NDJSON, buf_view(&text),
           "1 ! The line is longer than 65536 bytes.\n2 {\"phone_number\":\"+4799999901\"}\n",
           NULL);
    buf_done(&text);
}

Test(import_rows, columns_have_their_bound)
{
    struct buf text = {.cap = TEXT_CAP};
    buf_text(&text, "phone_number");
    for (size_t i = 1; i < 201; i++)
        buf_printf(&text, ",a%zu", i);
    expect("too many", IMPORT_CSV, buf_view(&text), "", "There may be 200 columns; these are 201.");
    buf_done(&text);
}
