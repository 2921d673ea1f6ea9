#include "workers/ctl/request.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>

static const struct command *find(const char *noun, const char *verb)
{
    for (size_t i = 0; i < command_count; i++) {
        if (commands[i].verb != NULL && strcmp(commands[i].noun, noun) == 0 &&
            strcmp(commands[i].verb, verb) == 0)
            return &commands[i];
    }
    cr_assert_fail("no command %s %s", noun, verb);
    return NULL;
}

struct given {
    enum command_option option;
    const char *value;
};

struct one {
    const char *noun, *verb;
    const char *operands[LINE_MAX_OPERANDS];
    struct given options[4];
    const char *path, *body; /* body NULL: none */
};

static void fill(struct line *line, const struct one *one)
{
    *line = (struct line){.command = find(one->noun, one->verb)};
    for (size_t i = 0; i < LINE_MAX_OPERANDS && one->operands[i] != NULL; i++)
        line->operands[line->operand_count++] = one->operands[i];
    for (size_t i = 0; i < 4 && one->options[i].value != NULL; i++)
        line->values[one->options[i].option] = one->options[i].value;
}

Test(request, addresses_and_bodies)
{
    static const struct one cases[] = {
        {"account",
         "create",
         {"acme"},
         {{0, NULL}},
         "/admin/v1/accounts",
         "{\"id\":\"acme\",\"name\":\"acme\"}"},
        {"account",
         "create",
         {"acme"},
         {{OPTION_NAME, "Acme \"AS\""}, {OPTION_CURRENCY, "SEK"}},
         "/admin/v1/accounts",
         "{\"currency\":\"SEK\",\"id\":\"acme\",\"name\":\"Acme \\\"AS\\\"\"}"},
        {"account", "list", {NULL}, {{0, NULL}}, "/admin/v1/accounts", NULL},
        {"account",
         "list",
         {NULL},
         {{OPTION_PAGE, "2"}, {OPTION_PER_PAGE, "1&x"}},
         "/admin/v1/accounts?page=2&per_page=1%26x",
         NULL},
        {"account", "show", {"a/b?c d"}, {{0, NULL}}, "/admin/v1/accounts/a%2Fb%3Fc%20d", NULL},
        {"account",
         "suspend",
         {"acme"},
         {{0, NULL}},
         "/admin/v1/accounts/acme",
         "{\"active\":false}"},
        {"account",
         "set",
         {"acme"},
         {{OPTION_RATE, "50"}, {OPTION_SPEND, "99.5"}, {OPTION_MESSAGES, "none"}},
         "/admin/v1/accounts/acme",
         "{\"limits\":{\"requests_per_second\":50},\"quotas\":{\"messages_per_day\":null,"
         "\"spend_per_month\":99.5}}"},
        {"account",
         "set",
         {"acme"},
         {{OPTION_MESSAGE_RATE, "12.5"}, {OPTION_SENDER_RATES, "ACME=50,Slow & Co=0.5"}},
         "/admin/v1/accounts/acme",
         "{\"rates\":{\"messages_per_second\":12.5,\"senders\":{\"ACME\":50,\"Slow & Co\":0.5}}}"},
        {"account",
         "set",
         {"acme"},
         {{OPTION_SENDER_RATES, "none"}},
         "/admin/v1/accounts/acme",
         "{\"rates\":{\"senders\":{}}}"},
        {"key",
         "create",
         {"acme"},
         {{OPTION_SCOPES, "read,send"}},
         "/admin/v1/accounts/acme/keys",
         "{\"name\":\"acme\",\"scopes\":[\"read\",\"send\"]}"},
        {"key",
         "rotate",
         {"acme", "abc"},
         {{OPTION_OVERLAP, "60"}},
         "/admin/v1/accounts/acme/keys/abc/rotate",
         "{\"overlap\":60}"},
        {"key", "revoke", {"acme", "abc"}, {{0, NULL}}, "/admin/v1/accounts/acme/keys/abc", NULL},
        {"profile", "list", {NULL}, {{0, NULL}}, "/admin/v1/sender-profiles", NULL},
        {"profile", "list", {"acme"}, {{0, NULL}}, "/admin/v1/accounts/acme/sender-profiles", NULL},
        {"profile",
         "approve",
         {"acme", "x"},
         {{0, NULL}},
         "/admin/v1/accounts/acme/sender-profiles/x/approve",
         "{}"},
        {"profile",
         "reject",
         {"acme", "x"},
         {{OPTION_REASON, "no"}},
         "/admin/v1/accounts/acme/sender-profiles/x/reject",
         "{\"reason\":\"no\"}"},
        {"number",
         "add",
         {"acme", "+4799999999"},
         {{0, NULL}},
         "/admin/v1/accounts/acme/numbers",
         "{\"number\":\"+4799999999\"}"},
        {"number",
         "remove",
         {"acme", "+4799999999"},
         {{0, NULL}},
         "/admin/v1/accounts/acme/numbers/%2B4799999999",
         NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct line line;
        struct request request;
        fill(&line, &cases[i]);
        cr_assert_eq(request_make(&request, &line), ERR_OK, "%zu: %s", i, request.why);
        char *body = json_dumps(request.body, JSON_COMPACT | JSON_SORT_KEYS);
        cr_expect_str_eq(request.path.p, cases[i].path, "%zu: %s", i, request.path.p);
        cr_expect_eq(body != NULL, cases[i].body != NULL, "%zu", i);
        if (body != NULL && cases[i].body != NULL)
            cr_expect_str_eq(body, cases[i].body, "%zu: %s", i, body);
        free(body);
        request_done(&request);
    }
}

Test(request, values_that_cannot_be)
{
    static const struct one cases[] = {
        {"account", "set", {"acme"}, {{OPTION_RATE, "fast"}}, "--rate can't be 'fast'", NULL},
        {"account", "set", {"acme"}, {{OPTION_SPEND, "\"5\""}}, "--spend-per-month", NULL},
        {"account", "set", {"acme"}, {{OPTION_BURST, ""}}, "--burst", NULL},
        {"account", "set", {"acme"}, {{0, NULL}}, "nothing to change", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct line line;
        struct request request;
        fill(&line, &cases[i]);
        cr_expect_eq(request_make(&request, &line), ERR_SYNTAX);
        cr_expect_not_null(strstr(request.why, cases[i].path), "%s", request.why);
        request_done(&request);
    }
}

Test(request, objects_are_completed_from_what_is_there)
{
    const struct one one = {"account", "set", {"acme"}, {{OPTION_RATE, "50"}, {OPTION_NAME, "n"}},
                            "",        NULL};
    struct line line;
    struct request request;
    fill(&line, &one);
    cr_assert_eq(request_make(&request, &line), ERR_OK);
    cr_expect(request_has_objects(&request));
    json_t *present = json_loads(
        "{\"name\":\"old\",\"limits\":{\"requests_per_second\":1,\"burst\":7},\"quotas\":{}}", 0,
        NULL);
    request_merge(&request, present);
    char *body = json_dumps(request.body, JSON_COMPACT | JSON_SORT_KEYS);
    cr_expect_str_eq(body, "{\"limits\":{\"burst\":7,\"requests_per_second\":50},\"name\":\"n\"}");
    free(body);
    json_decref(present);
    request_done(&request);
}

Test(request, every_command_is_whole)
{
    for (size_t i = 0; i < command_count; i++) {
        const struct command *command = &commands[i];
        cr_expect_not_null(command->noun);
        cr_expect_not_null(command->help);
        cr_expect_not_null(command->operands);
        cr_expect_eq(command->method == NULL, command->path == NULL, "%s", command->noun);
        cr_expect_eq(command->method == NULL, command->run != NULL, "%s", command->noun);
    }
}
