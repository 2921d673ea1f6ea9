#include "workers/ctl/table.h"

#include <criterion/criterion.h>
#include <locale.h>

static void set_locale(void)
{
    cr_assert_not_null(setlocale(LC_CTYPE, "C.UTF-8"));
}

TestSuite(table, .init = set_locale);

static void expect(size_t columns, const char *const *texts, const char *want, const char *name)
{
    struct table table;
    struct buf out = {.cap = 4096};
    table_init(&table, columns);
    for (; *texts != NULL; texts++)
        table_add(&table, str_of(*texts));
    table_write(&table, &out);
    cr_expect_str_eq(out.p != NULL ? out.p : "", want, "%s:\n%s", name, out.p);
    table_done(&table);
    buf_done(&out);
}

Test(table, columns_are_as_wide_as_their_widest_text)
{
    static const struct {
        const char *name;
        size_t columns;
        const char *texts[10], *want;
    } cases[] = {
        {"nothing", 2, {NULL}, ""},
        {"one column isn't padded", 1, {"A", "long", "x"}, "A\nlong\nx\n"},
        {"two columns",
         2,
         {"ID", "NAME", "a", "first", "longer", "b"},
         "ID      NAME\na       first\nlonger  b\n"},
        {"an empty cell", 3, {"A", "B", "C", "", "", "z"}, "A  B  C\n      z\n"},
        {"letters of two bytes are one column",
         2,
         {"\xc3\xa6\xc3\xb8", "x", "abc", "y"},
         "\xc3\xa6\xc3\xb8   x\nabc  y\n"},
        {"letters of two columns",
         2,
         {"\xe6\xbc\xa2", "x", "abc", "y"},
         "\xe6\xbc\xa2   x\nabc  y\n"},
        {"a row that was not finished", 2, {"a", "b", "c"}, "a  b\nc\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect(cases[i].columns, cases[i].texts, cases[i].want, cases[i].name);
}

Test(table, what_a_terminal_would_act_on_is_not_written)
{
    static const char *const texts[] = {
        "a\x1b[31mred", "tab\tand\nline",
        "\x7f",         "\xc2\x9b]m", /* a control character of two bytes */
        "bad \xff\xc3", NULL};
    expect(1, texts, "a?[31mred\ntab?and?line\n?\n?]m\nbad ??\n", "controls");
}

Test(table, many_rows)
{
    struct table table;
    struct buf out = {.cap = 1 << 20};
    table_init(&table, 2);
    for (int i = 0; i < 2000; i++)
        table_add(&table, STR("cell"));
    table_write(&table, &out);
    cr_expect_eq(out.n, 1000 * strlen("cell  cell\n"));
    table_done(&table);
    buf_done(&out);
}
