#include "tests/support/store.h"

#include <criterion/criterion.h>

enum { HOUR_MS = 3600000, CLAIM = 7 };

static struct store s;
static struct chunk chunk;
static const struct chunk *const list[] = {&chunk};

static void open_store(void)
{
    store_open(&s);
    store_chunk(&chunk, &s, 3);
    store_create(&s, &chunk);
}

static void close_store(void)
{
    store_audit(&s, list, 1);
    store_close(&s);
}

TestSuite(messages_report, .init = open_store, .fini = close_store);

static int64_t claim(uint32_t number, bool deduplicates, int64_t lease_ms)
{
    struct claim ask = {
        .chunk = &chunk, .number = number, .deduplicates = deduplicates, .count = 1};
    store_claim(&s, &ask, lease_ms, 0);
    return ask.answers[0];
}

static enum written record_as(unsigned attempt, uint32_t number, enum outcome_letter outcome)
{
    return store_record(&s, &(struct record){.message = chunk_message(&chunk, 0),
                                             .attempt = attempt,
                                             .claim = number,
                                             .outcome = outcome,
                                             .error = ERROR_REJECTED});
}

static enum written report_at(unsigned attempt, enum report_state state, int64_t at_ms)
{
    return store_report(
        &s, &(struct report){.message = chunk_message(&chunk, 0),
                             .attempt = attempt,
                             .state = state,
                             .error = state == REPORT_FAILED ? ERROR_ABSENT : ERROR_NONE,
                             .at_ms = at_ms});
}

static enum written report(unsigned attempt, enum report_state state)
{
    return report_at(attempt, state, 0);
}

static struct line see(void)
{
    struct seen seen;
    store_see(&s, chunk_message(&chunk, 0), &seen);
    cr_assert(seen.found);
    return seen.line;
}

static void expect(enum status status, enum error error, int64_t units)
{
    struct line line = see();
    cr_expect_eq(line.status, status, "is %s, wanted %s", status_name(line.status),
                 status_name(status));
    cr_expect_eq(line.error, error, "error %s, wanted %s", error_code(line.error),
                 error_code(error));
    cr_expect_eq(store_count(&s, store_now_ms(&s) / 86400000, 'u'), units);
}

static void send_one(void)
{
    cr_assert_eq(claim(CLAIM, false, HOUR_MS), 1);
    cr_assert_eq(record_as(1, CLAIM, OUTCOME_ACCEPTED), WRITTEN_CHANGED);
}

Test(messages_report, delivered_is_final)
{
    send_one();
    cr_expect_eq(report(1, REPORT_DELIVERED), WRITTEN_CHANGED);
    expect(STATUS_DELIVERED, ERROR_NONE, 2);
    cr_expect_eq(report(1, REPORT_DELIVERED), WRITTEN_SAME, "repeated");
    cr_expect_eq(report(1, REPORT_FAILED), WRITTEN_REFUSED, "reordered");
    cr_expect_eq(record_as(1, CLAIM, OUTCOME_ACCEPTED), WRITTEN_SAME);
    cr_expect_eq(claim(CLAIM + 1, true, HOUR_MS), CLAIM_NOTHING);
    expect(STATUS_DELIVERED, ERROR_NONE, 2);
}

Test(messages_report, failed_is_final)
{
    send_one();
    cr_expect_eq(report(1, REPORT_FAILED), WRITTEN_CHANGED);
    expect(STATUS_FAILED, ERROR_ABSENT, 2);
    cr_expect_eq(report(1, REPORT_FAILED), WRITTEN_SAME, "repeated");
    cr_expect_eq(report(1, REPORT_DELIVERED), WRITTEN_REFUSED, "reordered");
    cr_expect_eq(claim(CLAIM + 1, true, HOUR_MS), CLAIM_NOTHING);
    expect(STATUS_FAILED, ERROR_ABSENT, 2);
}

Test(messages_report, delivered_before_the_submits_own_result)
{
    cr_assert_eq(claim(CLAIM, false, HOUR_MS), 1);
    cr_expect_eq(report(1, REPORT_DELIVERED), WRITTEN_CHANGED);
    expect(STATUS_DELIVERED, ERROR_NONE, 2);
    cr_expect_eq(record_as(1, CLAIM, OUTCOME_ACCEPTED), WRITTEN_SAME, "counted by the report");
    expect(STATUS_DELIVERED, ERROR_NONE, 2);
    cr_expect_gt(see().sent_at_ms, 0);
}

Test(messages_report, failed_before_the_submits_own_result)
{
    cr_assert_eq(claim(CLAIM, false, HOUR_MS), 1);
    cr_expect_eq(report(1, REPORT_FAILED), WRITTEN_CHANGED);
    expect(STATUS_FAILED, ERROR_ABSENT, 2);
    cr_expect_eq(record_as(1, CLAIM, OUTCOME_ACCEPTED), WRITTEN_SAME, "counted by the report");
    expect(STATUS_FAILED, ERROR_ABSENT, 2);
    cr_expect_gt(see().sent_at_ms, 0);
}

Test(messages_report, delivered_counts_from_an_earlier_attempt)
{
    cr_assert_eq(claim(CLAIM, true, 0), 1);
    cr_assert_eq(claim(CLAIM + 1, true, HOUR_MS), 2);
    cr_expect_eq(report(1, REPORT_DELIVERED), WRITTEN_CHANGED);
    expect(STATUS_DELIVERED, ERROR_NONE, 2);
    cr_expect_eq(record_as(2, CLAIM + 1, OUTCOME_ACCEPTED), WRITTEN_SAME);
    cr_expect_eq(report(2, REPORT_DELIVERED), WRITTEN_SAME);
    expect(STATUS_DELIVERED, ERROR_NONE, 2);
}

Test(messages_report, delivered_counts_while_it_waits_for_a_retry)
{
    cr_assert_eq(claim(CLAIM, false, HOUR_MS), 1);
    cr_assert_eq(record_as(1, CLAIM, OUTCOME_NOT_SENT), WRITTEN_CHANGED);
    cr_expect_eq(report(1, REPORT_FAILED), WRITTEN_REFUSED);
    cr_expect_eq(report(1, REPORT_DELIVERED), WRITTEN_CHANGED);
    cr_expect_eq(claim(CLAIM + 1, true, HOUR_MS), CLAIM_NOTHING, "nothing is left to send");
    expect(STATUS_DELIVERED, ERROR_NONE, 2);
}

Test(messages_report, failed_counts_from_the_present_attempt)
{
    cr_assert_eq(claim(CLAIM, false, HOUR_MS), 1);
    cr_assert_eq(record_as(1, CLAIM, OUTCOME_NOT_SENT), WRITTEN_CHANGED);
    cr_assert_eq(claim(CLAIM + 1, false, HOUR_MS), 2);
    cr_expect_eq(report(1, REPORT_FAILED), WRITTEN_REFUSED);
    cr_expect_eq(report(3, REPORT_FAILED), WRITTEN_REFUSED);
    cr_expect_eq(see().status, STATUS_SENDING);
    cr_expect_eq(report(2, REPORT_FAILED), WRITTEN_CHANGED);
    expect(STATUS_FAILED, ERROR_ABSENT, 2);
}

Test(messages_report, failed_counts_from_an_attempt_that_was_repeated)
{
    cr_assert_eq(claim(CLAIM, true, 0), 1);
    cr_assert_eq(claim(CLAIM + 1, true, HOUR_MS), 2);
    cr_assert_eq(record_as(2, CLAIM + 1, OUTCOME_ACCEPTED), WRITTEN_CHANGED);
    cr_expect_eq(report(0, REPORT_FAILED), WRITTEN_REFUSED);
    cr_expect_eq(report(3, REPORT_FAILED), WRITTEN_REFUSED);
    cr_expect_eq(report(1, REPORT_FAILED), WRITTEN_CHANGED, "it is the one the carrier knows");
    expect(STATUS_FAILED, ERROR_ABSENT, 2);
    cr_expect_eq(report(2, REPORT_DELIVERED), WRITTEN_CHANGED, "it did not deduplicate");
    expect(STATUS_DELIVERED, ERROR_NONE, 2);
}

Test(messages_report, settles_an_unknown_outcome)
{
    cr_assert_eq(claim(CLAIM, false, HOUR_MS), 1);
    cr_assert_eq(record_as(1, CLAIM, OUTCOME_UNKNOWN), WRITTEN_CHANGED);
    cr_expect_eq(report(1, REPORT_DELIVERED), WRITTEN_CHANGED);
    expect(STATUS_DELIVERED, ERROR_NONE, 2);
    cr_expect_eq(see().flags & LINE_UNKNOWN, 0);
}

Test(messages_report, failed_as_unknown_becomes_delivered)
{
    cr_assert_eq(claim(CLAIM, false, HOUR_MS), 1);
    cr_assert_eq(record_as(1, CLAIM, OUTCOME_UNKNOWN), WRITTEN_CHANGED);
    cr_assert_eq(claim(CLAIM + 1, false, HOUR_MS), CLAIM_NOTHING);
    expect(STATUS_FAILED, ERROR_OUTCOME, 0);
    cr_expect_eq(report(1, REPORT_FAILED), WRITTEN_SAME);
    cr_expect_eq(report(1, REPORT_DELIVERED), WRITTEN_CHANGED);
    expect(STATUS_DELIVERED, ERROR_NONE, 2);
}

Test(messages_report, other_failures_stay)
{
    cr_assert_eq(claim(CLAIM, false, HOUR_MS), 1);
    cr_assert_eq(record_as(1, CLAIM, OUTCOME_REJECTED), WRITTEN_CHANGED);
    cr_expect_eq(report(1, REPORT_DELIVERED), WRITTEN_REFUSED);
    expect(STATUS_FAILED, ERROR_REJECTED, 0);
}

Test(messages_report, what_was_never_handed_over_is_refused)
{
    cr_expect_eq(report(1, REPORT_DELIVERED), WRITTEN_REFUSED);
    cr_expect_eq(report(0, REPORT_DELIVERED), WRITTEN_REFUSED);
    cr_expect_eq(report(0, REPORT_FAILED), WRITTEN_REFUSED);
    expect(STATUS_QUEUED, ERROR_NONE, 0);
}

Test(messages_report, an_unknown_message_is_absent)
{
    struct report report = {.message = chunk_message(&chunk, 3), .attempt = 1};
    cr_expect_eq(store_report(&s, &report), WRITTEN_ABSENT);
    report.message = chunk.send;
    cr_expect_eq(store_report(&s, &report), WRITTEN_ABSENT, "the send of many itself");
}

/* --- times --- */

Test(messages_report, the_carriers_time_is_kept_between_sent_and_now)
{
    send_one();
    int64_t sent_ms = see().sent_at_ms;
    cr_assert_gt(sent_ms, 0);
    cr_expect_eq(report_at(1, REPORT_DELIVERED, 1000), WRITTEN_CHANGED);
    cr_expect_eq(see().sent_at_ms, sent_ms);
    cr_expect_eq(see().final_at_ms, sent_ms, "delivered before it was sent?");
}

Test(messages_report, a_time_to_come_is_now)
{
    send_one();
    int64_t before_ms = store_now_ms(&s);
    cr_expect_eq(report_at(1, REPORT_DELIVERED, before_ms + 10 * (int64_t)HOUR_MS),
                 WRITTEN_CHANGED);
    cr_expect_geq(see().final_at_ms, before_ms / 1000 * 1000);
    cr_expect_leq(see().final_at_ms, store_now_ms(&s));
}

Test(messages_report, a_time_before_the_send_was_accepted_is_not_believed)
{
    cr_assert_eq(claim(CLAIM, false, HOUR_MS), 1);
    cr_expect_eq(report_at(1, REPORT_DELIVERED, chunk.at_ms - HOUR_MS), WRITTEN_CHANGED);
    cr_expect_geq(see().sent_at_ms, chunk.at_ms / 1000 * 1000);
    cr_expect_geq(see().final_at_ms, see().sent_at_ms);
    cr_expect_leq(see().final_at_ms, store_now_ms(&s));
}

/* Reports of many messages come in one call, in any order, and some more than once. */
Test(messages_report, several_of_some_messages_in_one_call)
{
    struct chunk single, other;
    store_chunk(&single, &s, 1);
    store_chunk(&other, &s, 3);
    const struct chunk *const all[] = {&chunk, &single, &other};
    store_create_all(&s, &all[1], 2);
    struct claim asks[] = {{.chunk = &chunk, .number = CLAIM, .count = 2},
                           {.chunk = &single, .number = CLAIM, .count = 1},
                           {.chunk = &other, .number = CLAIM, .count = 3}};
    store_claim_all(&s, (struct claim *const[]){&asks[0], &asks[1], &asks[2]}, 3, HOUR_MS, 0);
    const struct {
        const struct chunk *chunk;
        size_t recipient;
        enum report_state state;
        enum written want;
    } cases[] = {
        {&other, 2, REPORT_DELIVERED, WRITTEN_CHANGED},
        {&single, 0, REPORT_DELIVERED, WRITTEN_CHANGED},
        {&chunk, 1, REPORT_FAILED, WRITTEN_CHANGED},
        {&other, 0, REPORT_FAILED, WRITTEN_CHANGED},
        {&single, 0, REPORT_DELIVERED, WRITTEN_SAME},
        {&chunk, 2, REPORT_DELIVERED, WRITTEN_REFUSED}, /* it was never claimed */
        {&chunk, 1, REPORT_FAILED, WRITTEN_SAME},
        {&other, 2, REPORT_FAILED, WRITTEN_REFUSED},
        {&chunk, 1, REPORT_DELIVERED, WRITTEN_REFUSED},
        {&single, 0, REPORT_FAILED, WRITTEN_REFUSED},
        {&chunk, 0, REPORT_DELIVERED, WRITTEN_CHANGED},
    };
    enum { COUNT = sizeof(cases) / sizeof(cases[0]) };
    struct reported reports[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        reports[i] = (struct reported){
            .report = {.message = chunk_message(cases[i].chunk, cases[i].recipient),
                       .attempt = 1,
                       .state = cases[i].state,
                       .error = cases[i].state == REPORT_FAILED ? ERROR_ABSENT : ERROR_NONE}};
    store_report_all(&s, reports, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        cr_expect_eq(reports[i].written, cases[i].want, "%zu: %d", i, reports[i].written);
    store_audit(&s, all, 3);
    chunk_done(&single);
    chunk_done(&other);
}
