#include "tests/support/drive.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>

enum { HOUR_MS = 3600000, SHORT_MS = 30 };

static struct store s;

static void open_store(void)
{
    store_open(&s);
}

static void close_store(void)
{
    store_close(&s);
}

TestSuite(messages_claim, .init = open_store, .fini = close_store);

/* Asks for all of the chunk and gives the answer for its first recipient. */
static int64_t claim(const struct chunk *chunk, uint32_t number, bool deduplicates,
                     int64_t lease_ms, int64_t patience_ms)
{
    struct claim ask = {
        .chunk = chunk, .number = number, .deduplicates = deduplicates, .count = chunk->to_count};
    store_claim(&s, &ask, lease_ms, patience_ms);
    cr_assert(!ask.differs);
    return ask.answers[0];
}

static void expect(const struct chunk *chunk, enum status status, enum error error)
{
    struct seen seen;
    store_see(&s, chunk_message(chunk, 0), &seen);
    cr_assert(seen.found);
    cr_expect_eq(seen.line.status, status, "%s, wanted %s", status_name(seen.line.status),
                 status_name(status));
    cr_expect_eq(seen.line.error, error, "error %s", error_code(seen.line.error));
    cr_expect_eq(seen.line.final_at_ms > 0, status_final(status));
    store_audit(&s, &chunk, 1);
}

Test(messages_claim, is_granted_once)
{
    struct chunk chunk;
    store_chunk(&chunk, &s, 1);
    store_create(&s, &chunk);
    int64_t before_ms = store_now_ms(&s);
    cr_expect_eq(claim(&chunk, 7, true, HOUR_MS, HOUR_MS), 1);
    expect(&chunk, STATUS_SENDING, ERROR_NONE);
    int64_t ends_ms = -claim(&chunk, 8, true, HOUR_MS, HOUR_MS);
    cr_expect_geq(ends_ms, before_ms + HOUR_MS, "the lease's end is when to come back");
    cr_expect_leq(ends_ms, store_now_ms(&s) + HOUR_MS);
    expect(&chunk, STATUS_SENDING, ERROR_NONE);
}

Test(messages_claim, those_of_a_suspended_account_wait_and_expire)
{
    struct chunk chunk;
    store_chunk(&chunk, &s, 1);
    store_create(&s, &chunk);
    (void)store_int(&s, "SET account:{%s} {\"id\":\"x\",\"active\":false}", s.account);
    int64_t now_ms = store_now_ms(&s), answer = claim(&chunk, 1, false, 1000, 1000);
    cr_expect(answer < -now_ms && answer > -now_ms - 60000, "%lld", (long long)answer);
    expect(&chunk, STATUS_QUEUED, ERROR_NONE);
    chunk.until_ms = now_ms - 1;
    cr_expect_eq(claim(&chunk, 2, false, 1000, 1000), CLAIM_NOTHING);
    expect(&chunk, STATUS_FAILED, ERROR_EXPIRED);
    store_chunk(&chunk, &s, 1);
    (void)store_int(&s, "SET account:{%s} {\"id\":\"x\",\"active\":true}", s.account);
    cr_expect_eq(claim(&chunk, 3, false, 1000, 1000), 1);
    (void)store_int(&s, "DEL account:{%s}", s.account);
}

/* The same, for those who have quiet hours until then. */
static int64_t claim_held(const struct chunk *chunk, uint32_t number, int64_t until_ms)
{
    struct claim ask = {.chunk = chunk,
                        .number = number,
                        .deduplicates = true,
                        .count = chunk->to_count,
                        .hold_ms = until_ms};
    store_claim(&s, &ask, HOUR_MS, HOUR_MS);
    cr_assert(!ask.differs);
    cr_expect_eq(ask.rest_at_ms, 0, "others of the chunk may be awake");
    return ask.answers[0];
}

Test(messages_claim, who_has_quiet_hours_is_held_and_expires)
{
    struct chunk chunk;
    store_chunk(&chunk, &s, 1);
    int64_t now_ms = store_now_ms(&s);
    cr_expect_eq(claim_held(&chunk, 1, now_ms + HOUR_MS / 2), -(now_ms + HOUR_MS / 2));
    expect(&chunk, STATUS_QUEUED, ERROR_NONE); /* and its view was made */
    chunk.until_ms = now_ms + HOUR_MS / 2;
    cr_expect_eq(claim_held(&chunk, 2, now_ms + HOUR_MS), -chunk.until_ms, "it ends before");
    chunk.until_ms = now_ms - 1;
    cr_expect_eq(claim_held(&chunk, 3, now_ms + HOUR_MS), CLAIM_NOTHING);
    expect(&chunk, STATUS_FAILED, ERROR_EXPIRED);
    store_chunk(&chunk, &s, 1);
    cr_expect_eq(claim_held(&chunk, 4, now_ms - 1), 1, "they are over");
}

Test(messages_claim, what_may_have_arrived_is_not_repeated_in_quiet_hours)
{
    struct chunk chunk;
    store_chunk(&chunk, &s, 1);
    store_create(&s, &chunk);
    int64_t now_ms = store_now_ms(&s);
    cr_assert_eq(claim(&chunk, 1, true, 0, HOUR_MS), 1);
    cr_expect_eq(claim_held(&chunk, 2, now_ms + HOUR_MS / 2), -(now_ms + HOUR_MS / 2));
    expect(&chunk, STATUS_SENDING, ERROR_NONE);
    cr_expect_eq(claim(&chunk, 3, true, HOUR_MS, HOUR_MS), 2);
}

Test(messages_claim, the_same_number_again_gets_the_same_attempt)
{
    struct chunk chunk;
    store_chunk(&chunk, &s, 2);
    store_create(&s, &chunk);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(claim(&chunk, 7, false, HOUR_MS, HOUR_MS), 1);
    expect(&chunk, STATUS_SENDING, ERROR_NONE);
}

Test(messages_claim, makes_the_view_that_is_missing)
{
    static const size_t sizes[] = {1, 4};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct chunk chunk;
        struct seen seen;
        store_chunk(&chunk, &s, sizes[i]);
        cr_expect_eq(claim(&chunk, 7, false, HOUR_MS, HOUR_MS), 1);
        store_see(&s, chunk_message(&chunk, sizes[i] - 1), &seen);
        cr_expect(seen.found);
        cr_expect_str_eq(seen.body, "a body");
    }
    cr_expect_eq(store_count(&s, store_now_ms(&s) / 86400000, 'S'), 5);
    cr_expect_eq(store_count(&s, store_now_ms(&s) / 86400000, 'Q'), 0);
}

Test(messages_claim, past_its_validity_it_fails)
{
    struct chunk chunk;
    store_chunk(&chunk, &s, 1);
    chunk.until_ms = chunk.at_ms;
    store_create(&s, &chunk);
    cr_expect_eq(claim(&chunk, 7, false, HOUR_MS, HOUR_MS), CLAIM_NOTHING);
    expect(&chunk, STATUS_FAILED, ERROR_EXPIRED);
    cr_expect_eq(claim(&chunk, 8, false, HOUR_MS, HOUR_MS), CLAIM_NOTHING);
}

Test(messages_claim, waits_for_the_time_of_the_next_try)
{
    struct chunk chunk;
    store_chunk(&chunk, &s, 1);
    store_create(&s, &chunk);
    cr_assert_eq(claim(&chunk, 7, false, HOUR_MS, HOUR_MS), 1);
    int64_t before_ms = store_now_ms(&s);
    cr_assert_eq(store_record(&s, &(struct record){.message = chunk.send,
                                                   .attempt = 1,
                                                   .claim = 7,
                                                   .outcome = OUTCOME_NOT_SENT,
                                                   .wait_ms = SHORT_MS}),
                 WRITTEN_CHANGED);
    expect(&chunk, STATUS_QUEUED, ERROR_NONE);
    int64_t answer = claim(&chunk, 8, false, HOUR_MS, HOUR_MS);
    if (store_now_ms(&s) < before_ms + SHORT_MS)
        cr_expect_leq(answer, -(before_ms + SHORT_MS));
    for (int i = 0; i < 200 && answer < 0; i++) {
        drive_for(s.loop, 5);
        answer = claim(&chunk, 8, false, HOUR_MS, HOUR_MS);
    }
    cr_expect_eq(answer, 2, "a retry is a new attempt");
    cr_expect_geq(store_now_ms(&s), before_ms + SHORT_MS);
}

Test(messages_claim, takes_a_chunk_piece_by_piece)
{
    struct chunk chunk;
    const struct chunk *const list[] = {&chunk};
    store_chunk(&chunk, &s, CHUNK_MAX);
    store_create(&s, &chunk);
    for (size_t first = 0; first < CHUNK_MAX; first += 30) {
        struct claim ask = {.chunk = &chunk,
                            .number = 7,
                            .first = first,
                            .count = first + 30 < CHUNK_MAX ? 30 : CHUNK_MAX - first};
        store_claim(&s, &ask, HOUR_MS, HOUR_MS);
        cr_assert(!ask.differs);
        for (size_t i = 0; i < ask.count; i++)
            cr_expect_eq(ask.answers[i], 1, "recipient %zu", first + i);
        cr_expect_eq(store_count(&s, store_day(&chunk), 'S'), (int64_t)(first + ask.count));
    }
    store_audit(&s, list, 1);
}

Test(messages_claim, several_chunks_in_one_call_get_their_own_answers)
{
    struct chunk one, many, other;
    store_chunk(&one, &s, 1);
    store_chunk(&many, &s, 3);
    store_create(&s, &many);
    other = many;
    memcpy(other.to[0].digits, "4799999999", 11);
    struct claim a = {.chunk = &one, .number = 1, .count = 1},
                 b = {.chunk = &other, .number = 2, .count = 1},
                 c = {.chunk = &many, .number = 3, .first = 1, .count = 2};
    store_claim_all(&s, (struct claim *[]){&a, &b, &c}, 3, HOUR_MS, HOUR_MS);
    cr_expect(!a.differs && b.differs && !c.differs);
    cr_expect_eq(a.answers[0], 1);
    cr_expect_eq(c.answers[0], 1);
    cr_expect_eq(c.answers[1], 1);
    const struct chunk *const list[] = {&one, &many};
    store_audit(&s, list, 2);
}

/* --- what can't be what the record says --- */

Test(messages_claim, a_line_that_is_cut_fails_nobody_elses)
{
    struct chunk cut, fine;
    char key[ID_KEY_SIZE];
    store_chunk(&cut, &s, 1);
    store_chunk(&fine, &s, 1);
    id_key(key, cut.send);
    (void)store_int(&s, "SET m:{%s}:%s broken", s.account, key);
    struct claim a = {.chunk = &cut, .number = 1, .count = 1},
                 b = {.chunk = &fine, .number = 2, .count = 1};
    store_claim_all(&s, (struct claim *[]){&a, &b}, 2, HOUR_MS, HOUR_MS);
    cr_expect(a.differs);
    cr_expect(!b.differs);
    cr_expect_eq(b.answers[0], 1);
}

Test(messages_claim, other_numbers_under_the_same_ids_claim_nothing)
{
    static const struct {
        const char *name;
        size_t there, asked, changed; /* recipients; which one's number is another */
    } cases[] = {
        {"a single's", 1, 1, 0},
        {"the first", 3, 3, 0},
        {"the last", 3, 3, 2},
        {"one more than there are", 3, 4, 99},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct chunk chunk;
        struct seen seen;
        store_chunk(&chunk, &s, cases[i].there);
        store_create(&s, &chunk);
        struct chunk other = chunk;
        other.to_count = cases[i].asked;
        memcpy(other.to[other.to_count - 1].digits, "4799999999", 11);
        if (cases[i].changed < other.to_count)
            memcpy(other.to[cases[i].changed].digits, "4799999998", 11);
        struct claim ask = {.chunk = &other, .number = 7, .count = other.to_count};
        store_claim(&s, &ask, HOUR_MS, HOUR_MS);
        cr_expect(ask.differs, "%s", cases[i].name);
        for (size_t k = 0; k < chunk.to_count; k++) {
            store_see(&s, chunk_message(&chunk, k), &seen);
            cr_expect_eq(seen.line.status, STATUS_QUEUED, "%s: recipient %zu is %s", cases[i].name,
                         k, status_name(seen.line.status));
        }
    }
}

/* --- the end of a lease --- */

Test(messages_claim, after_a_lease_is_repeated_where_the_carrier_deduplicates)
{
    struct chunk chunk;
    store_chunk(&chunk, &s, 2);
    store_create(&s, &chunk);
    cr_assert_eq(claim(&chunk, 7, true, 0, HOUR_MS), 1);
    cr_expect_eq(claim(&chunk, 8, true, HOUR_MS, HOUR_MS), 2);
    cr_expect_lt(claim(&chunk, 9, true, HOUR_MS, HOUR_MS), 0);
    cr_expect_eq(store_count(&s, store_day(&chunk), 'S'), 2);
}

Test(messages_claim, a_repeated_claim_after_a_lease_may_be_asked_for_again)
{
    struct chunk chunk;
    store_chunk(&chunk, &s, 1);
    store_create(&s, &chunk);
    cr_assert_eq(claim(&chunk, 7, true, 0, HOUR_MS), 1);
    cr_assert_eq(claim(&chunk, 8, true, HOUR_MS, HOUR_MS), 2);
    cr_expect_eq(claim(&chunk, 8, true, HOUR_MS, HOUR_MS), 2, "its answer may have been lost");
}

Test(messages_claim, after_a_lease_past_validity_is_not_repeated)
{
    struct chunk chunk;
    store_chunk(&chunk, &s, 1);
    store_create(&s, &chunk);
    cr_assert_eq(claim(&chunk, 7, true, 0, 0), 1);
    chunk.until_ms = chunk.at_ms;
    cr_expect_lt(claim(&chunk, 8, true, HOUR_MS, 0), 0);
    expect(&chunk, STATUS_SENDING, ERROR_OUTCOME);
    cr_expect_eq(claim(&chunk, 8, true, HOUR_MS, 0), CLAIM_NOTHING);
    expect(&chunk, STATUS_FAILED, ERROR_OUTCOME);
}

Test(messages_claim, after_a_lease_is_unknown_and_after_patience_failed)
{
    struct chunk chunk;
    store_chunk(&chunk, &s, 1);
    store_create(&s, &chunk);
    cr_assert_eq(claim(&chunk, 7, false, 0, SHORT_MS), 1);
    int64_t before_ms = store_now_ms(&s);
    int64_t answer = claim(&chunk, 8, false, HOUR_MS, SHORT_MS);
    cr_expect_leq(answer, -(before_ms + SHORT_MS));
    expect(&chunk, STATUS_SENDING, ERROR_OUTCOME);
    for (int i = 0; i < 200 && answer < 0; i++) {
        drive_for(s.loop, 5);
        answer = claim(&chunk, 9, false, HOUR_MS, SHORT_MS);
    }
    cr_expect_eq(answer, CLAIM_NOTHING);
    cr_expect_geq(store_now_ms(&s), before_ms + SHORT_MS);
    expect(&chunk, STATUS_FAILED, ERROR_OUTCOME);
}
