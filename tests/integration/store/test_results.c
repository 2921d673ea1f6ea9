/* The messages of a send, in order, some at a time. */
#include "common/store/results.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>

enum { HOUR_MS = 3600000, CLAIM = 7, FULL = 100, LAST = 30 };

static struct store s;
static struct chunk chunks[2]; /* of one send: a full one, and the last */
static bool answered;

static bool found;
static size_t count;
static uint32_t next;
static struct message seen[RESULTS_MOST]; /* without texts */

static void on_results(void *arg, enum err err, const struct results *results)
{
    (void)arg;
    cr_assert_eq(err, ERR_OK);
    found = results->found;
    count = results->count;
    next = results->next;
    for (size_t i = 0; i < count; i++) {
        seen[i] = results->messages[i];
        cr_expect(str_eq(seen[i].body, STR("a body")));
        cr_expect_not(results->personal[i]);
    }
    answered = true;
}

static void on_cancelled(void *arg, enum err err, const struct cancelled *cancelled)
{
    (void)arg;
    (void)cancelled;
    cr_assert_eq(err, ERR_OK);
    answered = true;
}

static void await(enum err called)
{
    store_await(&s, called, &answered);
}

static void read_as(struct results_ask ask)
{
    ask.send = chunks[0].send;
    ask.most = ask.most > 0 ? ask.most : RESULTS_MOST;
    await(results_read(s.redis, s.account, &ask, on_results, NULL));
}

static void open_store(void)
{
    store_open(&s);
    store_chunk(&chunks[0], &s, FULL);
    chunks[1] = chunks[0];
    chunks[1].number = 1;
    chunks[1].to_count = LAST;
    store_create(&s, &chunks[0]);
    store_create(&s, &chunks[1]);
}

static void close_store(void)
{
    store_close(&s);
}

TestSuite(results, .init = open_store, .fini = close_store);

/* The first messages of a chunk are rejected. */
static void reject(const struct chunk *chunk, size_t most)
{
    struct claim claim = {.chunk = chunk, .number = CLAIM, .count = most};
    store_claim(&s, &claim, HOUR_MS, 0);
    for (size_t i = 0; i < most; i++) {
        const struct record record = {.message = chunk_message(chunk, i),
                                      .attempt = 1,
                                      .claim = CLAIM,
                                      .outcome = OUTCOME_REJECTED,
                                      .error = ERROR_REJECTED};
        cr_assert_eq(store_record(&s, &record), WRITTEN_CHANGED);
    }
}

Test(results, all_come_in_order)
{
    read_as((struct results_ask){.from = 0});
    cr_assert_eq(count, FULL + LAST);
    cr_expect_eq(next, 0);
    for (uint32_t i = 0; i < count; i++)
        cr_expect(id_eq(seen[i].id, id_with_number(chunks[0].send, i + 1)));
}

Test(results, some_come_at_a_time)
{
    uint32_t from = 0, all = 0;
    do {
        read_as((struct results_ask){.from = from, .most = 7});
        for (size_t i = 0; i < count; i++)
            cr_assert_eq(id_number(seen[i].id), ++all);
        from = next;
    } while (from != 0);
    cr_expect_eq(all, FULL + LAST);
}

Test(results, by_status_and_error)
{
    reject(&chunks[1], 3);
    read_as((struct results_ask){.statuses = LIST_STATUS(STATUS_FAILED)});
    cr_assert_eq(count, 3);
    cr_expect_eq(id_number(seen[0].id), FULL + 1);
    cr_expect_eq(seen[0].line.error, ERROR_REJECTED);
    read_as((struct results_ask){.errors = UINT64_C(1) << ERROR_REJECTED});
    cr_expect_eq(count, 3);
    read_as((struct results_ask){.errors = UINT64_C(1) << ERROR_EXPIRED});
    cr_expect_eq(count, 0);
    read_as((struct results_ask){.statuses = LIST_STATUS(STATUS_QUEUED), .from = FULL});
    cr_expect_eq(count, 1 + LAST - 3);
}

Test(results, what_has_a_flag_is_left_out)
{
    struct claim claim = {.chunk = &chunks[0], .number = CLAIM, .count = 1};
    store_claim(&s, &claim, HOUR_MS, 0);
    const struct record record = {.message = chunk_message(&chunks[0], 0),
                                  .attempt = 1,
                                  .claim = CLAIM,
                                  .outcome = OUTCOME_UNKNOWN,
                                  .wait_ms = HOUR_MS};
    cr_assert_eq(store_record(&s, &record), WRITTEN_CHANGED);
    read_as((struct results_ask){.flags_not = LINE_UNKNOWN});
    cr_assert_eq(count, FULL + LAST - 1);
    cr_expect_eq(id_number(seen[0].id), 2);
}

Test(results, what_waits_of_a_cancelled_send_is_cancelled)
{
    reject(&chunks[0], 1);
    await(messages_cancel(s.redis, STORE_SHARDS, s.account, chunks[0].send, on_cancelled, NULL));
    read_as((struct results_ask){.statuses = LIST_STATUS(STATUS_CANCELLED)});
    cr_expect_eq(count, FULL + LAST - 1);
    read_as((struct results_ask){.statuses = LIST_STATUS(STATUS_QUEUED)});
    cr_expect_eq(count, 0);
}

Test(results, a_single_has_one)
{
    store_chunk(&chunks[0], &s, 1);
    store_create(&s, &chunks[0]);
    read_as((struct results_ask){.from = 0});
    cr_assert_eq(count, 1);
    cr_expect(id_eq(seen[0].id, chunks[0].send));
    read_as((struct results_ask){.from = 1});
    cr_expect_eq(count, 0);
}

Test(results, of_no_send_there_are_none)
{
    store_chunk(&chunks[0], &s, 2);
    read_as((struct results_ask){.from = 0});
    cr_expect_not(found);
}
