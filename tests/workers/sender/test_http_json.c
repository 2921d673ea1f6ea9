#include "workers/sender/carrier/carrier.h"

#include <criterion/criterion.h>
#include <jansson.h>

static const struct carrier carrier = {.name = "test", .kind = &carrier_http_json};

static struct outcome judge(const struct httpc_answer *answer)
{
    struct outcome outcome;
    carrier_judge(&carrier, answer, &(struct id){.b = {0}}, 1, &outcome);
    return outcome;
}

/* Recorded answers. */
Test(http_json, answers)
{
    /* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order of reading */
    static const struct {
        const char *name;
        int status;
        const char *body;
        int64_t retry_after_ms;
        enum verdict want;
        const char *ref;
    } cases[] = {
        {"200 with an id", 200, "{\"id\":\"m-1\"}", -1, VERDICT_ACCEPTED, "m-1"},
        {"202 with more", 202, "{\"id\":\"m-1\",\"x\":[1]}", -1, VERDICT_ACCEPTED, "m-1"},
        {"a long id is cut", 201, "{\"id\":\"0123456789012345678901234567890123456789\"}", -1,
         VERDICT_ACCEPTED, "012345678901234567890123456789012345678"},
        {"200 without a body", 200, "", -1, VERDICT_UNKNOWN, ""},
        {"204", 204, "", -1, VERDICT_UNKNOWN, ""},
        {"200 with half a body", 200, "{\"id\":\"m-", -1, VERDICT_UNKNOWN, ""},
        {"200 with a page", 200, "<html>Welcome</html>", -1, VERDICT_UNKNOWN, ""},
        {"200 without an id", 200, "{}", -1, VERDICT_UNKNOWN, ""},
        {"200 with an id that is no text", 200, "{\"id\":7}", -1, VERDICT_UNKNOWN, ""},
        {"200 with a list", 200, "[\"id\"]", -1, VERDICT_UNKNOWN, ""},
        {"a redirection", 302, "", -1, VERDICT_UNKNOWN, ""},
        {"400", 400, "{\"error\":\"bad number\"}", -1, VERDICT_REJECTED, ""},
        {"422", 422, "{\"id\":\"m-1\"}", -1, VERDICT_REJECTED, ""},
        {"401", 401, "", -1, VERDICT_NOT_SENT, ""},
        {"403", 403, "", -1, VERDICT_NOT_SENT, ""},
        {"a proxy that doesn't know us", 407, "", -1, VERDICT_NOT_SENT, ""},
        {"an address it doesn't have", 404, "", -1, VERDICT_NOT_SENT, ""},
        {"a method it doesn't take", 405, "", -1, VERDICT_NOT_SENT, ""},
        {"a format it doesn't take", 415, "", -1, VERDICT_NOT_SENT, ""},
        {"a time-out of the carrier's", 408, "", -1, VERDICT_UNKNOWN, ""},
        {"429", 429, "", -1, VERDICT_THROTTLED, ""},
        {"429 with a wish", 429, "", 7000, VERDICT_THROTTLED, ""},
        {"503 with a wish", 503, "", 1000, VERDICT_THROTTLED, ""},
        {"503", 503, "", -1, VERDICT_UNKNOWN, ""},
        {"500", 500, "{\"id\":\"m-1\"}", -1, VERDICT_UNKNOWN, ""},
        {"502", 502, "", -1, VERDICT_UNKNOWN, ""},
        {"504 with a wish", 504, "", 1000, VERDICT_UNKNOWN, ""},
        {"a status that is none", 999, "", -1, VERDICT_UNKNOWN, ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct httpc_answer answer = {.result = HTTPC_ANSWERED,
                                            .status = cases[i].status,
                                            .body = str_of(cases[i].body),
                                            .retry_after_ms = cases[i].retry_after_ms,
                                            .reason = ""};
        struct outcome outcome = judge(&answer);
        cr_expect_eq(outcome.verdict, cases[i].want, "%s: %s", cases[i].name,
                     verdict_name(outcome.verdict));
        cr_expect_str_eq(outcome.ref, cases[i].ref, "%s", cases[i].name);
        cr_expect_eq(outcome.error, cases[i].want == VERDICT_REJECTED ? ERROR_REJECTED : ERROR_NONE,
                     "%s", cases[i].name);
        if (cases[i].want == VERDICT_THROTTLED)
            cr_expect_eq(outcome.retry_after_ms, cases[i].retry_after_ms, "%s", cases[i].name);
        cr_expect_neq(outcome.reason[0], '\0', "%s", cases[i].name);
    }
}

Test(http_json, an_answer_of_nothing)
{
    const struct httpc_answer answer = {.result = HTTPC_ANSWERED, .status = 200, .reason = ""};
    cr_expect_eq(judge(&answer).verdict, VERDICT_UNKNOWN);
}

Test(carrier, a_call_without_an_answer)
{
    struct httpc_answer answer = {
        .result = HTTPC_NOT_SENT, .retry_after_ms = -1, .reason = "Couldn't connect"};
    cr_expect_eq(judge(&answer).verdict, VERDICT_NOT_SENT);
    cr_expect_str_eq(judge(&answer).reason, "Couldn't connect");
    cr_expect_eq(judge(&answer).retry_after_ms, -1);
    answer.result = HTTPC_UNKNOWN;
    answer.status = 200;
    answer.body = STR("{\"id\":\"m-1\"}");
    cr_expect_eq(judge(&answer).verdict, VERDICT_UNKNOWN, "whatever has come of it");
    cr_expect_str_eq(judge(&answer).ref, "");
}

Test(carrier, verdicts_have_names)
{
    cr_expect_str_eq(verdict_name(VERDICT_ACCEPTED), "accepted");
    cr_expect_str_eq(verdict_name(VERDICT_REJECTED), "rejected");
    cr_expect_str_eq(verdict_name(VERDICT_THROTTLED), "throttled");
    cr_expect_str_eq(verdict_name(VERDICT_NOT_SENT), "not_sent");
    cr_expect_str_eq(verdict_name(VERDICT_UNKNOWN), "unknown");
}

Test(carrier, kinds)
{
    cr_expect_eq(carrier_kind_find("http_json"), &carrier_http_json);
    cr_expect_null(carrier_kind_find(""));
    cr_expect_null(carrier_kind_find("http_jso"));
    cr_expect_str_eq(carrier_kind_names(), "http_json, http_json_batch");
    cr_expect_str_eq(carrier_kind_names(), "http_json, http_json_batch", "again");
}

Test(http_json, write)
{
    struct phone to = {"4799999999"};
    struct submit submit = {.to = &to,
                            .body = STR("a \"text\"\n\xf0\x9f\x90\xb3"),
                            .encoding = SEGMENTS_UCS2,
                            .parts = 2,
                            .report_url = STR("http://127.0.0.1:8080/reports/a/b/1/x")};
    struct buf out = {.cap = 65536};
    cr_assert_eq(id_parse(&submit.message, STR("019c1234-5678-7abc-89ab-cdef01000002")), ERR_OK);
    carrier_http_json.write(&out, &submit, &submit);
    json_t *root = json_loadb(out.p, out.n, JSON_REJECT_DUPLICATES, NULL);
    cr_assert_not_null(root, "%s", out.p);
    static const struct {
        const char *name, *want;
    } fields[] = {
        {"reference", "019c1234-5678-7abc-89ab-cdef01000002"},
        {"to", "+4799999999"},
        {"encoding", "ucs2"},
        {"report_url", "http://127.0.0.1:8080/reports/a/b/1/x"},
        {"text", "a \"text\"\n\xf0\x9f\x90\xb3"},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        cr_expect_str_eq(json_string_value(json_object_get(root, fields[i].name)), fields[i].want);
    cr_expect_eq(json_integer_value(json_object_get(root, "parts")), 2);
    cr_expect_eq(json_object_size(root), 6);
    json_decref(root);
    buf_done(&out);
}
