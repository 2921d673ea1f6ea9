#include "workers/ctl/view.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <locale.h>

static const struct column columns[] = {
    {"ID", "id"}, {"RATE", "limits.rate"}, {"ON", "on"}, {"LIST", "list"}, {NULL, NULL}};
static const struct column plain[] = {{"NUMBER", ""}, {NULL, NULL}};

static void set_locale(void)
{
    cr_assert_not_null(setlocale(LC_CTYPE, "C.UTF-8"));
}

TestSuite(view, .init = set_locale);

static void expect(const struct command *command, const char *answer, const char *want)
{
    struct buf out = {.cap = 4096};
    json_t *root = json_loads(answer, 0, NULL);
    view_write(&out, command, root);
    cr_expect_str_eq(out.p != NULL ? out.p : "", want, "%s gives:\n%s", answer, out.p);
    json_decref(root);
    buf_done(&out);
}

Test(view, rows)
{
    static const struct command command = {.list = "rows", .columns = columns};
    expect(&command,
           "{\"rows\":[{\"id\":\"a\",\"limits\":{\"rate\":5},\"on\":true,\"list\":[\"x\",\"y\"]},"
           "{\"id\":\"longer\",\"limits\":{\"rate\":null},\"on\":false,\"list\":[]},"
           "{\"id\":\"c\",\"limits\":{\"rate\":0.99}}],\"total\":3}",
           "ID      RATE  ON   LIST\n"
           "a       5     yes  x,y\n"
           "longer  -     no   \n"
           "c       0.99  -    -\n");
    expect(&command, "{\"rows\":[],\"total\":0}", "ID  RATE  ON  LIST\n");
}

Test(view, rows_that_are_texts)
{
    static const struct command command = {.list = "numbers", .columns = plain};
    expect(&command, "{\"numbers\":[\"+47\",\"+46\"]}", "NUMBER\n+47\n+46\n");
}

Test(view, more_than_a_page)
{
    static const struct command command = {.list = "numbers", .columns = plain};
    expect(&command, "{\"numbers\":[\"a\",\"b\"],\"total\":5,\"page\":2,\"per_page\":2}",
           "NUMBER\na\nb\n2 of 5; --page 3 shows more\n");
    expect(&command, "{\"numbers\":[\"a\"],\"total\":5,\"page\":3,\"per_page\":2}", "NUMBER\na\n");
}

Test(view, one_object)
{
    static const struct command command = {.columns = columns};
    expect(&command, "{\"id\":\"a\",\"limits\":{\"rate\":99.0},\"on\":false,\"list\":null}",
           "ID    a\nRATE  99.0\nON    no\nLIST  -\n");
}

Test(view, nothing)
{
    static const struct command command = {.done = "It is done."};
    expect(&command, "{}", "");
}

Test(view, problems)
{
    static const struct {
        const char *problem, *want;
    } cases[] = {
        {"{\"detail\":\"No.\"}", "No.\n"},
        {"{\"detail\":\"One.\",\"errors\":[{\"detail\":\"One.\"}]}", "One.\n"},
        {"{\"detail\":\"One.\",\"errors\":[{\"detail\":\"One.\"},{\"detail\":\"Two.\"}]}",
         "One.\n  One.\n  Two.\n"},
        {"{}", "the admin API answered 418\n"},
        {"[]", "the admin API answered 418\n"},
        {"", "the admin API answered 418\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf out = {.cap = 4096};
        json_t *problem = json_loads(cases[i].problem, 0, NULL);
        view_problem(&out, problem, 418);
        cr_expect_str_eq(out.p, cases[i].want, "%s", cases[i].problem);
        json_decref(problem);
        buf_done(&out);
    }
}
