#include "common/base/str.h"

#include <criterion/criterion.h>

Test(str, equality_is_of_bytes)
{
    cr_expect(str_eq(STR("ab"), (struct str){"abc", 2}));
    cr_expect(str_eq((struct str){0}, STR("")));
    cr_expect_not(str_eq(STR("ab"), STR("ac")));
    cr_expect_not(str_eq(STR("ab"), STR("abc")));
    cr_expect_eq(str_of(NULL).n, 0U);
}

Test(str, starts)
{
    cr_expect(str_starts(STR("abc"), STR("ab")));
    cr_expect(str_starts(STR("abc"), (struct str){0}));
    cr_expect_not(str_starts(STR("a"), STR("ab")));
    cr_expect_not(str_starts((struct str){0}, STR("a")));
}

Test(str, cut_walks_through_the_parts)
{
    struct str rest = STR("a,,bc");
    cr_expect(str_eq(str_cut(&rest, ','), STR("a")));
    cr_expect(str_eq(str_cut(&rest, ','), STR("")));
    cr_expect(str_eq(str_cut(&rest, ','), STR("bc")));
    cr_expect_eq(rest.n, 0U);
    cr_expect_eq(str_cut(&rest, ',').n, 0U);
}

Test(str, to_uint)
{
    static const struct {
        const char *text;
        unsigned long long max, want; /* want 99: refused */
    } cases[] = {
        {"0", 10, 0},
        {"10", 10, 10},
        {"007", 10, 7},
        {"11", 10, 99},
        {"", 10, 99},
        {"-1", 10, 99},
        {"+1", 10, 99},
        {" 1", 10, 99},
        {"1x", 10, 99},
        {"9999999999999999999", ~0ULL, 9999999999999999999ULL},
        {"10000000000000000000", ~0ULL, 99},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned long long got = 99;
        bool ok = str_to_uint(str_of(cases[i].text), cases[i].max, &got);
        cr_expect_eq(got, cases[i].want, "\"%s\": got %llu", cases[i].text, got);
        cr_expect_eq(ok, cases[i].want != 99, "\"%s\"", cases[i].text);
    }
}
