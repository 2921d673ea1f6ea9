#include "workers/api/message.h"

#include <criterion/criterion.h>
#include <jansson.h>

/* The fields of the API's documentation, and error_code. */
static const char *const fields[] = {
    "id",           "direction",          "message_type",  "from_number", "to_number",    "body",
    "status",       "units_count",        "customer_ref",  "created_at",  "scheduled_at", "sent_at",
    "delivered_at", "related_message_id", "error_message", "error_code"};

static json_t *written(const struct message *message)
{
    struct buf out = {.cap = 65536};
    message_write(&out, message);
    json_t *root = json_loadb(out.p, out.n, JSON_REJECT_DUPLICATES, NULL);
    cr_assert_not_null(root, "%s", out.p);
    buf_done(&out);
    return root;
}

static void expect_text(const json_t *root, const char *name, const char *want)
{
    const json_t *value = json_object_get(root, name);
    if (want == NULL)
        cr_expect(json_is_null(value), "%s must be null", name);
    else
        cr_expect_str_eq(json_string_value(value), want, "%s", name);
}

static struct message sample(void)
{
    struct message message = {
        .line = {.status = STATUS_QUEUED, .parts = 2, .digits = STR("4799999999")},
        .body = STR("a \"body\""),
        .at_ms = 1769854272345,
    };
    cr_assert_eq(id_parse(&message.id, STR("019c1234-5678-7abc-89ab-cdef01000002")), ERR_OK);
    return message;
}

Test(message, every_field_is_always_there)
{
    const struct message message = sample();
    json_t *root = written(&message);
    size_t count = sizeof(fields) / sizeof(fields[0]);
    cr_expect_eq(json_object_size(root), count);
    for (size_t i = 0; i < count; i++)
        cr_expect_not_null(json_object_get(root, fields[i]), "%s", fields[i]);
    expect_text(root, "id", "019c1234-5678-7abc-89ab-cdef01000002");
    expect_text(root, "direction", "OUTBOUND");
    expect_text(root, "message_type", "PLAIN");
    expect_text(root, "from_number", NULL);
    expect_text(root, "to_number", "+4799999999");
    expect_text(root, "body", "a \"body\"");
    expect_text(root, "status", "QUEUED");
    cr_expect_eq(json_integer_value(json_object_get(root, "units_count")), 2);
    expect_text(root, "customer_ref", NULL);
    expect_text(root, "created_at", "2026-01-31T10:11:12Z");
    static const char *const empty[] = {"scheduled_at",       "sent_at",       "delivered_at",
                                        "related_message_id", "error_message", "error_code"};
    for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
        expect_text(root, empty[i], NULL);
    json_decref(root);
}

Test(message, times_and_errors_of_each_end)
{
    static const struct {
        enum status status;
        enum error error;
        int64_t sent_ms, final_ms;
        const char *sent_at, *delivered_at, *code;
    } cases[] = {
        {STATUS_SENT, ERROR_NONE, 1769854273000, 0, "2026-01-31T10:11:13Z", NULL, NULL},
        {STATUS_DELIVERED, ERROR_NONE, 1769854273000, 1769854274000, "2026-01-31T10:11:13Z",
         "2026-01-31T10:11:14Z", NULL},
        {STATUS_FAILED, ERROR_ABSENT, 1769854273000, 1769854274000, "2026-01-31T10:11:13Z", NULL,
         "absent_subscriber"},
        {STATUS_FAILED, ERROR_EXPIRED, 0, 1769854274000, NULL, NULL, "expired"},
        {STATUS_SENDING, ERROR_OUTCOME, 0, 0, NULL, NULL, "outcome_unknown"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct message message = sample();
        message.line.status = cases[i].status;
        message.line.error = cases[i].error;
        message.line.sent_at_ms = cases[i].sent_ms;
        message.line.final_at_ms = cases[i].final_ms;
        json_t *root = written(&message);
        expect_text(root, "status", status_name(cases[i].status));
        expect_text(root, "sent_at", cases[i].sent_at);
        expect_text(root, "delivered_at", cases[i].delivered_at);
        expect_text(root, "error_code", cases[i].code);
        cr_expect_eq(json_is_null(json_object_get(root, "error_message")), cases[i].code == NULL);
        json_decref(root);
    }
}

Test(message, a_reference_may_be_empty_and_a_send_has_no_number)
{
    struct message message = sample();
    message.ref = STR("");
    message.line.digits = (struct str){0};
    message.body = (struct str){0};
    json_t *root = written(&message);
    expect_text(root, "customer_ref", "");
    expect_text(root, "to_number", NULL);
    expect_text(root, "body", "");
    json_decref(root);
    message.line.digits = STR("12345678901234567890");
    root = written(&message);
    expect_text(root, "to_number", NULL);
    json_decref(root);
}

Test(message, the_longest_text_fits)
{
    struct message message = sample();
    struct buf body = {.cap = 6400};
    for (size_t i = 0; i < 1600; i++)
        buf_text(&body, "\xf0\x9f\x90\xb3");
    message.body = buf_view(&body);
    message.ref = (struct str){body.p, 252};
    json_t *root = written(&message);
    cr_expect_eq(json_string_length(json_object_get(root, "body")), 6400);
    json_decref(root);
    buf_done(&body);
}
