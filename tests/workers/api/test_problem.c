#include "workers/api/problem.h"

#include <criterion/criterion.h>
#include <jansson.h>

/* The list as JSON. */
static json_t *list_of(const struct problem *p)
{
    struct buf text = {.cap = 100000};
    buf_char(&text, '[');
    buf_str(&text, buf_view(&p->list));
    buf_char(&text, ']');
    json_t *list = json_loadb(text.p, text.n, 0, NULL);
    cr_assert_not_null(list, "%s", text.p);
    buf_done(&text);
    return list;
}

static const char *text_of(const json_t *list, size_t i, const char *name)
{
    return json_string_value(json_object_get(json_array_get(list, i), name));
}

Test(problem, names_each_error)
{
    struct problem p;
    problem_init(&p, 422);
    cr_expect_eq(p.errors, 0);
    problem_error(&p, "/to/0", "invalid_number", "It is \"%s\".", "\\wrong\n");
    problem_error(&p, "", "malformed", "%d", 7);
    cr_expect_eq(p.status, 422);
    cr_expect_eq(p.errors, 2);
    cr_expect_str_eq(p.detail.p, "It is \"\\wrong\n\".", "that of the first");
    json_t *list = list_of(&p);
    cr_assert_eq(json_array_size(list), 2);
    cr_expect_str_eq(text_of(list, 0, "pointer"), "/to/0");
    cr_expect_str_eq(text_of(list, 0, "code"), "invalid_number");
    cr_expect_str_eq(text_of(list, 0, "detail"), "It is \"\\wrong\n\".");
    cr_expect_str_eq(text_of(list, 1, "pointer"), "");
    cr_expect_str_eq(text_of(list, 1, "detail"), "7");
    json_decref(list);
    problem_done(&p);
}

Test(problem, counts_more_than_it_lists)
{
    struct problem p;
    problem_init(&p, 422);
    for (int i = 0; i < 1000; i++)
        problem_error(&p, "/to", "invalid", "%0600d", i); /* longer than a detail can be */
    cr_expect_eq(p.errors, 1000);
    cr_expect(!p.list.full && !p.detail.full);
    json_t *list = list_of(&p);
    cr_expect_eq(json_array_size(list), PROBLEM_MAX_ERRORS);
    json_decref(list);
    problem_done(&p);
}

Test(problem, never_ends_inside_a_character)
{
    static const char euro[] = "\xe2\x82\xac";
    char name[1000];
    for (size_t i = 0; i + 1 < sizeof(name); i++)
        name[i] = euro[i % 3];
    name[sizeof(name) - 1] = '\0';
    for (int shift = 0; shift < 3; shift++) {
        struct problem p;
        problem_init(&p, 422);
        problem_error(&p, name, "invalid", "%.*s%s", shift, "ab", name);
        problem_error(&p, "/a", "invalid", "\"%.*s\"", 31 + shift, name);
        json_t *list = list_of(&p);
        cr_expect_eq(json_array_size(list), 2, "shift %d", shift);
        cr_expect_str_eq(text_of(list, 1, "detail") + 1 + 30, shift < 2 ? "\"" : "\xe2\x82\xac\"");
        json_decref(list);
        problem_done(&p);
    }
}

Test(problem, done_twice_is_fine)
{
    struct problem p;
    problem_init(&p, 400);
    problem_error(&p, "", "malformed", "x");
    problem_done(&p);
    problem_done(&p);
}
