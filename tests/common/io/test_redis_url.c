#include "common/io/redis_url.h"

#include <criterion/criterion.h>
#include <stdio.h>

Test(redis_url, reads_its_parts)
{
    static const struct {
        const char *text;
        struct redis_url want;
    } cases[] = {
        {"redis://localhost", {.host = "localhost", .port = 6379}},
        {"redis://localhost/", {.host = "localhost", .port = 6379}},
        {"redis://10.0.0.1:6380", {.host = "10.0.0.1", .port = 6380}},
        {"redis://h:6380/3", {.host = "h", .port = 6380, .database = "3"}},
        {"redis://h/15", {.host = "h", .port = 6379, .database = "15"}},
        {"redis://:pw@h", {.host = "h", .port = 6379, .password = "pw"}},
        {"redis://u:pw@h:1", {.host = "h", .port = 1, .user = "u", .password = "pw"}},
        {"redis://u:p:w@x/@h", {.host = "h", .port = 6379, .user = "u", .password = "p:w@x/"}},
        {"redis://u%40x:a%2Fb%25%3a@h",
         {.host = "h", .port = 6379, .user = "u@x", .password = "a/b%:"}},
        {"redis://[::1]:6380/2", {.host = "::1", .port = 6380, .database = "2"}},
        {"redis://[fe80::1]", {.host = "fe80::1", .port = 6379}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct redis_url url = {.port = -1};
        const struct redis_url *want = &cases[i].want;
        cr_assert_eq(redis_url_parse(&url, str_of(cases[i].text)), ERR_OK, "%s", cases[i].text);
        cr_expect_str_eq(url.host, want->host, "%s: host %s", cases[i].text, url.host);
        cr_expect_str_eq(url.user, want->user, "%s: user %s", cases[i].text, url.user);
        cr_expect_str_eq(url.password, want->password, "%s: password %s", cases[i].text,
                         url.password);
        cr_expect_str_eq(url.database, want->database, "%s: database %s", cases[i].text,
                         url.database);
        cr_expect_eq(url.port, want->port, "%s: port %d", cases[i].text, url.port);
    }
}

Test(redis_url, refuses_everything_else)
{
    static const char *const cases[] = {
        "",
        "redis://",
        "localhost:6379",
        "http://h",
        "rediss://h",
        "REDIS//h",
        "redis:///3",
        "redis://:6379",
        "redis://h:",
        "redis://h:x",
        "redis://h:0",
        "redis://h:65536",
        "redis://h/x",
        "redis://h/-1",
        "redis://h/3/4",
        "redis://h/99999999",
        "redis://password@h", /* would go without */
        "redis://user:@h",
        "redis://u:%4@h",
        "redis://u:%zz@h",
        "redis://u:%00@h",
        "redis://u:pw@",
        "redis://[::1",
        "redis://[]:1",
        "redis://[::1]x:1",
        "redis://::1:6379",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct redis_url url = {.port = -1};
        cr_expect_eq(redis_url_parse(&url, str_of(cases[i])), ERR_SYNTAX, "%s", cases[i]);
        cr_expect_eq(url.port, -1, "%s: written although it failed", cases[i]);
    }
}

Test(redis_url, refuses_parts_that_are_too_long)
{
    static const struct {
        const char *name, *before, *after;
        int digits;
        enum err want;
    } cases[] = {
        {"host", "redis://", "", 300, ERR_SYNTAX},
        {"user", "redis://", ":pw@h", 300, ERR_SYNTAX},
        {"password", "redis://u:", "@h", 300, ERR_SYNTAX},
        {"one that fits", "redis://u:", "@h", 200, ERR_OK},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct redis_url url;
        char text[400];
        (void)snprintf(text, sizeof(text), "%s%0*d%s", cases[i].before, cases[i].digits, 0,
                       cases[i].after);
        cr_expect_eq(redis_url_parse(&url, str_of(text)), cases[i].want, "%s", cases[i].name);
    }
}
