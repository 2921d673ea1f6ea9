#include "workers/simulator/ledger.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct ledger *small(size_t references, size_t messages, size_t bytes)
{
    return ledger_new(&(struct ledger_conf){references, messages, bytes, 1});
}

static struct submit submit_of(const char *reference, const char *digits)
{
    struct submit s = {.reference = str_of(reference), .text = STR("hi"), .parts = 1};
    memcpy(s.to.digits, digits, strlen(digits) + 1);
    return s;
}

static uint64_t accept(struct ledger *ledger, const char *reference, const char *digits)
{
    struct submit s = submit_of(reference, digits);
    return ledger_accept(ledger, ledger_count(ledger, s.reference), &s, 0);
}

static void expect_messages(const struct ledger *ledger, const struct phone *to, size_t limit,
                            const char *const *references, int total)
{
    struct buf got = {.cap = 65536};
    char want[32];
    const char *at;
    ledger_write_messages(ledger, to, limit, &got);
    at = got.p;
    for (; *references != NULL; references++) {
        (void)snprintf(want, sizeof want, "\"reference\":\"%s\"", *references);
        at = strstr(at, want);
        cr_assert_not_null(at, "no %s, or in the wrong order, in %s", want, got.p);
    }
    cr_expect_null(strstr(at + 1, "\"reference\""), "too many in %s", got.p);
    (void)snprintf(want, sizeof want, "],\"total\":%d}", total);
    cr_expect_not_null(strstr(at, want), "no %s in %s", want, got.p);
    buf_done(&got);
}

Test(ledger, tells_what_became_of_each_reference)
{
    struct ledger *ledger = small(100, 10, 1000);
    struct buf got = {.cap = 1024};
    ledger_note(ledger_count(ledger, STR("a")), true, false, false);
    ledger_note(ledger_count(ledger, STR("a")), true, true, false);
    ledger_note(ledger_count(ledger, STR("a")), false, true, true);
    ledger_note(NULL, true, true, false);
    ledger_write_references(ledger, &got);
    cr_expect_eq(got.n, 16 + strlen(" 3 2 1 1\n"));
    cr_expect_str_eq(got.p + 16, " 3 2 1 1\n");
    buf_done(&got);
    ledger_free(ledger);
}

Test(ledger, counts_by_reference)
{
    struct ledger *ledger = small(100, 10, 1000);
    const struct ledger_counts *counts = ledger_get_counts(ledger);
    struct ledger_entry *a = ledger_count(ledger, STR("a"));
    cr_expect_eq(a->accepted, 0);
    cr_expect_eq(ledger_count(ledger, STR("a")), a);
    cr_expect_neq(ledger_count(ledger, STR("b")), a);
    cr_expect_eq(counts->distinct_references, 2);
    cr_expect_eq(counts->repeated_references, 1);
    cr_expect_eq(counts->repeated_accepted, 0, "a was not accepted yet");
    struct submit s = submit_of("a", "4711111111");
    uint64_t id = ledger_accept(ledger, a, &s, 0);
    cr_expect_eq(ledger_count(ledger, STR("a"))->accepted, id);
    cr_expect_eq(counts->repeated_accepted, 1);
    cr_expect_eq(counts->accepted, 1);
    ledger_free(ledger);
}

Test(ledger, tells_very_many_references_apart)
{
    enum { MANY = 100000 };
    struct ledger *ledger = small(MANY, 10, 1000);
    char reference[37];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < MANY; i++) {
            (void)snprintf(reference, sizeof reference, "0198c0de-7000-7abc-8def-%012x", i);
            (void)ledger_count(ledger, str_of(reference));
        }
    }
    cr_expect_eq(ledger_get_counts(ledger)->distinct_references, MANY);
    cr_expect_eq(ledger_get_counts(ledger)->repeated_references, MANY);
    ledger_free(ledger);
}

Test(ledger, tells_lengths_apart_although_the_bytes_are_zero)
{
    struct ledger *ledger = small(10, 10, 1000);
    for (size_t n = 1; n <= 9; n++)
        cr_expect_not_null(ledger_count(ledger, (struct str){"\0\0\0\0\0\0\0\0\0", n}));
    cr_expect_eq(ledger_get_counts(ledger)->distinct_references, 9);
    ledger_free(ledger);
}

Test(ledger, without_room_a_new_reference_is_dropped_and_an_old_one_counted)
{
    struct ledger *ledger = small(2, 10, 1000);
    (void)ledger_count(ledger, STR("a"));
    (void)ledger_count(ledger, STR("b"));
    cr_expect_null(ledger_count(ledger, STR("c")));
    cr_expect_not_null(ledger_count(ledger, STR("a")));
    cr_expect_eq(ledger_get_counts(ledger)->references_dropped, 1);
    cr_expect_eq(ledger_get_counts(ledger)->repeated_references, 1);
    cr_expect_eq(accept(ledger, "c", "4711111111"), 1, "accepted all the same");
    ledger_free(ledger);
}

Test(ledger, lists_messages_by_number_newest_last)
{
    const struct phone to = {"4711111111"}, nobody = {"4733333333"};
    struct ledger *ledger = small(100, 10, 1000);
    (void)accept(ledger, "a", "4711111111");
    (void)accept(ledger, "b", "4722222222");
    (void)accept(ledger, "c", "4711111111");
    (void)accept(ledger, "d", "4711111111");
    expect_messages(ledger, &to, 10, (const char *[]){"a", "c", "d", NULL}, 3);
    expect_messages(ledger, &to, 2, (const char *[]){"c", "d", NULL}, 3);
    expect_messages(ledger, NULL, 10, (const char *[]){"a", "b", "c", "d", NULL}, 4);
    expect_messages(ledger, &nobody, 10, (const char *[]){NULL}, 0);
    ledger_free(ledger);
}

Test(ledger, keeps_the_last_messages_by_count_and_by_bytes)
{
    struct ledger *by_count = small(100, 2, 1000), *by_bytes = small(100, 10, 7);
    for (const char *reference = "abcd"; *reference != '\0'; reference++) {
        const char text[] = {*reference, '\0'};
        (void)accept(by_count, text, "4711111111");
        (void)accept(by_bytes, text, "4711111111"); /* three bytes each */
    }
    expect_messages(by_count, NULL, 10, (const char *[]){"c", "d", NULL}, 2);
    expect_messages(by_bytes, NULL, 10, (const char *[]){"c", "d", NULL}, 2);
    ledger_free(by_count);
    ledger_free(by_bytes);
}

Test(ledger, writes_a_message_whole)
{
    struct ledger *ledger = small(100, 2, 1000);
    struct submit s = submit_of("a", "4711111111");
    struct buf got = {.cap = 4096};
    s.from = STR("ACME");
    s.text = STR("say \"hi\"");
    s.ucs2 = true;
    s.parts = 2;
    uint64_t id = ledger_accept(ledger, NULL, &s, 1769854272345);
    ledger_set_report(ledger, id, LEDGER_SENT);
    ledger_set_report(ledger, id + 1, LEDGER_FAILED); /* not there: nothing happens */
    ledger_write_messages(ledger, NULL, 1, &got);
    cr_expect_str_eq(got.p,
                     "{\"messages\":[{\"id\":\"sim-1\",\"reference\":\"a\",\"from\":\"ACME\","
                     "\"to\":\"+4711111111\",\"text\":\"say \\\"hi\\\"\",\"encoding\":\"ucs2\","
                     "\"parts\":2,\"received_at\":\"2026-01-31T10:11:12.345Z\","
                     "\"report\":\"sent\"}],\"total\":1}");
    buf_done(&got);
    ledger_free(ledger);
}

Test(ledger, reset_forgets_all_but_the_next_id)
{
    struct ledger *ledger = small(100, 10, 1000);
    struct buf got = {.cap = 4096};
    (void)accept(ledger, "a", "4711111111");
    (void)ledger_count(ledger, STR("a"));
    ledger_write_repeated(ledger, &got);
    cr_expect_str_eq(got.p, "[\"a\"]");
    ledger_reset(ledger);
    buf_clear(&got);
    ledger_write_repeated(ledger, &got);
    cr_expect_str_eq(got.p, "[]");
    expect_messages(ledger, NULL, 10, (const char *[]){NULL}, 0);
    cr_expect_eq(ledger_get_counts(ledger)->distinct_references, 0);
    cr_expect_eq(accept(ledger, "a", "4711111111"), 2);
    buf_done(&got);
    ledger_free(ledger);
}
