/* A send of which no chunk was made yet, in the list. */
#include "common/store/jobs.h"
#include "common/store/messages_list.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>

enum { MOST = 10 };

static struct store s;
static struct chunk chunk;
static struct job job;
static bool answered;

/* What the last question was answered with. */
static size_t count;
static int64_t total;
static struct id ids[MOST];
static enum status statuses[MOST];

static void on_state(void *arg, enum err err, const struct job_state *state)
{
    (void)arg;
    (void)state;
    cr_assert_eq(err, ERR_OK);
    answered = true;
}

static void on_done(void *arg, enum err err)
{
    (void)arg;
    cr_assert_eq(err, ERR_OK);
    answered = true;
}

static void on_cancelled(void *arg, enum err err, const struct cancelled *cancelled)
{
    (void)arg;
    cr_assert_eq(err, ERR_OK);
    cr_assert_not_null(cancelled);
    answered = true;
}

static void on_listed(void *arg, enum err err, const struct listed *listed)
{
    (void)arg;
    cr_assert_eq(err, ERR_OK);
    cr_assert(listed->done);
    count = listed->count;
    total = listed->total;
    for (size_t i = 0; i < count; i++) {
        ids[i] = listed->messages[i].id;
        statuses[i] = listed->messages[i].line.status;
        cr_expect(str_eq(listed->messages[i].body, STR("a body")));
        cr_expect(str_eq(listed->messages[i].ref, STR("a job")));
    }
    answered = true;
}

static void await(enum err called)
{
    store_await(&s, called, &answered);
}

static void open_job(bool scheduled)
{
    store_open(&s);
    store_chunk(&chunk, &s, 3);
    chunk.ref = STR("a job");
    chunk.from = STR("MyBrand");
    chunk_copy_shared(&job.shared, &chunk);
    await(jobs_open(s.redis, &job, 3, scheduled, on_state, NULL));
}

static void close_job(void)
{
    chunk_done(&job.shared);
    store_close(&s);
}

static void list(const struct list_query *query)
{
    const struct list_ask ask = {.query = query, .limit = MOST, .wants_total = true};
    await(messages_list(s.redis, s.account, &ask, on_listed, NULL));
}

/* Whichever filter that it passes is asked for. */
static void expect_one_row(enum status status)
{
    const struct list_query queries[] = {{.statuses = 0},
                                         {.statuses = LIST_STATUS(status)},
                                         {.ref = STR("a job")},
                                         {.from = STR("MyBrand")},
                                         {.from = STR("MyBrand"), .statuses = LIST_STATUS(status)},
                                         {.of_send = true, .send = chunk.send},
                                         {.after_ms = chunk.at_ms, .before_ms = chunk.at_ms + 1}};
    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
        list(&queries[i]);
        cr_assert_eq(count, 1, "question %zu: %zu", i, count);
        cr_expect(id_eq(ids[0], chunk.send));
        cr_expect_eq(statuses[0], status, "question %zu: %s", i, status_name(statuses[0]));
        cr_expect(total == 1 || total == -1, "question %zu: a total of %lld", i, (long long)total);
    }
    for (unsigned other = 0; other < STATUS_COUNT; other++) {
        list(&(struct list_query){.statuses = LIST_STATUS(other)});
        cr_expect_eq(count, other == status, "%s: %zu", status_name(other), count);
    }
}

Test(messages_list_jobs, a_send_without_messages_is_one_row)
{
    static const struct job_cursor start = {.next = 0, .after = ""},
                                   next = {.next = 1, .after = ""};
    open_job(true);
    expect_one_row(STATUS_SCHEDULED);
    await(jobs_make_chunk(s.redis, &chunk, &start, &next, on_state, NULL));
    list(&(struct list_query){.statuses = 0});
    cr_expect_eq(count, 3);
    cr_expect_eq(total, 3);
    for (uint32_t i = 0; i < 3; i++)
        cr_expect(id_eq(ids[i], id_with_number(chunk.send, 3 - i)));
    list(&(struct list_query){.statuses = LIST_STATUS(STATUS_SCHEDULED)});
    cr_expect_eq(count, 0);
    list(&(struct list_query){.ref = STR("a job")});
    cr_expect_eq(count, 3);
    list(&(struct list_query){.from = STR("MyBrand")});
    cr_expect_eq(total, 3);
    close_job();
}

Test(messages_list_jobs, one_that_ends_without_recipients_has_failed)
{
    open_job(false);
    expect_one_row(STATUS_QUEUED);
    await(jobs_end(s.redis, &job, on_done, NULL));
    expect_one_row(STATUS_FAILED);
    close_job();
}

Test(messages_list_jobs, one_that_is_cancelled_before_is_cancelled)
{
    open_job(true);
    await(messages_cancel(s.redis, STORE_SHARDS, s.account, chunk.send, on_cancelled, NULL));
    expect_one_row(STATUS_CANCELLED);
    await(jobs_end(s.redis, &job, on_done, NULL));
    expect_one_row(STATUS_CANCELLED);
    close_job();
}
