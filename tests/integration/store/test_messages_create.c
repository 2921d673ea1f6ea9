#include "tests/support/store.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct store s;

static void open_store(void)
{
    store_open(&s);
}

static void close_store(void)
{
    store_close(&s);
}

TestSuite(messages_create, .init = open_store, .fini = close_store);

Test(messages_create, a_single_send_is_queued)
{
    struct chunk chunk;
    const struct chunk *const list[] = {&chunk};
    struct seen seen;
    store_chunk(&chunk, &s, 1);
    chunk.ref = STR("order-1");
    store_create(&s, &chunk);
    store_see(&s, chunk.send, &seen);
    cr_assert(seen.found);
    cr_expect_eq(seen.line.status, STATUS_QUEUED);
    cr_expect_eq(seen.line.attempt, 0);
    cr_expect_eq(seen.line.flags, 0);
    cr_expect_eq(seen.line.parts, chunk.parts);
    cr_expect_eq(seen.line.error, ERROR_NONE);
    cr_expect_eq(seen.line.sent_at_ms, 0);
    cr_expect_eq(seen.line.final_at_ms, 0);
    cr_expect_eq(seen.line.day, store_day(&chunk));
    cr_expect_str_eq(seen.digits, chunk.to[0].digits);
    cr_expect_str_eq(seen.body, "a body");
    cr_expect_str_eq(seen.ref, "order-1");
    cr_expect_eq(seen.at_ms, chunk.at_ms);
    cr_expect_eq(seen.until_ms, chunk.until_ms);
    cr_expect_eq(store_count(&s, store_day(&chunk), 'Q'), 1);
    store_audit(&s, list, 1);
}

Test(messages_create, a_send_of_many_has_a_line_for_each)
{
    struct chunk chunk;
    const struct chunk *const list[] = {&chunk};
    struct seen seen;
    store_chunk(&chunk, &s, CHUNK_MAX);
    store_create(&s, &chunk);
    for (size_t i = 0; i < CHUNK_MAX; i += 33) {
        store_see(&s, chunk_message(&chunk, i), &seen);
        cr_assert(seen.found, "%zu", i);
        cr_expect_eq(seen.line.status, STATUS_QUEUED);
        cr_expect_str_eq(seen.digits, chunk.to[i].digits);
        cr_expect_str_eq(seen.body, "a body");
    }
    cr_expect_eq(store_count(&s, store_day(&chunk), 'Q'), CHUNK_MAX);
    store_audit(&s, list, 1);
}

Test(messages_create, a_personal_one_keeps_each_text_and_fails_who_cant_be_sent_to)
{
    struct chunk chunk;
    struct chunk_item items[2] = {0};
    const struct chunk *const list[] = {&chunk};
    struct seen seen;
    store_chunk(&chunk, &s, 2);
    cr_assert_eq(chunk_item_make(&items[0], STR("Hello \"K\xc3\xa5re\"\n")), ERR_OK);
    items[1] = (struct chunk_item){.parts = 1, .error = ERROR_VARIABLE};
    chunk.items = items;
    store_create(&s, &chunk);
    store_see(&s, chunk_message(&chunk, 0), &seen);
    cr_assert(seen.found);
    cr_expect_eq(seen.line.status, STATUS_QUEUED);
    cr_expect_str_eq(seen.body, "Hello \"K\xc3\xa5re\"\n");
    store_see(&s, chunk_message(&chunk, 1), &seen);
    cr_assert(seen.found);
    cr_expect_eq(seen.line.status, STATUS_FAILED);
    cr_expect_eq(seen.line.error, ERROR_VARIABLE);
    cr_expect_gt(seen.line.final_at_ms, 0);
    struct claim claim = {.chunk = &chunk, .number = 1, .first = 0, .count = 2};
    store_claim(&s, &claim, 1000, 1000);
    cr_expect_not(claim.differs);
    cr_expect_eq(claim.answers[0], 1);
    cr_expect_eq(claim.answers[1], CLAIM_NOTHING);
    store_audit(&s, list, 1);
}

Test(messages_create, again_changes_nothing)
{
    static const size_t sizes[] = {1, 3};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct chunk chunk;
        struct seen seen;
        int64_t before = store_count(&s, store_now_ms(&s) / 86400000, 'Q');
        store_chunk(&chunk, &s, sizes[i]);
        store_create(&s, &chunk);
        struct claim claim = {.chunk = &chunk, .number = 7, .count = 1};
        store_claim(&s, &claim, 60000, 60000);
        cr_assert_eq(claim.answers[0], 1);
        store_create(&s, &chunk);
        store_see(&s, chunk_message(&chunk, 0), &seen);
        cr_expect_eq(seen.line.status, STATUS_SENDING, "%zu: created anew", sizes[i]);
        cr_expect_eq(store_count(&s, store_day(&chunk), 'Q'), before + (int64_t)sizes[i] - 1);
        cr_expect_eq(store_count(&s, store_day(&chunk), 'S'), (int64_t)i + 1);
    }
}

Test(messages_create, many_chunks_in_one_call)
{
    struct chunk chunks[MESSAGES_BATCH];
    const struct chunk *list[MESSAGES_BATCH];
    for (size_t i = 0; i < MESSAGES_BATCH; i++) {
        store_chunk(&chunks[i], &s, i % 3 + 1);
        list[i] = &chunks[i];
    }
    store_create_all(&s, list, MESSAGES_BATCH);
    store_audit(&s, list, MESSAGES_BATCH);
}

Test(messages_create, two_chunks_of_one_send_are_counted_together)
{
    struct chunk first, second;
    struct seen seen;
    char key[ID_KEY_SIZE];
    store_chunk(&first, &s, CHUNK_MAX);
    second = first;
    second.number = 1;
    second.to_count = 5;
    store_create(&s, &second);
    store_create(&s, &first);
    store_see(&s, chunk_message(&second, 4), &seen);
    cr_expect(seen.found);
    id_key(key, first.send);
    cr_expect_eq(store_int(&s, "HGET s:{%s}:%s Q", s.account, key), CHUNK_MAX + 5);
    cr_expect_eq(store_count(&s, store_day(&first), 'Q'), CHUNK_MAX + 5);
}
