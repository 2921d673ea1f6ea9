#include "tests/support/store.h"

#include <criterion/criterion.h>

enum { HOUR_MS = 3600000, CLAIM = 7 };

static struct store s;
static struct chunk chunk;
static const struct chunk *const list[] = {&chunk};

static void open_store(void)
{
    store_open(&s);
    store_chunk(&chunk, &s, 1);
    store_create(&s, &chunk);
}

static void close_store(void)
{
    store_audit(&s, list, 1);
    store_close(&s);
}

TestSuite(messages_record, .init = open_store, .fini = close_store);

static int64_t claim(uint32_t number, bool deduplicates, int64_t lease_ms)
{
    struct claim ask = {
        .chunk = &chunk, .number = number, .deduplicates = deduplicates, .count = 1};
    store_claim(&s, &ask, lease_ms, 0);
    return ask.answers[0];
}

static enum written record_as(unsigned attempt, uint32_t number, enum outcome_letter outcome,
                              int64_t wait_ms)
{
    return store_record(&s, &(struct record){.message = chunk.send,
                                             .attempt = attempt,
                                             .claim = number,
                                             .outcome = outcome,
                                             .error = ERROR_REJECTED,
                                             .wait_ms = wait_ms});
}

static enum written report(unsigned attempt, enum report_state state)
{
    return store_report(
        &s, &(struct report){.message = chunk.send,
                             .attempt = attempt,
                             .state = state,
                             .error = state == REPORT_FAILED ? ERROR_ABSENT : ERROR_NONE});
}

static struct seen see(void)
{
    struct seen seen;
    store_see(&s, chunk.send, &seen);
    cr_assert(seen.found);
    return seen;
}

static void expect(enum status status, enum error error, int64_t units)
{
    struct seen seen = see();
    cr_expect_eq(seen.line.status, status, "is %s, wanted %s", status_name(seen.line.status),
                 status_name(status));
    cr_expect_eq(seen.line.error, error, "error %s, wanted %s", error_code(seen.line.error),
                 error_code(error));
    cr_expect_eq(store_count(&s, store_now_ms(&s) / 86400000, 'u'), units);
}

Test(messages_record, accepted_is_sent_and_counts_its_parts)
{
    int64_t before_ms = store_now_ms(&s);
    cr_assert_eq(claim(CLAIM, false, HOUR_MS), 1);
    cr_expect_eq(record_as(1, CLAIM, OUTCOME_ACCEPTED, 0), WRITTEN_CHANGED);
    expect(STATUS_SENT, ERROR_NONE, 2);
    cr_expect_geq(see().line.sent_at_ms, before_ms / 1000 * 1000);
    cr_expect_leq(see().line.sent_at_ms, store_now_ms(&s));
    cr_expect_eq(record_as(1, CLAIM, OUTCOME_ACCEPTED, 0), WRITTEN_SAME);
    expect(STATUS_SENT, ERROR_NONE, 2);
    cr_expect_eq(claim(CLAIM + 1, false, HOUR_MS), CLAIM_NOTHING);
}

Test(messages_record, rejected_is_failed_with_the_error)
{
    cr_assert_eq(claim(CLAIM, false, HOUR_MS), 1);
    cr_expect_eq(record_as(1, CLAIM, OUTCOME_REJECTED, 0), WRITTEN_CHANGED);
    cr_expect_eq(record_as(1, CLAIM, OUTCOME_REJECTED, 0), WRITTEN_SAME);
    expect(STATUS_FAILED, ERROR_REJECTED, 0);
    cr_expect_gt(see().line.final_at_ms, 0);
    cr_expect_eq(claim(CLAIM + 1, true, HOUR_MS), CLAIM_NOTHING);
}

Test(messages_record, not_sent_is_queued_again)
{
    cr_assert_eq(claim(CLAIM, false, HOUR_MS), 1);
    cr_expect_eq(record_as(1, CLAIM, OUTCOME_NOT_SENT, 0), WRITTEN_CHANGED);
    cr_expect_eq(record_as(1, CLAIM, OUTCOME_NOT_SENT, 0), WRITTEN_SAME);
    expect(STATUS_QUEUED, ERROR_NONE, 0);
    cr_expect_eq(claim(CLAIM + 1, false, HOUR_MS), 2);
}

/* Claims the next attempt, which ends so. */
static enum written try_once(unsigned attempt, enum outcome_letter letter)
{
    cr_assert_eq(claim(CLAIM + attempt, false, HOUR_MS), attempt);
    return record_as(attempt, CLAIM + attempt, letter, 0);
}

Test(messages_record, whose_tries_are_used_up_is_failed)
{
    for (unsigned attempt = 1; attempt < STORE_TRIES; attempt++)
        cr_assert_eq(try_once(attempt, OUTCOME_NOT_SENT), WRITTEN_CHANGED);
    expect(STATUS_QUEUED, ERROR_NONE, 0);
    cr_expect_eq(try_once(STORE_TRIES, OUTCOME_NOT_SENT), WRITTEN_GIVEN_UP);
    expect(STATUS_FAILED, ERROR_CARRIER, 0);
    cr_expect_geq(see().line.final_at_ms, store_now_ms(&s) - HOUR_MS);
    cr_expect_eq(claim(CLAIM, false, HOUR_MS), CLAIM_NOTHING);
    cr_expect_eq(record_as(STORE_TRIES, CLAIM + STORE_TRIES, OUTCOME_NOT_SENT, 0), WRITTEN_SAME,
                 "recorded twice");
}

Test(messages_record, being_throttled_uses_up_a_tenth_of_a_try)
{
    unsigned attempt = 1;
    for (; attempt < STORE_TRIES; attempt++)
        cr_assert_eq(try_once(attempt, OUTCOME_NOT_SENT), WRITTEN_CHANGED);
    for (int i = 0; i < 9; i++)
        cr_assert_eq(try_once(attempt++, OUTCOME_THROTTLED), WRITTEN_CHANGED);
    cr_expect_eq(see().line.tries_tenths, 10 * STORE_TRIES - 1);
    expect(STATUS_QUEUED, ERROR_NONE, 0);
    cr_expect_eq(try_once(attempt, OUTCOME_THROTTLED), WRITTEN_GIVEN_UP);
    expect(STATUS_FAILED, ERROR_CARRIER, 0);
}

Test(messages_record, tries_leave_no_trace_in_what_was_sent_at_last)
{
    cr_assert_eq(try_once(1, OUTCOME_NOT_SENT), WRITTEN_CHANGED);
    cr_assert_eq(try_once(2, OUTCOME_THROTTLED), WRITTEN_CHANGED);
    cr_assert_eq(try_once(3, OUTCOME_ACCEPTED), WRITTEN_CHANGED);
    expect(STATUS_SENT, ERROR_NONE, 2);
    cr_expect_eq(see().line.tries_tenths, 0);
    cr_expect_eq(see().line.final_at_ms, 0);
}

Test(messages_record, unknown_is_sending_and_fails_after_its_wait)
{
    cr_assert_eq(claim(CLAIM, false, HOUR_MS), 1);
    cr_expect_eq(record_as(1, CLAIM, OUTCOME_UNKNOWN, HOUR_MS), WRITTEN_CHANGED);
    expect(STATUS_SENDING, ERROR_OUTCOME, 0);
    cr_expect_lt(claim(CLAIM + 1, false, HOUR_MS), 0);
    cr_expect_neq(record_as(1, CLAIM, OUTCOME_UNKNOWN, 0), WRITTEN_REFUSED);
    cr_expect_eq(claim(CLAIM + 1, false, HOUR_MS), CLAIM_NOTHING);
    expect(STATUS_FAILED, ERROR_OUTCOME, 0);
}

Test(messages_record, unknown_is_never_granted_to_the_same_claim_again)
{
    cr_assert_eq(claim(CLAIM, false, HOUR_MS), 1);
    cr_assert_eq(record_as(1, CLAIM, OUTCOME_UNKNOWN, HOUR_MS), WRITTEN_CHANGED);
    cr_expect_lt(claim(CLAIM, false, HOUR_MS), 0);
}

Test(messages_record, unknown_is_repeated_where_the_carrier_deduplicates)
{
    cr_assert_eq(claim(CLAIM, true, HOUR_MS), 1);
    cr_expect_eq(record_as(1, CLAIM, OUTCOME_UNKNOWN, 0), WRITTEN_CHANGED);
    cr_expect_eq(claim(CLAIM + 1, true, HOUR_MS), 2);
    cr_expect_eq(record_as(2, CLAIM + 1, OUTCOME_ACCEPTED, 0), WRITTEN_CHANGED);
    expect(STATUS_SENT, ERROR_NONE, 2);
}

Test(messages_record, anothers_attempt_or_claim_is_refused)
{
    cr_expect_eq(record_as(1, CLAIM, OUTCOME_ACCEPTED, 0), WRITTEN_REFUSED, "never claimed");
    cr_assert_eq(claim(CLAIM, true, 0), 1);
    cr_assert_eq(claim(CLAIM + 1, true, HOUR_MS), 2);
    static const enum outcome_letter letters[] = {OUTCOME_ACCEPTED, OUTCOME_REJECTED,
                                                  OUTCOME_NOT_SENT, OUTCOME_UNKNOWN};
    for (size_t i = 0; i < 4; i++) {
        cr_expect_eq(record_as(1, CLAIM, letters[i], 0), WRITTEN_REFUSED, "%c", letters[i]);
        cr_expect_eq(record_as(2, CLAIM, letters[i], 0), WRITTEN_REFUSED, "%c", letters[i]);
        cr_expect_eq(record_as(1, CLAIM + 1, letters[i], 0), WRITTEN_REFUSED, "%c", letters[i]);
    }
    expect(STATUS_SENDING, see().line.error, 0);
}

Test(messages_record, an_unknown_message_is_absent)
{
    struct record record = {.message = id_with_number(chunk.send, 1), .outcome = OUTCOME_ACCEPTED};
    cr_expect_eq(store_record(&s, &record), WRITTEN_ABSENT);
    record.message = chunk.send;
    record.message.b[0] ^= 1;
    cr_expect_eq(store_record(&s, &record), WRITTEN_ABSENT);
}

/* --- what comes late --- */

Test(messages_record, accepted_after_the_lease_still_counts)
{
    cr_assert_eq(claim(CLAIM, false, 0), 1);
    cr_assert_lt(claim(CLAIM + 1, false, HOUR_MS), 0);
    cr_expect_eq(record_as(1, CLAIM, OUTCOME_ACCEPTED, 0), WRITTEN_CHANGED);
    expect(STATUS_SENT, ERROR_NONE, 2);
}

Test(messages_record, accepted_after_it_failed_as_unknown_counts_the_parts)
{
    cr_assert_eq(claim(CLAIM, false, 0), 1);
    cr_assert_lt(claim(CLAIM + 1, false, HOUR_MS), 0);
    cr_assert_eq(claim(CLAIM + 1, false, HOUR_MS), CLAIM_NOTHING);
    cr_expect_eq(record_as(1, CLAIM, OUTCOME_ACCEPTED, 0), WRITTEN_CHANGED);
    expect(STATUS_FAILED, ERROR_OUTCOME, 2);
    cr_expect_eq(report(1, REPORT_DELIVERED), WRITTEN_CHANGED);
    expect(STATUS_DELIVERED, ERROR_NONE, 2);
}

Test(messages_record, not_sent_after_the_lease_is_tried_again)
{
    cr_assert_eq(claim(CLAIM, false, 0), 1);
    cr_assert_lt(claim(CLAIM + 1, false, HOUR_MS), 0);
    cr_expect_eq(record_as(1, CLAIM, OUTCOME_NOT_SENT, 0), WRITTEN_CHANGED);
    expect(STATUS_QUEUED, ERROR_NONE, 0);
    cr_expect_eq(claim(CLAIM + 2, false, HOUR_MS), 2);
}

Test(messages_record, not_sent_says_nothing_about_an_earlier_unknown_attempt)
{
    cr_assert_eq(claim(CLAIM, true, 0), 1);
    cr_assert_eq(claim(CLAIM + 1, true, HOUR_MS), 2);
    cr_expect_eq(record_as(2, CLAIM + 1, OUTCOME_NOT_SENT, 0), WRITTEN_CHANGED);
    expect(STATUS_SENDING, ERROR_OUTCOME, 0);
    cr_expect_eq(claim(CLAIM + 2, true, HOUR_MS), 3, "the carrier deduplicates");
    cr_expect_eq(record_as(3, CLAIM + 2, OUTCOME_NOT_SENT, 0), WRITTEN_CHANGED);
    cr_expect_eq(claim(CLAIM + 3, false, HOUR_MS), CLAIM_NOTHING, "it no longer does");
    expect(STATUS_FAILED, ERROR_OUTCOME, 0);
}

Test(messages_record, rejected_after_an_earlier_unknown_attempt_may_still_be_delivered)
{
    cr_assert_eq(claim(CLAIM, true, 0), 1);
    cr_assert_eq(claim(CLAIM + 1, true, HOUR_MS), 2);
    cr_expect_eq(record_as(2, CLAIM + 1, OUTCOME_REJECTED, 0), WRITTEN_CHANGED);
    expect(STATUS_FAILED, ERROR_REJECTED, 0);
    cr_expect_eq(report(1, REPORT_DELIVERED), WRITTEN_CHANGED, "the first one had arrived");
    expect(STATUS_DELIVERED, ERROR_NONE, 2);
}
