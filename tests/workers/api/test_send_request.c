#include "workers/api/send_request.h"

#include <criterion/criterion.h>
#include <jansson.h>

static const int64_t NOW_MS = INT64_C(1769854272000); /* 2026-01-31T10:11:12Z */

static struct send_request request;
static struct problem problem;

static bool read_text(const char *body)
{
    return send_request_read(&request, str_of(body), NOW_MS, &problem);
}

/* The list of errors is JSON whatever was sent. Returns the one of that number's field. */
static const char *error_field(size_t i, const char *name)
{
    static char value[700];
    struct buf text = {.cap = 100000};
    buf_char(&text, '[');
    buf_str(&text, buf_view(&problem.list));
    buf_char(&text, ']');
    json_error_t why;
    json_t *list = json_loadb(text.p, text.n, 0, &why);
    cr_assert_not_null(list, "%s: %s", why.text, text.p);
    const char *found = json_string_value(json_object_get(json_array_get(list, i), name));
    (void)snprintf(value, sizeof(value), "%s", found != NULL ? found : "");
    json_decref(list);
    buf_done(&text);
    return value;
}

#define TO   "\"to\":[\"+4799999999\"]"
#define BODY "\"message\":\"hello\""

Test(send_request, the_least)
{
    cr_assert(read_text("{" TO "," BODY "}"));
    cr_expect_eq(request.to.count, 1);
    cr_expect_str_eq(request.to.list[0].digits, "4799999999");
    cr_expect_eq(request.duplicates, 0);
    cr_expect(str_eq(request.message, STR("hello")));
    cr_expect_null(request.ref.p);
    cr_expect_eq(request.segments.part_count, 1);
    send_request_done(&request);
}

Test(send_request, all_fields)
{
    cr_assert(read_text("{\"to\":[\"+4799999999\",\"+15551234567\",\"+4799999999\"],"
                        "\"message\":\"\\ud83d\\udc33\\n\\t\\f\\r \\u00e6\",\"customer_ref\":\"\","
                        "\"timezone\":null}"));
    cr_expect_eq(request.to.count, 2);
    cr_expect_eq(request.duplicates, 1);
    cr_expect_str_eq(request.to.list[1].digits, "15551234567");
    cr_expect(str_eq(request.message, STR("\xf0\x9f\x90\xb3\n\t\f\r \xc3\xa6")));
    cr_expect_not_null(request.ref.p);
    cr_expect_eq(request.ref.n, 0);
    cr_expect_eq(request.segments.encoding, SEGMENTS_UCS2);
    send_request_done(&request);
}

Test(send_request, one_number_as_a_text)
{
    cr_assert(read_text("{\"to\":\"+4799999999\"," BODY "}"));
    cr_expect_eq(request.to.count, 1);
    send_request_done(&request);
}

Test(send_request, what_is_wrong_is_named)
{
    static const struct {
        const char *name, *body;
        int status;
        const char *pointer, *code;
    } cases[] = {
        {"empty", "", 400, "", "malformed"},
        {"not JSON", "{\"to\"", 400, "", "malformed"},
        {"something behind it", "{" TO "," BODY "}}", 400, "", "malformed"},
        {"a list", "[]", 400, "", "malformed"},
        {"null", "null", 400, "", "malformed"},
        {"not UTF-8", "{" TO ",\"message\":\"\xff\"}", 400, "", "malformed"},
        {"not UTF-8 behind an escape", "{" TO ",\"message\":\"\\ud8\xd7\x9b\xa3\"}", 400, "",
         "malformed"},
        {"half a surrogate pair", "{" TO ",\"message\":\"\\ud83d\"}", 400, "", "malformed"},
        {"a field twice", "{" TO "," TO "," BODY "}", 400, "", "malformed"},
        {"an unknown field", "{" TO "," BODY ",\"colour\":1}", 422, "/colour", "unknown_field"},
        {"an unknown field that is null", "{" TO "," BODY ",\"colour\":null}", 422, "/colour",
         "unknown_field"},
        {"a name to escape", "{" TO "," BODY ",\"a/b~c\":1}", 422, "/a~1b~0c", "unknown_field"},

        {"a time that is no text", "{" TO "," BODY ",\"scheduled_at\":1}", 422, "/scheduled_at",
         "invalid"},
        {"a time that has passed", "{" TO "," BODY ",\"scheduled_at\":\"2026-01-31T10:00:00Z\"}",
         422, "/scheduled_at", "out_of_range"},
        {"a zone that is no text", "{" TO "," BODY ",\"timezone\":true}", 422, "/timezone",
         "invalid"},
        {"no numbers", "{" BODY "}", 422, "/to", "missing"},
        {"numbers are null", "{\"to\":null," BODY "}", 422, "/to", "missing"},
        {"an empty list", "{\"to\":[]," BODY "}", 422, "/to", "missing"},
        {"no text where a group's id is expected", "{\"to_groups\":[1]," BODY "}", 422,
         "/to_groups/0", "invalid_id"},
        {"a contact's id that is none", "{\"to_contacts\":[\"x\"]," BODY "}", 422, "/to_contacts/0",
         "invalid_id"},
        {"a recipient that is no object", "{\"recipients\":[1]," BODY "}", 422, "/recipients/0",
         "invalid"},
        {"a recipient's unknown field",
         "{\"recipients\":[{\"to\":\"+4799999999\",\"x\":1}]," BODY "}", 422, "/recipients/0",
         "unknown_field"},
        {"a variable that is no text",
         "{\"recipients\":[{\"to\":\"+4799999999\",\"variables\":{\"a\":1}}]," BODY "}", 422,
         "/recipients/0/variables", "invalid"},
        {"a profile that is no UUID", "{" TO "," BODY ",\"sender_profile_id\":\"x\"}", 422,
         "/sender_profile_id", "invalid_id"},
        {"replies that are no boolean", "{" TO "," BODY ",\"allow_reply\":\"yes\"}", 422,
         "/allow_reply", "invalid"},
        {"a callback without TLS", "{" TO "," BODY ",\"callback_url\":\"http://example.com\"}", 422,
         "/callback_url", "invalid"},
        {"a private callback", "{" TO "," BODY ",\"callback_url\":\"https://10.0.0.1/x\"}", 422,
         "/callback_url", "invalid"},
        {"a reply can't be sent", "{" TO "," BODY ",\"message_type\":\"REPLY\"}", 422,
         "/message_type", "invalid"},
        {"a validity that is too short", "{" TO "," BODY ",\"validity\":\"PT59S\"}", 422,
         "/validity", "invalid"},
        {"a validity that is too long", "{" TO "," BODY ",\"validity\":\"P7DT1S\"}", 422,
         "/validity", "invalid"},
        {"a rate that is no text", "{" TO "," BODY ",\"rate\":5}", 422, "/rate", "invalid"},
        {"a rate without a period", "{" TO "," BODY ",\"rate\":\"5\"}", 422, "/rate", "invalid"},
        {"a rate that is too slow", "{" TO "," BODY ",\"rate\":\"3/h\"}", 422, "/rate",
         "out_of_range"},
        {"a rate that is too fast", "{" TO "," BODY ",\"rate\":\"100001/s\"}", 422, "/rate",
         "out_of_range"},
        {"a period that is too short", "{" TO "," BODY ",\"send_over\":\"PT59S\"}", 422,
         "/send_over", "invalid"},
        {"a period that is too long", "{" TO "," BODY ",\"send_over\":\"P7DT1S\"}", 422,
         "/send_over", "invalid"},
        {"a rate and a period", "{" TO "," BODY ",\"rate\":\"5/s\",\"send_over\":\"PT2H\"}", 422,
         "/send_over", "conflict"},
        {"quiet hours that are no object", "{" TO "," BODY ",\"quiet_hours\":\"21:00\"}", 422,
         "/quiet_hours", "invalid"},
        {"quiet hours without an end", "{" TO "," BODY ",\"quiet_hours\":{\"from\":\"21:00\"}}",
         422, "/quiet_hours/to", "missing"},
        {"quiet hours with a wrong time",
         "{" TO "," BODY ",\"quiet_hours\":{\"from\":\"9:00\",\"to\":\"21:00\"}}", 422,
         "/quiet_hours/from", "invalid"},
        {"quiet hours with something else",
         "{" TO "," BODY ",\"quiet_hours\":{\"from\":\"09:00\",\"to\":\"21:00\",\"x\":1}}", 422,
         "/quiet_hours", "unknown_field"},
        {"a control character in a template", "{" TO ",\"message\":\"{{a|b}}\\u0007\"}", 422,
         "/message", "control_character"},
        {"an object", "{\"to\":{}," BODY "}", 422, "/to", "invalid"},
        {"a number", "{\"to\":4799999999," BODY "}", 422, "/to", "invalid"},
        {"a number in the list", "{\"to\":[\"+4799999999\",4799999999]," BODY "}", 422, "/to/1",
         "invalid_number"},
        {"no plus", "{\"to\":[\"4799999999\"]," BODY "}", 422, "/to/0", "invalid_number"},
        {"a wrong text", "{\"to\":\"+47 999\"," BODY "}", 422, "/to", "invalid_number"},
        {"a NUL in a number", "{\"to\":[\"+4799999\\u0000999\"]," BODY "}", 422, "/to/0",
         "invalid_number"},
        {"no message", "{" TO "}", 422, "/message", "missing"},
        {"message is null", "{" TO ",\"message\":null}", 422, "/message", "missing"},
        {"message is no text", "{" TO ",\"message\":1}", 422, "/message", "invalid"},
        {"an empty message", "{" TO ",\"message\":\"\"}", 422, "/message", "empty"},
        {"a control character", "{" TO ",\"message\":\"a\\u0007b\"}", 422, "/message",
         "control_character"},
        {"delete", "{" TO ",\"message\":\"a\x7f\"}", 422, "/message", "control_character"},
        {"a control character beyond ASCII", "{" TO ",\"message\":\"a\\u0085b\"}", 422, "/message",
         "control_character"},
        {"a NUL", "{" TO ",\"message\":\"a\\u0000b\"}", 422, "/message", "control_character"},
        {"a reference that is no text", "{" TO "," BODY ",\"customer_ref\":1}", 422,
         "/customer_ref", "invalid"},
        {"a NUL in a reference", "{" TO "," BODY ",\"customer_ref\":\"a\\u0000b\"}", 422,
         "/customer_ref", "invalid"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (read_text(cases[i].body)) {
            cr_expect(false, "%s: accepted", cases[i].name);
            send_request_done(&request);
            continue;
        }
        cr_expect_eq(problem.status, cases[i].status, "%s: %d", cases[i].name, problem.status);
        cr_expect_eq(problem.errors, 1, "%s: %u errors", cases[i].name, problem.errors);
        cr_expect_str_eq(error_field(0, "pointer"), cases[i].pointer, "%s", cases[i].name);
        cr_expect_str_eq(error_field(0, "code"), cases[i].code, "%s", cases[i].name);
        cr_expect_gt(problem.detail.n, 10, "%s", cases[i].name);
        problem_done(&problem);
    }
}

Test(send_request, all_that_is_wrong_is_told_at_once)
{
    cr_assert(!read_text("{\"to\":[\"1\",\"2\"],\"message\":\"\",\"customer_ref\":[],\"x\":1}"));
    cr_expect_eq(problem.errors, 5);
    cr_expect_eq(problem.status, 422);
    problem_done(&problem);
}

Test(send_request, a_missing_plus_has_a_hint)
{
    cr_assert(!read_text("{\"to\":[\"4799999999\"]," BODY "}"));
    cr_expect_not_null(strstr(problem.detail.p, "'+'"), "%s", problem.detail.p);
    problem_done(&problem);
}

Test(send_request, a_long_name_is_cut_between_characters)
{
    for (size_t shift = 0; shift < 4; shift++) {
        struct buf body = {.cap = 4096};
        buf_printf(&body, "{" TO "," BODY ",\"%.*s", (int)shift, "abc");
        for (size_t i = 0; i < 60; i++)
            buf_text(&body, i % 2 == 0 ? "\xf0\x9f\x90\xb3" : "~");
        buf_text(&body, "\":1}");
        cr_assert(!send_request_read(&request, buf_view(&body), NOW_MS, &problem));
        cr_expect_str_eq(error_field(0, "code"), "unknown_field"); /* it is JSON */
        const char *pointer = error_field(0, "pointer");
        size_t n = strlen(pointer);
        cr_expect(n > 40 && n < 80);
        cr_expect_neq(pointer[n - 1], '~', "an escape is not cut either");
        problem_done(&problem);
        buf_done(&body);
    }
}

Test(send_request, the_fields_beyond_the_text)
{
    cr_assert(
        read_text("{" TO "," BODY ",\"sender_profile_id\":\"019c1234-5678-7abc-89ab-cdef01000000\","
                  "\"sender_id\":\"MyBrand\",\"allow_reply\":false,\"callback_url\":"
                  "\"https://example.com/sms\",\"message_type\":\"VERIFY\",\"validity\":\"PT2H\","
                  "\"rate\":\"90/min\",\"quiet_hours\":{\"from\":\"21:00\",\"to\":\"08:00\"},"
                  "\"dry_run\":true}"));
    cr_expect(str_eq(request.sender_id, STR("MyBrand")));
    cr_expect_eq(request.profile.n, 36);
    cr_expect_eq(request.allow_reply, SEND_NO);
    cr_expect(str_eq(request.callback, STR("https://example.com/sms")));
    cr_expect_eq(request.type, MESSAGE_VERIFY);
    cr_expect_eq(request.validity_ms, 7200000);
    cr_expect_eq(request.pace.rate_milli, 1500);
    cr_expect_eq(request.pace.quiet.from_min, 1260);
    cr_expect_eq(request.pace.quiet.to_min, 480);
    cr_expect(request.dry_run);
    cr_expect_not(request.skip_invalid);
    send_request_done(&request);
}

Test(send_request, recipients_come_from_all_fields)
{
    static const char group[] = "019c1234-5678-7abc-89ab-cdef01000000";
    struct buf body = {.cap = 4096};
    buf_printf(&body,
               "{\"to\":[\"+4799999901\",\"+4799999902\"],\"recipients\":[{\"to\":\"+4799999902\","
               "\"variables\":{\"name\":\"Kari\",\"code\":null}}],\"to_contacts\":[\"%s\"],"
               "\"to_groups\":[\"%s\",\"%s\"],\"message\":\"{{name|you}}\"}",
               group, group, group);
    cr_assert(send_request_read(&request, buf_view(&body), NOW_MS, &problem));
    cr_assert_eq(request.to.count, 2);
    cr_expect_eq(request.duplicates, 1);
    cr_expect_eq(request.contact_count, 1);
    cr_expect_eq(request.group_count, 1, "each group once");
    cr_expect_str_eq(request.to.list[0].digits, "4799999902", "that with variables counts");
    cr_expect(str_eq(send_request_variable(&request, 0, STR("name")), STR("Kari")));
    cr_expect_null(send_request_variable(&request, 0, STR("code")).p);
    cr_expect_null(send_request_variable(&request, 1, STR("name")).p);
    send_request_done(&request);
    buf_done(&body);
}

Test(send_request, invalid_ones_can_be_left_out)
{
    struct buf list = {.cap = 4096};
    cr_assert(read_text("{\"to\":[\"x\",\"+4799999901\",7]," BODY ",\"skip_invalid\":true}"));
    cr_expect_eq(request.to.count, 1);
    cr_assert_eq(request.invalid_count, 2);
    send_request_write_invalid(&list, &request);
    buf_char(&list, '\0');
    cr_expect_str_eq(list.p,
                     ",\"invalid\":[{\"field\":\"to\",\"index\":0,\"value\":\"x\","
                     "\"reason\":\"invalid_number\"},{\"field\":\"to\",\"index\":2,\"value\":null,"
                     "\"reason\":\"invalid_number\"}]");
    send_request_done(&request);
    buf_done(&list);
    cr_expect_not(read_text("{\"to\":[\"x\"]," BODY ",\"skip_invalid\":true}"));
    cr_expect_str_eq(error_field(0, "code"), "missing");
    problem_done(&problem);
}

/* --- limits --- */

static void add_numbers(struct buf *body, unsigned count)
{
    buf_text(body, "{\"to\":[");
    for (unsigned i = 0; i < count; i++)
        buf_printf(body, "%s\"+479000%05u\"", i > 0 ? "," : "", i);
    buf_text(body, "]," BODY "}");
}

Test(send_request, ten_thousand_numbers_and_no_more)
{
    struct buf body = {.cap = 1 << 20};
    add_numbers(&body, SEND_MAX_TO);
    cr_assert(send_request_read(&request, buf_view(&body), NOW_MS, &problem));
    cr_expect_eq(request.to.count, SEND_MAX_TO);
    send_request_done(&request);
    buf_clear(&body);
    add_numbers(&body, SEND_MAX_TO + 1);
    cr_assert(!send_request_read(&request, buf_view(&body), NOW_MS, &problem));
    cr_expect_str_eq(error_field(0, "code"), "too_many");
    problem_done(&problem);
    buf_done(&body);
}

static bool read_message_of(const char *character, size_t count)
{
    struct buf body = {.cap = 65536};
    buf_text(&body, "{" TO ",\"message\":\"");
    for (size_t i = 0; i < count; i++)
        buf_text(&body, character);
    buf_text(&body, "\"}");
    bool ok = send_request_read(&request, buf_view(&body), NOW_MS, &problem);
    buf_done(&body);
    return ok;
}

Test(send_request, length)
{
    static const struct {
        const char *name, *character;
        size_t most;
    } cases[] = {
        {"GSM-7: 10 parts of 153", "a", 1530},
        {"two septets each", "[", 760},
        {"Unicode: 10 parts of 67", "\xd0\x96", 670},
        {"pairs: 10 parts of 33", "\xf0\x9f\x90\xb3", 330},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_expect(read_message_of(cases[i].character, cases[i].most), "%s", cases[i].name);
        send_request_done(&request);
        cr_assert(!read_message_of(cases[i].character, cases[i].most + 1), "%s", cases[i].name);
        cr_expect_str_eq(error_field(0, "code"), "too_long", "%s", cases[i].name);
        problem_done(&problem);
    }
}

Test(send_request, the_character_that_forces_unicode_is_named)
{
    cr_assert(!read_message_of("abc\xf0\x9f\x90\xb3", 400));
    cr_expect_not_null(strstr(problem.detail.p, "U+1F433, character 4"), "%s", problem.detail.p);
    cr_expect_not_null(strstr(problem.detail.p, "1600 characters"), "%s", problem.detail.p);
    problem_done(&problem);
}

Test(send_request, a_reference_of_255_bytes)
{
    for (size_t n = SEND_REF_MAX_BYTES; n <= SEND_REF_MAX_BYTES + 1; n++) {
        struct buf body = {.cap = 4096};
        buf_text(&body, "{" TO "," BODY ",\"customer_ref\":\"");
        for (size_t i = 0; i < n; i++)
            buf_char(&body, 'r');
        buf_text(&body, "\"}");
        bool ok = send_request_read(&request, buf_view(&body), NOW_MS, &problem);
        cr_expect_eq(ok, n == SEND_REF_MAX_BYTES);
        if (ok)
            send_request_done(&request);
        else
            problem_done(&problem);
        buf_done(&body);
    }
}
