#include "tests/support/drive.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>

static struct store s;
enum { HOUR_MS = 3600000 };

static void open_store(void)
{
    store_open(&s);
}

static void close_store(void)
{
    store_close(&s);
}

TestSuite(messages_cancel, .init = open_store, .fini = close_store);

struct answer {
    bool came, found;
    struct cancelled cancelled;
};

static void on_answer(void *arg, enum err err, const struct cancelled *cancelled)
{
    struct answer *answer = arg;
    answer->came = err == ERR_OK;
    answer->found = cancelled != NULL;
    if (cancelled != NULL)
        answer->cancelled = *cancelled;
}

static struct answer cancel(struct id id)
{
    struct answer answer = {.came = false};
    cr_assert_eq(messages_cancel(s.redis, STORE_SHARDS, s.account, id, on_answer, &answer), ERR_OK);
    for (int turns = 0; !answer.came && turns < 200; turns++)
        loop_turn(s.loop, 50);
    cr_assert(answer.came);
    return answer;
}

static int64_t claim(const struct chunk *chunk)
{
    struct claim ask = {.chunk = chunk, .number = 1, .count = chunk->to_count};
    store_claim(&s, &ask, HOUR_MS, HOUR_MS);
    return ask.answers[0];
}

static enum status status_of(struct id id)
{
    struct seen seen;
    store_see(&s, id, &seen);
    cr_assert(seen.found);
    return seen.line.status;
}

Test(messages_cancel, what_is_cancelled_is_never_claimed)
{
    struct chunk chunk;
    const struct chunk *list = &chunk;
    store_chunk(&chunk, &s, 1);
    store_create(&s, &chunk);
    cr_expect_eq(cancel(chunk.send).cancelled.now, 1);
    cr_expect_eq(status_of(chunk.send), STATUS_CANCELLED);
    cr_expect_eq(claim(&chunk), 0);
    struct answer again = cancel(chunk.send);
    cr_expect_eq(again.cancelled.now, 0);
    cr_expect_eq(again.cancelled.before, 1);
    store_audit(&s, &list, 1);
}

Test(messages_cancel, what_is_claimed_is_too_late)
{
    struct chunk chunk;
    const struct chunk *list = &chunk;
    store_chunk(&chunk, &s, 1);
    store_create(&s, &chunk);
    cr_expect_eq(claim(&chunk), 1);
    struct answer answer = cancel(chunk.send);
    cr_expect_eq(answer.cancelled.now + answer.cancelled.before, 0);
    cr_expect_eq(answer.cancelled.too_late, 1);
    cr_expect_eq(answer.cancelled.status, STATUS_SENDING);
    cr_expect_eq(status_of(chunk.send), STATUS_SENDING);
    store_audit(&s, &list, 1);
}

Test(messages_cancel, one_of_many_and_then_the_rest)
{
    struct chunk chunk;
    const struct chunk *list = &chunk;
    store_chunk(&chunk, &s, 5);
    store_create(&s, &chunk);
    struct claim first = {.chunk = &chunk, .number = 1, .count = 1};
    store_claim(&s, &first, HOUR_MS, HOUR_MS);
    cr_expect_eq(cancel(chunk_message(&chunk, 1)).cancelled.now, 1);
    struct answer all = cancel(chunk.send);
    cr_expect_eq(all.cancelled.now, 3);
    cr_expect_eq(all.cancelled.before, 1);
    cr_expect_eq(all.cancelled.too_late, 1);
    store_audit(&s, &list, 1);
}

Test(messages_cancel, one_that_waits_for_a_retry_can_be_cancelled)
{
    struct chunk chunk;
    store_chunk(&chunk, &s, 1);
    store_create(&s, &chunk);
    struct record record = {.account = s.account,
                            .message = chunk.send,
                            .attempt = (unsigned)claim(&chunk),
                            .claim = 1,
                            .outcome = OUTCOME_NOT_SENT,
                            .wait_ms = HOUR_MS};
    cr_expect_eq(store_record(&s, &record), WRITTEN_CHANGED);
    cr_expect_eq(cancel(chunk.send).cancelled.now, 1);
}

Test(messages_cancel, an_unknown_id_is_not_found)
{
    struct chunk chunk;
    store_chunk(&chunk, &s, 3);
    cr_expect(!cancel(chunk.send).found);
    store_create(&s, &chunk);
    cr_expect(!cancel(id_with_number(chunk.send, 4)).found);
}

Test(messages_cancel, a_scheduled_message_waits_for_its_time)
{
    struct chunk chunk;
    const struct chunk *list = &chunk;
    store_chunk(&chunk, &s, 2);
    chunk.due_ms = store_now_ms(&s) + HOUR_MS;
    chunk.until_ms = chunk.due_ms + HOUR_MS;
    store_create(&s, &chunk);
    cr_expect_eq(status_of(chunk.send), STATUS_SCHEDULED);
    cr_expect_eq(claim(&chunk), -chunk.due_ms);
    cr_expect_eq(cancel(chunk_message(&chunk, 0)).cancelled.now, 1);
    cr_expect_eq(status_of(chunk_message(&chunk, 1)), STATUS_SCHEDULED);
    store_audit(&s, &list, 1);
}

Test(messages_cancel, a_scheduled_message_goes_out_when_it_is_due)
{
    struct chunk chunk;
    store_chunk(&chunk, &s, 1);
    chunk.due_ms = store_now_ms(&s) + 50;
    int64_t answer;
    for (int turns = 0; (answer = claim(&chunk)) < 0 && turns < 200; turns++)
        loop_turn(s.loop, 10);
    cr_expect_eq(answer, 1);
    cr_expect_geq(store_now_ms(&s), chunk.due_ms);
}
