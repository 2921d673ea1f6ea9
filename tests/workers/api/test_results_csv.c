#include "workers/api/results_csv.h"

#include <criterion/criterion.h>

static void expect_end(const struct message *message, const char *want)
{
    struct buf out = {.cap = 10000};
    results_csv_line(&out, message);
    buf_char(&out, '\0');
    size_t n = strlen(want);
    cr_expect(out.n > n && strcmp(out.p + out.n - 1 - n, want) == 0, "got %s, want %s", out.p,
              want);
    buf_done(&out);
}

static struct message message_of(const char *ref, const char *body)
{
    return (struct message){
        .line = {.status = STATUS_QUEUED, .parts = 1, .digits = STR("4799999999")},
        .ref = str_of(ref),
        .body = str_of(body)};
}

Test(results_csv, texts_are_quoted_where_they_must_be)
{
    static const struct {
        const char *ref, *body, *want;
    } cases[] = {
        {NULL, "Hello", ",,Hello\r\n"},
        {"a,b", "say \"hi\"", ",\"a,b\",\"say \"\"hi\"\"\"\r\n"},
        {"r", "two\nlines", ",r,\"two\nlines\"\r\n"},
        {"-1", "=1+1", ",\"'-1\",\"'=1+1\"\r\n"},
        {"@x", "\t=1", ",\"'@x\",\"'\t=1\"\r\n"},
        {"1=1", "a+b", ",1=1,a+b\r\n"},
        {"\"", "\"\"", ",\"\"\"\",\"\"\"\"\"\"\r\n"},
        {"", "", ",,\r\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct message message = message_of(cases[i].ref, cases[i].body);
        expect_end(&message, cases[i].want);
    }
}

Test(results_csv, numbers_keep_their_plus)
{
    struct message message = message_of(NULL, "x");
    struct buf out = {.cap = 10000};
    message.from = STR("4790000000");
    results_csv_line(&out, &message);
    buf_char(&out, '\0');
    cr_expect_not_null(strstr(out.p, ",+4799999999,+4790000000,QUEUED,1,"), "got %s", out.p);
    buf_done(&out);
}

Test(results_csv, an_erased_message_shows_neither_number_nor_text)
{
    struct message message = message_of(NULL, "secret");
    struct buf out = {.cap = 10000};
    message.line.flags = LINE_ERASED;
    results_csv_line(&out, &message);
    buf_char(&out, '\0');
    cr_expect_null(strstr(out.p, "secret"));
    cr_expect_null(strstr(out.p, "4799999999"));
    buf_done(&out);
}
