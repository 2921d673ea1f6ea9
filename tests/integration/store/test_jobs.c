#include "common/store/jobs.h"
#include "tests/support/drive.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>

static struct store s;
static struct job job;
static struct job_state state;
static enum err outcome;
static unsigned answers;

static void on_state(void *arg, enum err err, const struct job_state *got)
{
    (void)arg;
    outcome = err;
    if (err == ERR_OK)
        state = *got;
    answers++;
}

static void on_done(void *arg, enum err err)
{
    (void)arg;
    outcome = err;
    answers++;
}

static void await(enum err called)
{
    cr_assert_eq(called, ERR_OK);
    cr_assert(drive_until_count(s.loop, &answers, 1, 5000));
    answers = 0;
}

/* A job with what a chunk of the store's has in common. */
static void open_store(void)
{
    struct chunk chunk;
    store_open(&s);
    store_chunk(&chunk, &s, 2);
    chunk_copy_shared(&job.shared, &chunk);
}

static void close_store(void)
{
    chunk_done(&job.shared);
    store_close(&s);
}

TestSuite(jobs, .init = open_store, .fini = close_store);

static void open_job(void)
{
    await(jobs_open(s.redis, &job, 7, false, on_state, NULL));
    cr_assert_eq(outcome, ERR_OK);
}

/* Chunk `number` with two recipients, personal when there are items. */
static void make(uint32_t number, uint32_t from, struct chunk_item *items)
{
    const struct job_cursor at = {.next = from, .after = ""}, to = {.next = from + 1, .after = ""};
    struct chunk chunk = job.shared;
    chunk.number = number;
    chunk.to_count = 2;
    chunk.to[0] = (struct phone){"4799999901"};
    chunk.to[1] = (struct phone){"4799999902"};
    chunk.items = items;
    await(jobs_make_chunk(s.redis, &chunk, &at, &to, on_state, NULL));
    cr_assert_eq(outcome, ERR_OK);
}

static enum status status_of(struct id id)
{
    struct seen seen;
    store_see(&s, id, &seen);
    return seen.found ? seen.line.status : STATUS_COUNT;
}

Test(jobs, an_opened_one_is_shown_and_opened_once)
{
    open_job();
    cr_expect_eq(state.cursor.next, 0);
    cr_expect_str_eq(state.cursor.after, "");
    cr_expect_not(state.ended);
    cr_expect_not(state.cancelled);
    cr_expect_eq(status_of(job.shared.send), STATUS_QUEUED);
    make(0, 0, NULL);
    open_job();
    cr_expect_eq(state.cursor.next, 1, "opening again leaves it where it is");
}

Test(jobs, a_chunk_is_made_once_whoever_asks)
{
    struct seen seen;
    open_job();
    make(0, 0, NULL);
    cr_expect_eq(state.cursor.next, 1);
    store_see(&s, id_with_number(job.shared.send, 2), &seen);
    cr_assert(seen.found);
    cr_expect_str_eq(seen.digits, "4799999902");
    make(1, 1, NULL);
    make(0, 0, NULL);
    cr_expect_eq(state.cursor.next, 2, "somebody was there before");
    cr_expect_eq(store_count(&s, store_day(&job.shared), 'Q'), 4);
}

Test(jobs, a_made_chunk_is_read_back)
{
    struct chunk_item items[2] = {0};
    struct chunk chunk;
    cr_assert_eq(chunk_item_make(&items[0], STR("Hello Kari")), ERR_OK);
    items[1] = (struct chunk_item){.parts = 1, .error = ERROR_VARIABLE};
    open_job();
    make(0, 0, items);
    chunk = job.shared;
    chunk.own_text = NULL;
    chunk.number = 0;
    await(jobs_read_chunk(s.redis, &chunk, on_done, NULL));
    cr_assert_eq(outcome, ERR_OK);
    cr_assert_eq(chunk.to_count, 2);
    cr_expect_str_eq(chunk.to[1].digits, "4799999902");
    cr_assert_not_null(chunk.items);
    cr_expect(str_eq(chunk.items[0].body, STR("Hello Kari")));
    cr_expect_eq(chunk.items[1].error, ERROR_VARIABLE);
    chunk_done(&chunk);
    chunk = job.shared;
    chunk.own_text = NULL;
    chunk.number = 1;
    await(jobs_read_chunk(s.redis, &chunk, on_done, NULL));
    cr_expect_eq(outcome, ERR_NOT_FOUND);
    chunk_done(&chunk);
}

static struct cancelled sum;

static void on_cancelled(void *arg, enum err err, const struct cancelled *got)
{
    (void)arg;
    outcome = err;
    cr_assert_not_null(got);
    sum = *got;
    answers++;
}

static void cancel(void)
{
    await(messages_cancel(s.redis, STORE_SHARDS, s.account, job.shared.send, on_cancelled, NULL));
    cr_assert_eq(outcome, ERR_OK);
}

Test(jobs, one_that_is_cancelled_before_its_first_chunk_makes_none)
{
    open_job();
    cancel();
    cr_expect_eq(sum.now, 7, "those who would have got it");
    cancel();
    cr_expect_eq(sum.now, 0);
    cr_expect_gt(sum.before, 0);
    make(0, 0, NULL);
    cr_expect(state.cancelled);
    open_job();
    cr_expect(state.cancelled);
    cr_expect(state.ended);
    cr_expect_eq(status_of(job.shared.send), STATUS_CANCELLED);
    cr_expect_eq(store_count(&s, store_day(&job.shared), 'Q'), 0);
}

static int64_t counted(char letter)
{
    return store_count(&s, chunk_counted_ms(&job.shared) / 86400000, letter);
}

Test(jobs, one_that_waits_for_its_time_counts_as_scheduled)
{
    job.shared.due_ms = store_now_ms(&s) + INT64_C(2) * 86400000;
    await(jobs_open(s.redis, &job, 7, true, on_state, NULL));
    await(jobs_open(s.redis, &job, 7, true, on_state, NULL));
    cr_expect_eq(counted('W'), 7);
    make(0, 0, NULL);
    cr_expect_eq(counted('W'), 2, "those that there are from now on");
}

Test(jobs, one_that_is_cancelled_before_its_time_counts_as_cancelled)
{
    job.shared.due_ms = store_now_ms(&s) + INT64_C(2) * 86400000;
    await(jobs_open(s.redis, &job, 7, true, on_state, NULL));
    cancel();
    cancel();
    cr_expect_eq(counted('W'), 0);
    cr_expect_eq(counted('C'), 7);
    await(jobs_end(s.redis, &job, on_done, NULL));
    cr_expect_eq(counted('C'), 7);
}

Test(jobs, one_that_is_cancelled_midway_keeps_what_it_has)
{
    open_job();
    make(0, 0, NULL);
    make(1, 1, NULL);
    cancel();
    cr_expect_eq(sum.now, 4);
    make(2, 2, NULL);
    cr_expect(state.cancelled);
    await(jobs_end(s.redis, &job, on_done, NULL));
    cr_expect_eq(status_of(job.shared.send), STATUS_CANCELLED);
    cr_expect_eq(store_count(&s, store_day(&job.shared), 'C'), 4);
}

Test(jobs, one_without_recipients_ends_failed)
{
    open_job();
    await(jobs_end(s.redis, &job, on_done, NULL));
    cr_expect_eq(outcome, ERR_OK);
    cr_expect_eq(status_of(job.shared.send), STATUS_FAILED);
    open_job();
    cr_expect(state.ended);
}

Test(jobs, one_that_has_ended_shows_its_messages)
{
    open_job();
    make(0, 0, NULL);
    await(jobs_end(s.redis, &job, on_done, NULL));
    open_job();
    cr_expect(state.ended);
    cr_expect_eq(status_of(job.shared.send), STATUS_QUEUED);
}

Test(jobs, an_opened_one_tells_what_control_said_and_how_much_waits)
{
    char key[ID_KEY_SIZE];
    id_key(key, job.shared.send);
    open_job();
    make(0, 0, NULL);
    open_job();
    cr_expect_not(state.paused);
    cr_expect_not(state.still);
    cr_expect_eq(state.rate_milli, -1);
    cr_expect_eq(state.due_ms, 0);
    cr_expect_eq(state.until_ms, 0);
    cr_expect_eq(state.made, 2);
    cr_expect_eq(state.queued, 2);
    cr_expect_eq(state.weight, 10);
    cr_expect_gt(state.now_ms, 0);
    (void)store_int(&s, "HSET s:{%s}:%s paused 1 rate 0 due 5 until 6", s.account, key);
    (void)store_int(&s, "SET account:{%s} {\"active\":false,\"weight\":30}", s.account);
    open_job();
    cr_expect(state.paused);
    cr_expect(state.still);
    cr_expect_eq(state.rate_milli, 0);
    cr_expect_eq(state.due_ms, 5);
    cr_expect_eq(state.until_ms, 6);
    cr_expect_eq(state.weight, 30);
}
