#include "common/base/conf.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct values {
    int64_t count, wait_ms, size_bytes, price_milli;
    bool on;
    char *name, *token, *url;
    int level;
    uint16_t port;
};

static const char *const levels[] = {"low", "high", NULL};
static const char *const schemes[] = {"http://", "https://", NULL};
static const char *const users[] = {"front", "back", NULL};
static const char *const ignored[] = {"SMS_CLIENT", NULL};

enum { FRONT = 1, BACK = 2, BOTH = 3 };

static const struct conf_row rows[] = {
    {"SMS_COUNT", CONF_INT, offsetof(struct values, count), "5", -10, 10, 0, BOTH, NULL,
     "How many."},
    {"SMS_WAIT", CONF_MS, offsetof(struct values, wait_ms), "10s", 100, 3600000, 0, BOTH, NULL,
     "How long."},
    {"SMS_SIZE", CONF_BYTES, offsetof(struct values, size_bytes), "64k", 1, INT64_C(1) << 31, 0,
     BACK, NULL, "How big."},
    {"SMS_PRICE", CONF_MILLI, offsetof(struct values, price_milli), "0.99", 10, 99000, 0, BACK,
     NULL, "How dear."},
    {"SMS_ON", CONF_BOOL, offsetof(struct values, on), "false", 0, 0, 0, BOTH, NULL, "Whether."},
    {"SMS_NAME", CONF_STR, offsetof(struct values, name), "", 2, 8, 0, BOTH, NULL, "What."},
    {"SMS_TOKEN", CONF_STR, offsetof(struct values, token), "", 4, 64, CONF_SECRET | CONF_REQUIRED,
     FRONT, NULL, "Who."},
    {"SMS_URL", CONF_URL, offsetof(struct values, url), "http://localhost", 1, 64, CONF_SECRET,
     BOTH, schemes, "Where."},
    {"SMS_LEVEL", CONF_ENUM, offsetof(struct values, level), "high", 0, 0, 0, BOTH, levels,
     "How high."},
    {"SMS_PORT", CONF_PORT, offsetof(struct values, port), "80", 0, 65535, 0, BOTH, NULL,
     "Where | there."},
};

static const struct conf_table table = {rows, sizeof(rows) / sizeof(rows[0]), "SMS_", ignored,
                                        users};

/* One load for a user who needs no token unless it is FRONT. */
struct load {
    struct conf *conf;
    struct values values;
    enum err err;
};

static void load_begin(struct load *load, unsigned user)
{
    *load = (struct load){.conf = conf_new(&table, user)};
}

static void load_end(struct load *load, const char *a, const char *b)
{
    const char *const environment[] = {"HOME=/root", a, a != NULL ? b : NULL, NULL};
    conf_environ(load->conf, (char *const *)(uintptr_t)environment);
    load->err = conf_finish(load->conf, &load->values);
}

static void load_done(struct load *load)
{
    conf_free(load->conf);
    conf_values_free(&table, &load->values);
}

Test(conf, defaults_of_every_type)
{
    struct load l;
    load_begin(&l, BACK);
    load_end(&l, NULL, NULL);
    cr_assert_eq(l.err, ERR_OK, "%s", conf_errors(l.conf));
    cr_expect_eq(l.values.count, 5);
    cr_expect_eq(l.values.wait_ms, 10000);
    cr_expect_eq(l.values.size_bytes, 65536);
    cr_expect_eq(l.values.price_milli, 990);
    cr_expect_not(l.values.on);
    cr_expect_str_eq(l.values.name, "", "a string is never NULL");
    cr_expect_str_eq(l.values.url, "http://localhost");
    cr_expect_eq(l.values.level, 1);
    cr_expect_eq(l.values.port, 80);
    load_done(&l);
}

Test(conf, values_of_every_type)
{
    static const struct {
        const char *entry;
        size_t offset;
        int64_t want;
    } cases[] = {
        {"SMS_COUNT=-10", offsetof(struct values, count), -10},
        {"SMS_COUNT=10", offsetof(struct values, count), 10},
        {"SMS_WAIT=100ms", offsetof(struct values, wait_ms), 100},
        {"SMS_WAIT=2s", offsetof(struct values, wait_ms), 2000},
        {"SMS_WAIT=5m", offsetof(struct values, wait_ms), 300000},
        {"SMS_WAIT=1h", offsetof(struct values, wait_ms), 3600000},
        {"SMS_SIZE=12b", offsetof(struct values, size_bytes), 12},
        {"SMS_SIZE=1k", offsetof(struct values, size_bytes), 1024},
        {"SMS_SIZE=3m", offsetof(struct values, size_bytes), 3 << 20},
        {"SMS_SIZE=2g", offsetof(struct values, size_bytes), INT64_C(2) << 30},
        {"SMS_PRICE=0.01", offsetof(struct values, price_milli), 10},
        {"SMS_PRICE=12", offsetof(struct values, price_milli), 12000},
        {"SMS_PRICE=99.000", offsetof(struct values, price_milli), 99000},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct load l;
        int64_t got = 0;
        load_begin(&l, BACK);
        load_end(&l, cases[i].entry, NULL);
        memcpy(&got, (char *)&l.values + cases[i].offset, sizeof(got));
        cr_expect_eq(l.err, ERR_OK, "%s: %s", cases[i].entry, conf_errors(l.conf));
        cr_expect_eq(got, cases[i].want, "%s: got %lld", cases[i].entry, (long long)got);
        load_done(&l);
    }
}

Test(conf, booleans_words_and_ports)
{
    struct load l;
    load_begin(&l, BACK);
    conf_file_entry(l.conf, "f:1", "SMS_LEVEL", "low");
    conf_file_entry(l.conf, "f:2", "SMS_PORT", "0");
    conf_file_entry(l.conf, "f:3", "SMS_NAME", "n\xc3\xb8");
    load_end(&l, "SMS_ON=yes", "SMS_URL=https://[::1]:8/x");
    cr_assert_eq(l.err, ERR_OK, "%s", conf_errors(l.conf));
    cr_expect(l.values.on);
    cr_expect_eq(l.values.level, 0);
    cr_expect_eq(l.values.port, 0);
    cr_expect_str_eq(l.values.name, "n\xc3\xb8");
    cr_expect_str_eq(l.values.url, "https://[::1]:8/x");
    load_done(&l);
}

Test(conf, each_mistake_is_named)
{
    static const struct {
        const char *entry, *want;
    } cases[] = {
        {"SMS_COUNT=11", "environment: SMS_COUNT = \"11\" is not within -10 to 10\n"},
        {"SMS_COUNT=1.5", "environment: SMS_COUNT = \"1.5\" is not a whole number\n"},
        {"SMS_COUNT=9999999999999999", "environment: SMS_COUNT = \"9999999999999999\" is not a "
                                       "whole number\n"},
        {"SMS_WAIT=25", "environment: SMS_WAIT = \"25\" needs a unit (ms, s, m, h or d)\n"},
        {"SMS_WAIT=2w", "environment: SMS_WAIT = \"2w\" has an unknown unit (it can be ms, s, m, "
                        "h or d)\n"},
        {"SMS_WAIT=soon", "environment: SMS_WAIT = \"soon\" is not a whole number with a unit\n"},
        {"SMS_WAIT=99ms", "environment: SMS_WAIT = \"99ms\" is not within 100ms to 1h\n"},
        {"SMS_WAIT=999999999999999d", "environment: SMS_WAIT = \"999999999999999d\" is not within "
                                      "100ms to 1h\n"},
        {"SMS_SIZE=10", "environment: SMS_SIZE = \"10\" needs a unit (b, k, m or g)\n"},
        {"SMS_SIZE=3g", "environment: SMS_SIZE = \"3g\" is not within 1b to 2g\n"},
        {"SMS_PRICE=0.009", "environment: SMS_PRICE = \"0.009\" is not within 0.01 to 99.0\n"},
        {"SMS_PRICE=9999999999999", "environment: SMS_PRICE = \"9999999999999\" is not within "
                                    "0.01 to 99.0\n"},
        {"SMS_PRICE=0.0099", "environment: SMS_PRICE = \"0.0099\" is not a number with at most "
                             "three decimals, such as 0.99\n"},
        {"SMS_ON=maybe", "environment: SMS_ON = \"maybe\" is neither true nor false\n"},
        {"SMS_LEVEL=mid", "environment: SMS_LEVEL = \"mid\" is not one of low or high\n"},
        {"SMS_NAME=a", "environment: SMS_NAME = \"a\" has 1 characters, not 2 to 8\n"},
        {"SMS_NAME=a\nb", "environment: SMS_NAME = \"a\\nb\" has a control character, such as a "
                          "line break\n"},
        {"SMS_PORT=65536", "environment: SMS_PORT = \"65536\" is not within 0 to 65535\n"},
        {"SMS_TOKEN=abc", "environment: SMS_TOKEN = (a secret) has 3 characters, not 4 to 64\n"},
        {"SMS_URL=ftp://x", "environment: SMS_URL = (a secret) does not begin with http:// or "
                            "https://\n"},
        {"SMS_URL=http://", "environment: SMS_URL = (a secret) names no host\n"},
        {"SMS_URL=http://a b", "environment: SMS_URL = (a secret) is not a URL\n"},
        {"SMS_CUONT=1", "environment: SMS_CUONT is not a setting; the nearest is SMS_COUNT\n"},
        {"SMS_TOKN_FILE=/x", "environment: SMS_TOKN_FILE is not a setting; the nearest is "
                             "SMS_TOKEN_FILE\n"},
        {"SMS_NAME_FILE=/x", "environment: SMS_NAME_FILE: only secrets are read from files of "
                             "their own; set SMS_NAME\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct load l;
        load_begin(&l, BACK);
        load_end(&l, cases[i].entry, NULL);
        cr_expect_eq(l.err, ERR_CONFIG, "%s", cases[i].entry);
        cr_expect_str_eq(conf_errors(l.conf), cases[i].want, "%s: got %s", cases[i].entry,
                         conf_errors(l.conf));
        load_done(&l);
    }
}

Test(conf, environment_over_file_over_default)
{
    struct load l;
    load_begin(&l, BACK);
    conf_file_entry(l.conf, "f:1", "SMS_COUNT", "7");
    conf_file_entry(l.conf, "f:2", "SMS_WAIT", "wrong, but not what holds");
    load_end(&l, "SMS_WAIT=1s", "SMS_COUNT="); /* an empty one counts as none */
    cr_assert_eq(l.err, ERR_OK, "%s", conf_errors(l.conf));
    cr_expect_eq(l.values.count, 7);
    cr_expect_eq(l.values.wait_ms, 1000);
    cr_expect_eq(l.values.port, 80);
    load_done(&l);
}

Test(conf, all_mistakes_together)
{
    struct load l;
    load_begin(&l, FRONT);
    conf_file_entry(l.conf, "f:1", "SMS_COUNT", "x");
    conf_file_entry(l.conf, "f:2", "SMS_PORT", "1");
    conf_file_entry(l.conf, "f:3", "SMS_PORT", "2");
    conf_file_entry(l.conf, "f:4", "PORT", "2");
    load_end(&l, "SMS_ON=x", NULL);
    conf_fail(l.conf, "and %d more", 1);
    cr_expect_eq(l.err, ERR_CONFIG);
    cr_expect_eq(conf_error_count(l.conf), 6U);
    cr_expect_str_eq(conf_errors(l.conf),
                     "f:3: SMS_PORT, but SMS_PORT is set already (f:2)\n"
                     "f:4: PORT is not a setting; the nearest is SMS_PORT\n"
                     "f:1: SMS_COUNT = \"x\" is not a whole number\n"
                     "environment: SMS_ON = \"x\" is neither true nor false\n"
                     "SMS_TOKEN is not set, and front needs it (or the path of a file that holds "
                     "it, in SMS_TOKEN_FILE)\n"
                     "and 1 more\n",
                     "got %s", conf_errors(l.conf));
    load_done(&l);
}

Test(conf, what_is_required_of_some_is_not_of_others)
{
    static const struct conf_row needed = {
        "SMS_NAME", CONF_STR, offsetof(struct values, name), "",
        2,          8,        CONF_REQUIRED_OF(FRONT),       BOTH,
        NULL,       "What."};
    static const struct conf_table one = {&needed, 1, "SMS_", ignored, users};
    static const unsigned asked[] = {FRONT, BACK};
    for (size_t i = 0; i < 2; i++) {
        struct values values = {0};
        struct conf *conf = conf_new(&one, asked[i]);
        enum err err = conf_finish(conf, &values);
        cr_expect_eq(err, asked[i] == FRONT ? ERR_CONFIG : ERR_OK);
        conf_values_free(&one, &values);
        conf_free(conf);
    }
}

Test(conf, names_of_clients_are_ignored)
{
    struct load l;
    load_begin(&l, BACK);
    load_end(&l, "SMS_CLIENT=x", NULL);
    cr_expect_eq(l.err, ERR_OK, "%s", conf_errors(l.conf));
    load_done(&l);
}

/* A file with this content; its entry for the environment goes to entry. */
static void secret_file(char path[32], char entry[64], const char *content)
{
    (void)snprintf(path, 32, "/tmp/test_conf.XXXXXX");
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert_eq(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    (void)close(fd);
    (void)snprintf(entry, 64, "SMS_TOKEN_FILE=%s", path);
}

Test(conf, a_secret_comes_from_a_file)
{
    static const struct {
        const char *name, *content, *want, *error;
    } cases[] = {
        {"its line break is not part of it", "s3cret\n", "s3cret", ""},
        {"nor is that of another system", "s3cret\r\n", "s3cret", ""},
        {"without one", "s3cret", "s3cret", ""},
        {"two lines", "s3\ncret\n", "", "has a control character"},
        {"empty", "\n", "", "is empty"},
        {"too short", "abc\n", "", "has 3 characters"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct load l;
        char path[32], entry[64];
        secret_file(path, entry, cases[i].content);
        load_begin(&l, FRONT);
        load_end(&l, entry, NULL);
        cr_expect_eq(l.err, *cases[i].error != '\0' ? ERR_CONFIG : ERR_OK, "%s", cases[i].name);
        cr_expect_str_eq(l.values.token, cases[i].want, "%s", cases[i].name);
        cr_expect_not_null(strstr(conf_errors(l.conf), cases[i].error), "%s: got %s", cases[i].name,
                           conf_errors(l.conf));
        (void)unlink(path);
        load_done(&l);
    }
}

Test(conf, a_secret_file_that_is_missing)
{
    struct load front, back;
    load_begin(&front, FRONT);
    load_end(&front, "SMS_TOKEN_FILE=/nowhere/token", NULL);
    cr_expect_str_eq(conf_errors(front.conf),
                     "environment: SMS_TOKEN_FILE: \"/nowhere/token\" is not a readable text file "
                     "of at most 4096 bytes\n");
    load_begin(&back, BACK);
    load_end(&back, "SMS_TOKEN_FILE=/nowhere/token", NULL);
    cr_expect_eq(back.err, ERR_OK, "who does not use it does not read it");
    load_done(&front);
    load_done(&back);
}

Test(conf, a_secret_is_given_once)
{
    struct load l;
    load_begin(&l, FRONT);
    load_end(&l, "SMS_TOKEN=s3cret", "SMS_TOKEN_FILE=/x");
    cr_expect_str_eq(conf_errors(l.conf),
                     "environment: SMS_TOKEN_FILE, but SMS_TOKEN is set already (environment)\n");
    load_done(&l);
}

Test(conf, print_masks_secrets)
{
    struct load l;
    struct buf out = {.cap = 4096};
    load_begin(&l, FRONT);
    conf_file_entry(l.conf, "f:9", "SMS_URL", "http://me:pass@host/p?q=@");
    load_end(&l, "SMS_TOKEN=s3cret", NULL);
    cr_assert_eq(l.err, ERR_OK, "%s", conf_errors(l.conf));
    conf_print(l.conf, &out);
    cr_expect_str_eq(out.p, "SMS_COUNT = 5 ; default\n"
                            "SMS_WAIT = 10s ; default\n"
                            "SMS_ON = false ; default\n"
                            "SMS_NAME =  ; default\n"
                            "SMS_TOKEN = *** ; environment\n"
                            "SMS_URL = http://me:***@host/p?q=@ ; f:9\n"
                            "SMS_LEVEL = high ; default\n"
                            "SMS_PORT = 80 ; default\n");
    buf_done(&out);
    load_done(&l);
}

Test(conf, documents)
{
    struct buf out = {.cap = 8192};
    conf_write_help(&table, FRONT, &out);
    cr_expect_not_null(strstr(out.p, "  SMS_WAIT=10s\n      How long. (100ms to 1h)\n"));
    cr_expect_null(strstr(out.p, "SMS_SIZE"), "front does not use it");
    buf_clear(&out);
    conf_write_sample(&table, &out);
    cr_expect_not_null(strstr(out.p, "\n# ---- used by: back ----\n\n# How big. (1b to 2g)\n"
                                     "#SMS_SIZE = 64k\n"));
    cr_expect_not_null(strstr(out.p, "Required. Secret: SMS_TOKEN_FILE may name a file that holds "
                                     "it.\n#SMS_TOKEN =\n"));
    buf_clear(&out);
    conf_write_markdown(&table, &out);
    cr_expect_not_null(strstr(out.p, "| `SMS_TOKEN`, secret | **required** | 4 to 64 characters | "
                                     "front | Who. |\n"),
                       "%s", out.p);
    cr_expect_not_null(strstr(out.p, "| Where \\| there. |\n"));
    buf_done(&out);
}
