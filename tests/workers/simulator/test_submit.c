#include "workers/simulator/submit.h"

#include <criterion/criterion.h>
#include <stdio.h>

static enum err parse(struct submit *s, const char *json, const char **fault)
{
    return submit_parse(s, str_of(json), fault);
}

Test(submit, every_field_is_read)
{
    struct submit s;
    const char *fault = NULL;
    cr_assert_eq(parse(&s,
                       "{\"reference\":\"m1\",\"from\":\"ACME\",\"to\":\"+4799999999\","
                       "\"text\":\"h\\u00e9\",\"encoding\":\"ucs2\",\"parts\":3,"
                       "\"report_url\":\"http://a/b\",\"more\":[1]}",
                       &fault),
                 ERR_OK, "%s", fault);
    cr_expect(str_eq(s.reference, STR("m1")));
    cr_expect(str_eq(s.from, STR("ACME")));
    cr_expect_str_eq(s.to.digits, "4799999999");
    cr_expect(str_eq(s.text, STR("h\xc3\xa9")));
    cr_expect(s.ucs2);
    cr_expect_eq(s.parts, 3);
    cr_expect_str_eq(s.report_url.p, "http://a/b");
    submit_done(&s);
}

Test(submit, from_and_report_url_may_be_missing_or_null)
{
    struct submit s;
    const char *fault = NULL;
    cr_assert_eq(parse(&s,
                       "{\"reference\":\"m\",\"from\":null,\"to\":\"+4799999999\",\"text\":\"\","
                       "\"encoding\":\"gsm7\",\"parts\":1}",
                       &fault),
                 ERR_OK, "%s", fault);
    cr_expect_eq(s.from.n, 0);
    cr_expect_eq(s.report_url.n, 0);
    cr_expect_eq(s.text.n, 0);
    cr_expect_not(s.ucs2);
    submit_done(&s);
}

Test(submit, what_is_wrong_is_named)
{
    static const struct {
        const char *field, *value, *want; /* value NULL: left out */
    } cases[] = {
        {"reference", NULL, "reference must"},
        {"reference", "\"\"", "reference must"},
        {"reference", "1", "reference must"},
        {"to", NULL, "to must"},
        {"to", "\"4799999999\"", "to must"},
        {"to", "\"+0\"", "to must"},
        {"text", NULL, "text must"},
        {"text", "null", "text must"},
        {"encoding", NULL, "encoding must"},
        {"encoding", "\"utf8\"", "encoding must"},
        {"parts", NULL, "parts must"},
        {"parts", "0", "parts must"},
        {"parts", "256", "parts must"},
        {"parts", "1.0", "parts must"},
        {"from", "7", "from must"},
        {"report_url", "true", "report_url must"},
        {"report_url", "\"ftp://a\"", "report_url must"},
        {"from", "\"123456789012345678901234567890123\"", "from must"},
    };
    static const char *const good[][2] = {
        {"reference", "\"m\""}, {"to", "\"+4799999999\""},
        {"text", "\"hi\""},     {"encoding", "\"gsm7\""},
        {"parts", "1"},         {"from", "\"A\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char json[512] = "{\"x\":0";
        size_t n = strlen(json);
        for (size_t k = 0; k < sizeof good / sizeof good[0]; k++) {
            if (strcmp(good[k][0], cases[i].field) != 0)
                n += (size_t)snprintf(json + n, sizeof json - n, ",\"%s\":%s", good[k][0],
                                      good[k][1]);
        }
        if (cases[i].value != NULL)
            n += (size_t)snprintf(json + n, sizeof json - n, ",\"%s\":%s", cases[i].field,
                                  cases[i].value);
        (void)snprintf(json + n, sizeof json - n, "}");
        struct submit s;
        const char *fault = "";
        cr_expect_eq(parse(&s, json, &fault), ERR_SYNTAX, "%s", json);
        cr_expect(str_starts(str_of(fault), str_of(cases[i].want)), "%s: got %s, want %s...", json,
                  fault, cases[i].want);
    }
}

Test(submit, what_is_not_an_object_is_refused)
{
    static const char *const cases[] = {
        "", "{", "[]", "1", "{\"a\":1,\"a\":2}", "{\"a\":\"\xff\"}"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct submit s;
        const char *fault = "";
        cr_expect_eq(parse(&s, cases[i], &fault), ERR_SYNTAX, "%s", cases[i]);
        cr_expect_neq(fault[0], '\0', "%s", cases[i]);
    }
}

static enum err parse_batch(struct submit_batch *batch, const char *json, const char **fault)
{
    return submit_parse_batch(batch, str_of(json), fault);
}

Test(submit, a_batch_shares_what_its_messages_dont_say)
{
    struct submit_batch batch;
    const char *fault = NULL;
    cr_assert_eq(parse_batch(&batch,
                             "{\"from\":\"ACME\",\"text\":\"hi\",\"encoding\":\"gsm7\",\"parts\":1,"
                             "\"reference\":\"no\",\"messages\":["
                             "{\"reference\":\"m1\",\"to\":\"+4799999991\"},"
                             "{\"reference\":\"m2\",\"to\":\"+4799999992\",\"from\":null,"
                             "\"text\":\"\\u00e9\",\"encoding\":\"ucs2\",\"parts\":2}]}",
                             &fault),
                 ERR_OK, "%s", fault);
    cr_assert_eq(batch.count, 2);
    cr_expect(str_eq(batch.list[0].reference, STR("m1")));
    cr_expect(str_eq(batch.list[0].text, STR("hi")));
    cr_expect(str_eq(batch.list[0].from, STR("ACME")));
    cr_expect_not(batch.list[0].ucs2);
    cr_expect_str_eq(batch.list[1].to.digits, "4799999992");
    cr_expect_eq(batch.list[1].from.n, 0);
    cr_expect(batch.list[1].ucs2);
    cr_expect_eq(batch.list[1].parts, 2);
    submit_batch_done(&batch);
}

Test(submit, a_batch_with_a_wrong_message_is_refused)
{
    static const char *const cases[] = {
        "",
        "{}",
        "[]",
        "{\"messages\":[]}",
        "{\"messages\":{}}",
        "{\"messages\":[1]}",
        "{\"text\":\"hi\",\"encoding\":\"gsm7\",\"parts\":1,\"reference\":\"m\",\"messages\":["
        "{\"reference\":\"m1\",\"to\":\"+4799999991\"},{\"to\":\"+4799999991\"}]}"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct submit_batch batch;
        const char *fault = "";
        cr_expect_eq(parse_batch(&batch, cases[i], &fault), ERR_SYNTAX, "%s", cases[i]);
        cr_expect_neq(fault[0], '\0', "%s", cases[i]);
    }
}
