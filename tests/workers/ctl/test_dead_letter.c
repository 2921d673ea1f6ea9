#include "workers/ctl/dead_letter.h"

#include <criterion/criterion.h>
#include <jansson.h>

#define LETTER                                                                                     \
    "{\"v\":1,\"reason\":\"malformed input\",\"topic\":\"sms.jobs\",\"partition\":3,"              \
    "\"offset\":17,\"bytes\":18,\"record\":\"{\\\"account\\\":\\\"acme\\\"}\"}"

static const struct dead_letter_place PLACE = {2, 5};

static const char *text_of(const json_t *letter, const char *field)
{
    const char *text = json_string_value(json_object_get(letter, field));
    return text != NULL ? text : "none";
}

Test(dead_letter, what_is_shown)
{
    json_t *letter = dead_letter_read(STR(LETTER), &PLACE, 1768348800000);
    cr_assert_not_null(letter);
    cr_expect_str_eq(text_of(letter, "id"), "2:5");
    cr_expect_str_eq(text_of(letter, "at"), "2026-01-14T00:00:00Z");
    cr_expect_str_eq(text_of(letter, "topic"), "sms.jobs");
    cr_expect_str_eq(text_of(letter, "reason"), "malformed input");
    cr_expect_str_eq(text_of(letter, "account"), "acme");
    cr_expect_eq(json_integer_value(json_object_get(letter, "offset")), 17);
    cr_expect(json_is_null(json_object_get(letter, "replayed_at")));
    json_decref(letter);
}

Test(dead_letter, what_is_none)
{
    static const char *const cases[] = {
        "", "x", "[]", "{}", "{\"reason\":5}", "{\"v\":1,\"replayed\":\"1:2\"}"};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        cr_expect_null(dead_letter_read(str_of(cases[i]), &PLACE, 0), "%s", cases[i]);
}

Test(dead_letter, ids)
{
    static const char *const wrong[] = {
        "", ":", "1", "1:", ":1", "a:1", "1:1:1", "-1:1", "2147483648:1", "1:99999999999999999999"};
    struct dead_letter_place place = {0};
    cr_assert(dead_letter_parse_id(&place, "12:345"));
    cr_expect_eq(place.partition, 12);
    cr_expect_eq(place.offset, 345);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        cr_expect(!dead_letter_parse_id(&place, wrong[i]), "%s", wrong[i]);
}

Test(dead_letter, a_note_names_the_letter)
{
    struct buf note = {.cap = 100};
    char id[DEAD_LETTER_ID_SIZE];
    dead_letter_write_note(&note, "2:17");
    cr_assert(dead_letter_read_note(buf_view(&note), id));
    cr_expect_str_eq(id, "2:17");
    cr_expect(!dead_letter_read_note(STR(LETTER), id));
    cr_expect(!dead_letter_read_note(STR("{\"replayed\":\"x\"}"), id));
    buf_done(&note);
}

Test(dead_letter, filters)
{
    json_t *letter = dead_letter_read(STR(LETTER), &PLACE, 1768348800000);
    static const struct {
        struct dead_letter_filter filter;
        bool matches;
    } cases[] = {
        {{0}, true},
        {{.topic = "sms.jobs", .reason = "malformed input", .account = "acme"}, true},
        {{.topic = "sms.reports"}, false},
        {{.reason = "malformed"}, false},
        {{.account = "other"}, false},
        {{.since_ms = 1768348800000}, true},
        {{.since_ms = 1768348801000}, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        cr_expect_eq(dead_letter_matches(letter, &cases[i].filter), cases[i].matches, "case %zu",
                     i);
    json_decref(letter);
}

static void expect_masked(const char *record, const char *want)
{
    json_t *masked = dead_letter_masked(str_of(record));
    char *got = json_dumps(masked, JSON_COMPACT);
    cr_expect_str_eq(got, want, "%s", got);
    free(got);
    json_decref(masked);
}

Test(dead_letter, nothing_of_a_person_is_shown)
{
    expect_masked(
        "{\"account\":\"acme\",\"body\":\"Your code is 1234\",\"to\":[\"4799999999\"],\"parts\":1}",
        "{\"account\":\"acme\",\"body\":\"(17 bytes)\",\"to\":[\"47999***99\"],\"parts\":1}");
    expect_masked(
        "{\"bodies\":[\"a\",null],\"values\":[[\"Kari\"]],\"ref\":\"order 7\",\"from\":\"ACME\"}",
        "{\"bodies\":[\"(1 bytes)\",null],\"values\":[[\"(4 bytes)\"]],\"ref\":\"(7 "
        "bytes)\",\"from\":\"ACME\"}");
    expect_masked(
        "{\"send\":\"019c1234-0000-7000-8000-000000000000\",\"a\":{\"b\":\"+4799999999\"}}",
        "{\"send\":\"019c1234-0000-7000-8000-000000000000\",\"a\":{\"b\":\"+4799****99\"}}");
    cr_expect_null(dead_letter_masked(STR("4799999999")));
}
