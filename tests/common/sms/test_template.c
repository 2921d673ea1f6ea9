#include "common/sms/template.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct template_names names;
static struct str missing;

static const char *render(const char *text, const char *first, const char *second)
{
    static struct buf out = {.cap = 200};
    struct str values[TEMPLATE_MAX_NAMES] = {str_of(first), str_of(second)};
    buf_clear(&out);
    missing = (struct str){0};
    cr_assert_eq(template_names(&names, str_of(text)), ERR_OK);
    switch ((int)template_render(&out, str_of(text), &names, values, &missing)) {
    case ERR_OK:
        buf_char(&out, '\0');
        return out.p;
    case ERR_NOT_FOUND:
        return "missing";
    default:
        return "too long";
    }
}

Test(template, fills_in_what_is_known)
{
    static const struct {
        const char *name, *text, *first, *second, *want;
        size_t names;
    } cases[] = {
        {"no place", "Hello", NULL, NULL, "Hello", 0},
        {"one", "Hello {{name}}!", "Kari", NULL, "Hello Kari!", 1},
        {"spaces around the name", "{{ name }}", "Kari", NULL, "Kari", 1},
        {"one name twice", "{{a}}{{a}}", "x", NULL, "xx", 1},
        {"two names", "{{a}} and {{b}}", "x", "y", "x and y", 2},
        {"missing", "{{a}}", NULL, NULL, "missing", 1},
        {"empty is missing", "{{a}}", "", NULL, "missing", 1},
        {"a default", "{{a|there}}", NULL, NULL, "there", 1},
        {"a default for what is empty", "{{a|there}}", "", NULL, "there", 1},
        {"a default that isn't needed", "{{a|there}}", "x", NULL, "x", 1},
        {"an empty default", "Hi{{a|}}!", NULL, NULL, "Hi!", 1},
        {"a default is kept as it is", "{{a| you | all }}", NULL, NULL, " you | all ", 1},
        {"a value is no template", "{{a}}", "{{b}}", NULL, "{{b}}", 1},
        {"not closed", "{{a", "x", NULL, "{{a", 0},
        {"no name", "{{}} {{ }} {{|x}}", "x", NULL, "{{}} {{ }} {{|x}}", 0},
        {"no such name", "{{a b}} {{\xc3\xa6}}", "x", NULL, "{{a b}} {{\xc3\xa6}}", 0},
        {"a place after braces", "{{{a}}", "x", NULL, "{x", 1},
        {"single braces", "{a} }}", "x", NULL, "{a} }}", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *got = render(cases[i].text, cases[i].first, cases[i].second);
        cr_expect_str_eq(got, cases[i].want, "%s: %s", cases[i].name, got);
        cr_expect_eq(names.count, cases[i].names, "%s: %zu names", cases[i].name, names.count);
    }
}

Test(template, names_what_is_missing)
{
    (void)render("{{a}} {{surname}}", "x", NULL);
    cr_expect(str_eq(missing, STR("surname")));
}

Test(template, has_a_bound_on_names_and_length)
{
    char text[TEMPLATE_MAX_NAMES * 8 + 20] = "", value[300];
    for (int i = 0; i <= TEMPLATE_MAX_NAMES; i++)
        (void)snprintf(text + strlen(text), 12, "{{n%d}}", i);
    cr_expect_eq(template_names(&names, str_of(text)), ERR_FULL);
    memset(value, 'x', sizeof(value));
    value[sizeof(value) - 1] = '\0';
    cr_expect_str_eq(render("{{a}}", value, NULL), "too long");
}
