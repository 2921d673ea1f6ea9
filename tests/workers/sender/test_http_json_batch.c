#include "workers/sender/carrier/carrier.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>

static const struct carrier carrier = {.name = "test", .kind = &carrier_http_json_batch};

enum { COUNT = 3 };
static struct id ids[COUNT];
static struct outcome outcomes[COUNT];

static const char *const texts[COUNT] = {"019c1234-5678-7abc-89ab-cdef01000001",
                                         "019c1234-5678-7abc-89ab-cdef01000002",
                                         "019c1234-5678-7abc-89ab-cdef01000003"};

static void judge_n(int status, const char *body, int64_t retry_after_ms, size_t count)
{
    const struct httpc_answer answer = {.result = HTTPC_ANSWERED,
                                        .status = status,
                                        .body = str_of(body),
                                        .retry_after_ms = retry_after_ms,
                                        .reason = ""};
    for (size_t i = 0; i < COUNT; i++)
        cr_assert_eq(id_parse(&ids[i], str_of(texts[i])), ERR_OK);
    memset(outcomes, 0xee, sizeof(outcomes));
    carrier_judge(&carrier, &answer, ids, count, outcomes);
}

static void judge(int status, const char *body)
{
    judge_n(status, body, -1, COUNT);
}

static void expect(const char *what, enum verdict first, enum verdict second, enum verdict third)
{
    const enum verdict want[COUNT] = {first, second, third};
    for (size_t i = 0; i < COUNT; i++) {
        cr_expect_eq(outcomes[i].verdict, want[i], "%s, message %zu: %s", what, i,
                     verdict_name(outcomes[i].verdict));
        cr_expect_eq(outcomes[i].error, want[i] == VERDICT_REJECTED ? ERROR_REJECTED : ERROR_NONE,
                     "%s", what);
        cr_expect_neq(outcomes[i].reason[0], '\0', "%s", what);
    }
}

#define REF(n) "\"reference\":\"019c1234-5678-7abc-89ab-cdef0100000" #n "\""
#define OK(n)  "{" REF(n) ",\"status\":202,\"id\":\"m-" #n "\"}"

Test(http_json_batch, each_message_has_its_own_result)
{
    judge(202, "{\"results\":[" OK(1) ",{" REF(2) ",\"status\":400,\"error\":\"bad number\"},{" REF(
                   3) ",\"status\":429,\"retry_after\":7}]}");
    expect("one each", VERDICT_ACCEPTED, VERDICT_REJECTED, VERDICT_THROTTLED);
    cr_expect_str_eq(outcomes[0].ref, "m-1");
    cr_expect_str_eq(outcomes[1].ref, "");
    cr_expect_eq(outcomes[2].retry_after_ms, 7000);
    judge(200, "{\"results\":[{" REF(1) ",\"status\":500},{" REF(2) ",\"status\":401},{" REF(
                   3) ",\"status\":503,\"retry_after\":1}]}");
    expect("of all kinds", VERDICT_UNKNOWN, VERDICT_NOT_SENT, VERDICT_THROTTLED);
}

Test(http_json_batch, results_are_found_by_their_reference)
{
    judge(200, "{\"results\":[" OK(3) "," OK(1) "," OK(2) "]}");
    expect("in another order", VERDICT_ACCEPTED, VERDICT_ACCEPTED, VERDICT_ACCEPTED);
    cr_expect_str_eq(outcomes[0].ref, "m-1");
    cr_expect_str_eq(outcomes[1].ref, "m-2");
    cr_expect_str_eq(outcomes[2].ref, "m-3");
}

Test(http_json_batch, a_message_without_a_whole_result_is_unknown)
{
    judge(200, "{\"results\":[" OK(1) "," OK(3) "]}");
    expect("one is missing", VERDICT_ACCEPTED, VERDICT_UNKNOWN, VERDICT_ACCEPTED);
    judge(200, "{\"results\":[" OK(1) "," OK(2) "," OK(1) "]}");
    expect("one comes twice", VERDICT_UNKNOWN, VERDICT_ACCEPTED, VERDICT_UNKNOWN);
    judge(200, "{\"results\":[{" REF(1) ",\"status\":400}," OK(1) "," OK(2) "," OK(3) "]}");
    expect("two that differ", VERDICT_UNKNOWN, VERDICT_ACCEPTED, VERDICT_ACCEPTED);
    judge(200, "{\"results\":[" OK(1) "," OK(9) ",7,null,[],{},{\"reference\":7}," OK(2) "]}");
    expect("results that are none", VERDICT_ACCEPTED, VERDICT_ACCEPTED, VERDICT_UNKNOWN);
    judge(200, "{\"results\":[{" REF(1) "},{" REF(2) ",\"status\":202},{" REF(
                   3) ",\"status\":\"202\",\"id\":\"m-3\"}]}");
    expect("not whole", VERDICT_UNKNOWN, VERDICT_UNKNOWN, VERDICT_UNKNOWN);
}

Test(http_json_batch, an_answer_that_cant_be_read_leaves_all_unknown)
{
    static const char *const bodies[] = {"",   "{\"results\":[" OK(1), "<html>Welcome</html>", "{}",
                                         "[]", "{\"results\":{}}",     "{\"id\":\"m-1\"}"};
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        judge(202, bodies[i]);
        expect(bodies[i], VERDICT_UNKNOWN, VERDICT_UNKNOWN, VERDICT_UNKNOWN);
    }
}

Test(http_json_batch, a_call_that_was_refused)
{
    judge(400, "{\"error\":\"bad number\"}");
    expect("one is to blame", VERDICT_NOT_SENT, VERDICT_NOT_SENT, VERDICT_NOT_SENT);
    judge_n(400, "", -1, 1);
    cr_expect_eq(outcomes[0].verdict, VERDICT_REJECTED, "it was alone");
    judge_n(429, "", 3000, COUNT);
    expect("429", VERDICT_THROTTLED, VERDICT_THROTTLED, VERDICT_THROTTLED);
    cr_expect_eq(outcomes[2].retry_after_ms, 3000);
    judge(401, "");
    expect("401", VERDICT_NOT_SENT, VERDICT_NOT_SENT, VERDICT_NOT_SENT);
    judge(500, "{\"results\":[" OK(1) "]}");
    expect("500", VERDICT_UNKNOWN, VERDICT_UNKNOWN, VERDICT_UNKNOWN);
}

Test(http_json_batch, a_call_without_an_answer)
{
    struct httpc_answer answer = {
        .result = HTTPC_NOT_SENT, .retry_after_ms = -1, .reason = "Couldn't connect"};
    carrier_judge(&carrier, &answer, ids, COUNT, outcomes);
    expect("not sent", VERDICT_NOT_SENT, VERDICT_NOT_SENT, VERDICT_NOT_SENT);
    answer.result = HTTPC_UNKNOWN;
    carrier_judge(&carrier, &answer, ids, COUNT, outcomes);
    expect("unknown", VERDICT_UNKNOWN, VERDICT_UNKNOWN, VERDICT_UNKNOWN);
}

static void expect_text(const json_t *object, const char *name, const char *want)
{
    cr_expect_str_eq(json_string_value(json_object_get(object, name)), want, "%s", name);
}

Test(http_json_batch, what_differs_is_said_with_the_message)
{
    struct phone to = {"4799999999"};
    const struct submit first = {.to = &to,
                                 .body = STR("a \"text\"\n\xf0\x9f\x90\xb3"),
                                 .from = STR("ACME"),
                                 .encoding = SEGMENTS_UCS2,
                                 .parts = 2,
                                 .report_url = STR("http://127.0.0.1:8080/reports/a/b/1/x")};
    struct submit second = first, third = first;
    struct buf out = {.cap = 65536};
    third.from = (struct str){0};
    third.body = STR("another");
    third.encoding = SEGMENTS_GSM7;
    third.parts = 1;
    cr_assert_eq(id_parse(&second.message, STR("019c1234-5678-7abc-89ab-cdef01000002")), ERR_OK);
    carrier.kind->open(&out, &first);
    carrier.kind->write(&out, &first, &first);
    carrier.kind->write(&out, &second, &first);
    carrier.kind->write(&out, &third, &first);
    carrier.kind->close(&out);
    json_t *root = json_loadb(out.p, out.n, JSON_REJECT_DUPLICATES, NULL);
    cr_assert_not_null(root, "%s", out.p);
    expect_text(root, "text", "a \"text\"\n\xf0\x9f\x90\xb3");
    expect_text(root, "from", "ACME");
    expect_text(root, "encoding", "ucs2");
    cr_expect_eq(json_integer_value(json_object_get(root, "parts")), 2);
    const json_t *list = json_object_get(root, "messages");
    cr_assert_eq(json_array_size(list), 3);
    const json_t *shared = json_array_get(list, 1), *own = json_array_get(list, 2);
    cr_expect_eq(json_object_size(shared), 3);
    expect_text(shared, "reference", "019c1234-5678-7abc-89ab-cdef01000002");
    expect_text(shared, "to", "+4799999999");
    expect_text(shared, "report_url", "http://127.0.0.1:8080/reports/a/b/1/x");
    cr_expect_eq(json_object_size(own), 7);
    cr_expect(json_is_null(json_object_get(own, "from")), "the carrier's default");
    expect_text(own, "text", "another");
    expect_text(own, "encoding", "gsm7");
    cr_expect_eq(json_integer_value(json_object_get(own, "parts")), 1);
    json_decref(root);
    buf_done(&out);
}
