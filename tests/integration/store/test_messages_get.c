#include "tests/support/store.h"

#include <criterion/criterion.h>

enum { HOUR_MS = 3600000 };

static struct store s;

static void open_store(void)
{
    store_open(&s);
}

static void close_store(void)
{
    store_close(&s);
}

TestSuite(messages_get, .init = open_store, .fini = close_store);

static bool found(struct id id)
{
    struct seen seen;
    store_see(&s, id, &seen);
    return seen.found;
}

Test(messages_get, what_is_not_there)
{
    struct chunk single, many;
    store_chunk(&single, &s, 1);
    store_chunk(&many, &s, 2);
    cr_expect(!found(single.send));
    store_create(&s, &single);
    store_create(&s, &many);
    cr_expect(found(single.send));
    cr_expect(!found(id_with_number(single.send, 1)), "a single send has no message 1");
    cr_expect(!found(id_with_number(many.send, 3)), "two were created");
    cr_expect(!found(id_with_number(many.send, ID_MAX_NUMBER)));
}

Test(messages_get, an_id_of_another_account)
{
    struct chunk chunk;
    struct store other;
    store_chunk(&chunk, &s, 2);
    store_create(&s, &chunk);
    store_open(&other);
    struct seen seen;
    store_see(&other, chunk_message(&chunk, 0), &seen);
    cr_expect(!seen.found);
    store_see(&other, chunk.send, &seen);
    cr_expect(!seen.found);
    store_close(&other);
}

Test(messages_get, one_of_many)
{
    struct chunk chunk;
    struct seen seen;
    store_chunk(&chunk, &s, 3);
    chunk.ref = STR("");
    chunk.body = STR("\"quoted\"\n\xf0\x9f\x90\xb3|bar");
    store_create(&s, &chunk);
    store_see(&s, chunk_message(&chunk, 1), &seen);
    cr_assert(seen.found);
    cr_expect_str_eq(seen.digits, chunk.to[1].digits);
    cr_expect_str_eq(seen.body, "\"quoted\"\n\xf0\x9f\x90\xb3|bar");
    cr_expect_eq(seen.at_ms, chunk.at_ms);
    cr_expect_eq(seen.until_ms, chunk.until_ms);
}

Test(messages_get, a_single_keeps_any_text_and_any_state)
{
    struct chunk chunk;
    struct seen seen;
    store_chunk(&chunk, &s, 1);
    chunk.body = STR("\"quoted\"\n\xf0\x9f\x90\xb3|bar");
    chunk.ref = STR("a|b");
    store_create(&s, &chunk);
    /* '|' is 0x7c: a claim of these bytes must not be taken for the line's end */
    struct claim claim = {.chunk = &chunk, .number = 0x7c7c7c7c, .count = 1};
    store_claim(&s, &claim, HOUR_MS, HOUR_MS);
    store_see(&s, chunk.send, &seen);
    cr_assert(seen.found);
    cr_expect_eq(seen.line.claim, 0x7c7c7c7cu);
    cr_expect_str_eq(seen.digits, chunk.to[0].digits);
    cr_expect_str_eq(seen.body, "\"quoted\"\n\xf0\x9f\x90\xb3|bar");
    cr_expect_str_eq(seen.ref, "a|b");
}

/* --- a whole send --- */

static void move_to(const struct chunk *chunk, size_t i, enum status status)
{
    struct claim claim = {.chunk = chunk, .number = 7, .first = i, .count = 1};
    struct record record = {.message = chunk_message(chunk, i),
                            .attempt = 1,
                            .claim = 7,
                            .outcome =
                                status == STATUS_FAILED ? OUTCOME_REJECTED : OUTCOME_ACCEPTED,
                            .error = ERROR_REJECTED};
    struct report report = {.message = record.message, .attempt = 1, .state = REPORT_DELIVERED};
    if (status == STATUS_QUEUED)
        return;
    store_claim(&s, &claim, HOUR_MS, HOUR_MS);
    if (status != STATUS_SENDING)
        cr_assert_eq(store_record(&s, &record), WRITTEN_CHANGED);
    if (status == STATUS_DELIVERED)
        cr_assert_eq(store_report(&s, &report), WRITTEN_CHANGED);
}

Test(messages_get, a_send_of_many_is_its_least_advanced_message)
{
    static const struct {
        const char *name;
        enum status statuses[3], want;
    } cases[] = {
        {"new", {STATUS_QUEUED, STATUS_QUEUED, STATUS_QUEUED}, STATUS_QUEUED},
        {"one waits", {STATUS_DELIVERED, STATUS_QUEUED, STATUS_SENDING}, STATUS_QUEUED},
        {"one is sent", {STATUS_SENDING, STATUS_DELIVERED, STATUS_FAILED}, STATUS_SENDING},
        {"one is under way", {STATUS_DELIVERED, STATUS_SENT, STATUS_FAILED}, STATUS_SENT},
        {"one arrived", {STATUS_FAILED, STATUS_DELIVERED, STATUS_FAILED}, STATUS_DELIVERED},
        {"none arrived", {STATUS_FAILED, STATUS_FAILED, STATUS_FAILED}, STATUS_FAILED},
    };
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        struct chunk chunk;
        struct seen seen;
        store_chunk(&chunk, &s, 3);
        chunk.ref = STR("order-1");
        store_create(&s, &chunk);
        for (size_t i = 0; i < 3; i++)
            move_to(&chunk, i, cases[c].statuses[i]);
        store_see(&s, chunk.send, &seen);
        cr_assert(seen.found, "%s", cases[c].name);
        cr_expect_eq(seen.line.status, cases[c].want, "%s: %s", cases[c].name,
                     status_name(seen.line.status));
        cr_expect_eq(seen.line.parts, 3 * chunk.parts, "%s", cases[c].name);
        cr_expect_str_eq(seen.digits, "");
        cr_expect_str_eq(seen.body, "a body");
        cr_expect_str_eq(seen.ref, "order-1");
    }
}
