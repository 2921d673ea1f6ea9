/* A send that is held, let go on, or given another rate or time. */
#include "common/store/controls.h"

#include "common/sms/calendar.h"
#include "common/store/due.h"
#include "common/store/jobs.h"
#include "common/store/pokes.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>

enum { HOUR_MS = 3600000, WAIT_MS = 20000 };
static const int64_t DAY_MS = INT64_C(86400000);

static struct store s;
static struct chunk chunk;
static bool answered;
static struct controlled got;
static struct job_state state;
static size_t poked;

static void open_store(void)
{
    store_open(&s);
}

static void close_store(void)
{
    store_close(&s);
}

TestSuite(controls, .init = open_store, .fini = close_store);

static void await(enum err called)
{
    store_await(&s, called, &answered);
}

static void on_controlled(void *arg, enum err err, const struct controlled *controlled)
{
    (void)arg;
    cr_assert_eq(err, ERR_OK, "%s", err_text(err));
    got = *controlled;
    answered = true;
}

static void on_cancelled(void *arg, enum err err, const struct cancelled *cancelled)
{
    (void)arg;
    (void)cancelled;
    cr_assert_eq(err, ERR_OK);
    answered = true;
}

static enum control_verdict give(struct control control)
{
    await(controls_give(s.redis, s.account, chunk.send, &control, on_controlled, NULL));
    return got.verdict;
}

static enum control_verdict hold(void)
{
    return give((struct control){.action = CONTROL_HOLD});
}

static enum control_verdict go(void)
{
    return give((struct control){.action = CONTROL_GO});
}

static enum control_verdict move(int64_t due_ms)
{
    return give((struct control){.action = CONTROL_CHANGE, .due_ms = due_ms});
}

/* The first one's answer. */
static int64_t claim(void)
{
    static uint32_t number;
    struct claim c = {.chunk = &chunk, .number = ++number, .count = chunk.to_count};
    store_claim(&s, &c, HOUR_MS, HOUR_MS);
    cr_assert_not(c.differs);
    return c.answers[0];
}

static void make(size_t count, int64_t due_ms)
{
    store_chunk(&chunk, &s, count);
    if (due_ms != 0) {
        chunk.due_ms = due_ms;
        chunk.until_ms = due_ms + HOUR_MS;
    }
    store_create(&s, &chunk);
}

static void audit(void)
{
    const struct chunk *list = &chunk;
    store_audit(&s, &list, 1);
}

Test(controls, what_is_held_is_not_claimed_until_it_goes_on)
{
    for (size_t count = 1; count <= 3; count += 2) {
        make(count, 0);
        cr_expect_eq(hold(), CONTROL_DONE);
        cr_expect(got.paused);
        cr_expect_eq(got.waiting, (int64_t)count);
        cr_expect_lt(claim(), -store_now_ms(&s));
        cr_expect_gt(claim(), -store_now_ms(&s) - HOUR_MS);
        cr_expect_eq(hold(), CONTROL_DONE, "again");
        cr_expect_eq(go(), CONTROL_DONE);
        cr_expect_not(got.paused);
        cr_expect_eq(go(), CONTROL_DONE, "again");
        cr_expect_eq(claim(), 1);
    }
}

Test(controls, what_is_held_expires_all_the_same)
{
    make(1, 0);
    cr_expect_eq(hold(), CONTROL_DONE);
    chunk.until_ms = chunk.at_ms;
    cr_expect_eq(claim(), 0);
    cr_expect_eq(hold(), CONTROL_OVER);
    audit();
}

Test(controls, what_is_under_way_may_be_held_and_what_is_over_may_not)
{
    make(1, 0);
    struct record record = {.message = chunk.send, .outcome = OUTCOME_NOT_SENT};
    record.attempt = (unsigned)claim();
    cr_expect_eq(hold(), CONTROL_DONE);
    make(2, 0);
    cr_expect_eq(claim(), 1);
    cr_expect_eq(hold(), CONTROL_DONE);
    for (size_t i = 0; i < 2; i++) {
        record = (struct record){.message = chunk_message(&chunk, i),
                                 .attempt = 1,
                                 .claim = 0,
                                 .outcome = OUTCOME_REJECTED,
                                 .error = ERROR_REJECTED};
        struct seen seen;
        store_see(&s, record.message, &seen);
        record.claim = seen.line.claim;
        cr_expect_eq(store_record(&s, &record), WRITTEN_CHANGED);
    }
    cr_expect_eq(hold(), CONTROL_OVER);
    cr_expect_eq(go(), CONTROL_OVER);
    store_chunk(&chunk, &s, 2);
    cr_expect_eq(hold(), CONTROL_NO_SEND);
}

static void expect_moved(size_t count)
{
    int64_t first_ms = store_now_ms(&s) + HOUR_MS, second_ms = first_ms + 3 * DAY_MS;
    make(count, first_ms);
    cr_expect_eq(move(second_ms), CONTROL_DONE);
    cr_expect_eq(got.due_ms, second_ms);
    cr_expect_eq(claim(), -second_ms);
    cr_expect_eq(store_count(&s, calendar_day(first_ms), 'W'), 0);
    cr_expect_eq(store_count(&s, calendar_day(second_ms), 'W'), (int64_t)count);
    struct seen seen;
    store_see(&s, chunk_message(&chunk, 0), &seen);
    cr_expect_eq(seen.until_ms, second_ms + HOUR_MS, "it is valid for as long");
    cr_expect_eq(move(store_now_ms(&s)), CONTROL_DONE);
    chunk.until_ms = chunk.at_ms; /* as if what the record says were over */
    cr_expect_eq(claim(), 1);
    cr_expect_eq(move(second_ms), CONTROL_BEGUN);
}

Test(controls, a_single_is_moved_with_its_day_and_validity)
{
    expect_moved(1);
}

Test(controls, a_send_of_one_chunk_is_moved_with_its_day_and_validity)
{
    expect_moved(3);
}

Test(controls, what_is_moved_is_cancelled_on_its_new_day)
{
    for (size_t count = 1; count <= 3; count += 2) {
        int64_t due_ms = store_now_ms(&s) + DAY_MS * (int64_t)(2 + count);
        make(count, store_now_ms(&s) + HOUR_MS);
        cr_expect_eq(move(due_ms), CONTROL_DONE);
        await(messages_cancel(s.redis, STORE_SHARDS, s.account, chunk.send, on_cancelled, NULL));
        cr_expect_eq(store_count(&s, calendar_day(due_ms), 'W'), 0);
        cr_expect_eq(store_count(&s, calendar_day(due_ms), 'C'), (int64_t)count);
    }
}

Test(controls, what_goes_at_once_has_no_time_to_move)
{
    make(1, 0);
    cr_expect_eq(move(store_now_ms(&s) + HOUR_MS), CONTROL_BEGUN);
    make(3, 0);
    cr_expect_eq(move(store_now_ms(&s) + HOUR_MS), CONTROL_BEGUN);
}

Test(controls, a_rate_stands_over_what_was_asked_for)
{
    make(2, 0);
    const struct control fast = {.action = CONTROL_CHANGE, .sets_rate = true, .rate_milli = 5000};
    cr_expect_eq(give(fast), CONTROL_DONE);
    cr_expect_eq(got.rate_milli, 5000);
    cr_expect_eq(give((struct control){.action = CONTROL_CHANGE, .sets_rate = true}), CONTROL_DONE);
    cr_expect_eq(got.rate_milli, 0);
}

/* --- a job --- */

static void on_state(void *arg, enum err err, const struct job_state *is)
{
    (void)arg;
    cr_assert_eq(err, ERR_OK);
    state = *is;
    answered = true;
}

Test(controls, a_job_that_is_not_begun)
{
    struct job job = {.next = 0};
    int64_t first_ms = store_now_ms(&s) + HOUR_MS, second_ms = first_ms + 5 * DAY_MS;
    store_chunk(&chunk, &s, 3);
    chunk.due_ms = first_ms;
    chunk.until_ms = first_ms + HOUR_MS;
    chunk_copy_shared(&job.shared, &chunk);
    await(jobs_open(s.redis, &job, 250, true, on_state, NULL));
    cr_expect_not(state.paused);
    cr_expect_eq(state.due_ms, 0);
    cr_expect_eq(store_count(&s, calendar_day(first_ms), 'W'), 250);
    cr_expect_eq(hold(), CONTROL_DONE);
    cr_expect_eq(got.waiting, 250);
    cr_expect_eq(move(second_ms), CONTROL_DONE);
    await(jobs_open(s.redis, &job, 250, true, on_state, NULL));
    cr_expect(state.paused);
    cr_expect_eq(state.due_ms, second_ms);
    cr_expect_eq(state.until_ms, second_ms + HOUR_MS);
    cr_expect_eq(store_count(&s, calendar_day(first_ms), 'W'), 0);
    cr_expect_eq(store_count(&s, calendar_day(second_ms), 'W'), 250);
    cr_expect_eq(go(), CONTROL_DONE);
    await(jobs_open(s.redis, &job, 250, true, on_state, NULL));
    cr_expect_not(state.paused);
    chunk_done(&job.shared);
}

/* --- what waits in the delay queue --- */

static void on_put(void *arg, enum err err)
{
    (void)arg;
    cr_assert_eq(err, ERR_OK);
    answered = true;
}

static void on_poked(void *arg, enum err err, size_t found)
{
    (void)arg;
    cr_assert_eq(err, ERR_OK);
    poked = found;
    answered = true;
}

static int64_t due_of(const char *name, bool drops)
{
    unsigned shard = due_shard(str_of(name), STORE_SHARDS);
    int64_t at_ms = store_int(&s, "ZSCORE due:{due:%u} %s", shard, name);
    if (drops) {
        (void)store_int(&s, "ZREM due:{due:%u} %s", shard, name);
        (void)store_int(&s, "HDEL rec:{due:%u} %s", shard, name);
    }
    return at_ms;
}

Test(controls, a_poke_moves_what_waits_of_a_send)
{
    enum { CHUNKS = 620 }; /* more than a step */
    static char names[CHUNKS][CHUNK_NAME_SIZE];
    int64_t later_ms = store_now_ms(&s) + HOUR_MS;
    store_chunk(&chunk, &s, 2);
    for (uint32_t i = 0; i < CHUNKS; i++) {
        chunk.number = i;
        store_create(&s, &chunk);
        chunk_name(names[i], &chunk);
        const struct due due = {str_of(names[i]), STR("t"), STR("k"), STR("r")};
        await(due_put(s.redis, STORE_SHARDS, &due, later_ms, on_put, NULL));
    }
    struct poke poke = {.send = chunk.send, .at_ms = later_ms - 1000};
    memcpy(poke.account, s.account, sizeof(poke.account));
    await(pokes_give(s.redis, STORE_SHARDS, &poke, on_poked, NULL));
    cr_expect_eq(poked, CHUNKS + 1, "chunk 0 twice");
    for (uint32_t i = 0; i < CHUNKS; i++)
        cr_expect_eq(due_of(names[i], true), later_ms - 1000, "%u", i);
}
