#include "common/base/buf.h"

#include <criterion/criterion.h>

Test(buf, is_valid_when_only_its_cap_is_set)
{
    struct buf b = {.cap = 8};
    cr_expect_eq(buf_view(&b).n, 0U);
    buf_clear(&b);
    buf_text(&b, "ab");
    cr_expect_str_eq(b.p, "ab");
    buf_done(&b);
    buf_done(&b);
}

Test(buf, numbers_in_decimal)
{
    struct buf b = {.cap = 256};
    buf_uint(&b, 0);
    buf_char(&b, ' ');
    buf_uint(&b, UINT64_MAX);
    buf_char(&b, ' ');
    buf_int(&b, INT64_MIN);
    cr_expect_str_eq(b.p, "0 18446744073709551615 -9223372036854775808");
    buf_done(&b);
}

Test(buf, what_does_not_fit_is_dropped_whole)
{
    struct buf b = {.cap = 4};
    buf_text(&b, "abc");
    buf_text(&b, "de");
    cr_expect(b.full);
    cr_expect_str_eq(b.p, "abc");
    buf_char(&b, 'd');
    cr_expect_str_eq(b.p, "abcd", "up to the cap");
    buf_clear(&b);
    cr_expect_not(b.full);
    cr_expect_str_eq(b.p, "");
    buf_done(&b);
}

Test(buf, grows_and_keeps_what_it_holds)
{
    struct buf b = {.cap = 100000};
    for (int i = 0; i < 20000; i++)
        buf_text(&b, "12345");
    cr_expect_eq(b.n, 100000U);
    cr_expect_not(b.full);
    cr_expect_eq(memcmp(b.p + 99995, "12345", 6), 0, "with its NUL");
    buf_done(&b);
}

Test(buf, take_moves_the_bytes_out)
{
    struct buf b = {.cap = 16};
    char *empty = buf_take(&b);
    cr_expect_str_eq(empty, "");
    buf_text(&b, "mine");
    char *taken = buf_take(&b);
    cr_expect_str_eq(taken, "mine");
    cr_expect_eq(b.n, 0U);
    cr_expect_eq(b.cap, 16U);
    xfree(empty);
    xfree(taken);
}

Test(buf, printf_short_and_long)
{
    struct buf b = {.cap = 2000};
    buf_printf(&b, "%d-%s", 7, "x");
    cr_expect_str_eq(b.p, "7-x");
    buf_printf(&b, "%1000d", 1);
    cr_expect_eq(b.n, 1003U);
    buf_printf(&b, "%1000d", 1);
    cr_expect(b.full);
    cr_expect_eq(b.n, 1003U);
    buf_done(&b);
}

Test(buf, json_strings)
{
    static const struct {
        const char *name;
        struct str text;
        const char *want;
    } cases[] = {
        {"empty", {NULL, 0}, "\"\""},
        {"plain", {"abc", 3}, "\"abc\""},
        {"quote and backslash", {"a\"b\\c", 5}, "\"a\\\"b\\\\c\""},
        {"white space", {"\n\r\t", 3}, "\"\\n\\r\\t\""},
        {"control characters", {"\0\x1f\x7f", 3}, "\"\\u0000\\u001f\\u007f\""},
        {"UTF-8 stays", {"\xc3\xa6", 2}, "\"\xc3\xa6\""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf b = {.cap = 64};
        buf_json(&b, cases[i].text);
        cr_expect_str_eq(b.p, cases[i].want, "%s: got %s", cases[i].name, b.p);
        buf_done(&b);
    }
}
