#include "workers/sender/carrier/carrier.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

static char why[CARRIERS_WHY_SIZE];

/* Loads a file of that text. */
static enum err load(struct carriers *carriers, const char *text)
{
    char path[] = "/tmp/carriers-XXXXXX";
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
    why[0] = '\0';
    enum err err = carriers_load(carriers, path, why);
    (void)unlink(path);
    return err;
}

#define LIST(entries) "{\"carriers\": [" entries "]}"
#define NAME          "\"name\":\"one\""
#define KIND          "\"kind\":\"http_json\""
#define URL           "\"url\":\"http://127.0.0.1:1/\""
#define LEAST         NAME "," KIND "," URL

Test(carriers, the_least)
{
    struct carriers carriers;
    cr_assert_eq(load(&carriers, LIST("{" LEAST "}")), ERR_OK, "%s", why);
    cr_assert(carriers.count == 1 && carriers.list != NULL);
    const struct carrier *c = &carriers.list[0];
    cr_expect_str_eq(c->name, "one");
    cr_expect_eq(c->kind, &carrier_http_json);
    cr_expect_str_eq(c->url, "http://127.0.0.1:1/");
    cr_expect_eq(c->timeout_ms, 5000);
    cr_expect(!c->deduplicates);
    cr_expect_str_eq(c->headers[0], "Content-Type: application/json");
    cr_expect_null(c->headers[1]);
    carriers_free(&carriers);
    cr_expect_eq(carriers.count, 0);
}

Test(carriers, all_fields)
{
    struct carriers carriers;
    cr_assert_eq(load(&carriers, LIST("{\"name\":\"two\"," KIND ",\"url\":\"https://x.example/\","
                                      "\"token\":\"s3cret\",\"timeout_ms\":100,"
                                      "\"deduplicates\":true},{" LEAST ",\"token\":null}")),
                 ERR_OK, "%s", why);
    cr_assert_eq(carriers.count, 2);
    cr_expect_str_eq(carriers.list[0].name, "two");
    cr_expect_str_eq(carriers.list[0].headers[1], "Authorization: Bearer s3cret");
    cr_expect_null(carriers.list[0].headers[2]);
    cr_expect_eq(carriers.list[0].timeout_ms, 100);
    cr_expect(carriers.list[0].deduplicates);
    cr_expect_str_eq(carriers.list[1].name, "one");
    carriers_free(&carriers);
}

Test(carriers, the_one_that_comes_with_the_project)
{
    struct carriers carriers;
    cr_assert_eq(carriers_load(&carriers, SOURCE_DIR "/config/carriers.json", why), ERR_OK, "%s",
                 why);
    carriers_free(&carriers);
}

Test(carriers, what_is_wrong_is_named)
{
    static const struct {
        const char *name, *text, *want; /* within why */
    } cases[] = {
        {"not JSON", "{\n\"carriers\": [\n", "line 3"},
        {"empty", "", "line 1"},
        {"a list", "[]", "must be {\"carriers\""},
        {"an empty object", "{}", "must be {\"carriers\""},
        {"no carriers", LIST(""), "must be {\"carriers\""},
        {"not a list", "{\"carriers\": {}}", "must be {\"carriers\""},
        {"something beside", "{\"carriers\": [{" LEAST "}], \"x\": 1}", "must be {\"carriers\""},
        {"a field twice", LIST("{" LEAST "," NAME "}"), "duplicate"},
        {"not an object", LIST("7"), "carriers[0]: must be an object"},
        {"an unknown field", LIST("{" LEAST ",\"tokn\":\"x\"}"), "unknown field \"tokn\""},
        {"the second", LIST("{" LEAST "},{\"x\":1}"), "carriers[1]: unknown field \"x\""},
        {"no name", LIST("{" KIND "," URL "}"), "\"name\" must be"},
        {"a name that is none", LIST("{\"name\":\"A b\"," KIND "," URL "}"), "\"name\" must be"},
        {"a name too long",
         LIST("{\"name\":\"012345678901234567890123456789012\"," KIND "," URL "}"),
         "\"name\" must be"},
        {"two of one name", LIST("{" LEAST "},{" LEAST "}"), "carriers[1]: the name \"one\""},
        {"no kind", LIST("{" NAME "," URL "}"), "\"kind\" must be one of: http_json"},
        {"an unknown kind", LIST("{" NAME ",\"kind\":\"smpp\"," URL "}"),
         "\"kind\" must be one of"},
        {"a rate that is none", LIST("{" LEAST ",\"rate_per_s\":0}"), "\"rate_per_s\" must be"},
        {"a rate as text", LIST("{" LEAST ",\"rate_per_s\":\"5\"}"), "\"rate_per_s\" must be"},
        {"a burst of one", LIST("{" LEAST ",\"rate_per_s\":5,\"burst\":1}"), "\"burst\" must be"},
        {"a burst alone", LIST("{" LEAST ",\"burst\":5}"), "\"burst\" must be"},
        {"a cost that is none", LIST("{" LEAST ",\"cost\":\"words\"}"), "\"cost\" must be"},
        {"no URL", LIST("{" NAME "," KIND "}"), "\"url\" must begin with"},
        {"a URL that is none", LIST("{" NAME "," KIND ",\"url\":\"ftp://x/\"}"),
         "\"url\" must begin with"},
        {"a time-out too short", LIST("{" LEAST ",\"timeout_ms\":99}"), "\"timeout_ms\" must be"},
        {"a time-out too long", LIST("{" LEAST ",\"timeout_ms\":60001}"), "\"timeout_ms\" must be"},
        {"a time-out with a point", LIST("{" LEAST ",\"timeout_ms\":100.5}"),
         "\"timeout_ms\" must be"},
        {"a time-out as a text", LIST("{" LEAST ",\"timeout_ms\":\"5s\"}"), "\"timeout_ms\" must"},
        {"deduplicates as a number", LIST("{" LEAST ",\"deduplicates\":1}"), "\"deduplicates\""},
        {"an empty token", LIST("{" LEAST ",\"token\":\"\"}"), "\"token\" must be"},
        {"a token that is no text", LIST("{" LEAST ",\"token\":7}"), "\"token\" must be"},
        {"a token with a line break", LIST("{" LEAST ",\"token\":\"a\\r\\nb\"}"),
         "\"token\" must be"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct carriers carriers = {.count = 77};
        enum err err = load(&carriers, cases[i].text);
        cr_expect_eq(err, ERR_CONFIG, "%s: %s", cases[i].name, err_text(err));
        if (err == ERR_OK) {
            carriers_free(&carriers);
            continue;
        }
        cr_expect_not_null(strstr(why, cases[i].want), "%s: %s", cases[i].name, why);
        cr_expect_eq(carriers.count, 77, "%s: left alone", cases[i].name);
    }
}

Test(carriers, a_file_that_is_not_there)
{
    struct carriers carriers;
    cr_expect_eq(carriers_load(&carriers, "/nowhere/carriers.json", why), ERR_CONFIG);
    cr_expect_not_null(strstr(why, "/nowhere/carriers.json"), "%s", why);
    cr_expect_null(strstr(why, "line -1"), "%s", why);
}

Test(carriers, more_than_the_most)
{
    struct buf text = {.cap = 65536};
    struct carriers carriers;
    buf_text(&text, "{\"carriers\": [");
    for (int i = 0; i < 65; i++)
        buf_printf(&text, "%s{\"name\":\"c%d\"," KIND "," URL "}", i > 0 ? "," : "", i);
    buf_text(&text, "]}");
    cr_expect_eq(load(&carriers, text.p), ERR_CONFIG);
    cr_expect_not_null(strstr(why, "1 to 64"), "%s", why);
    buf_clear(&text);
    buf_text(&text, LIST("{" LEAST ",\"token\":\""));
    text.n -= 2; /* the list's end */
    for (int i = 0; i < 9000; i++)
        buf_char(&text, 't');
    buf_text(&text, "\"}]}");
    cr_expect_eq(load(&carriers, text.p), ERR_CONFIG);
    cr_expect_not_null(strstr(why, "too long"), "%s", why);
    buf_done(&text);
}
