#include "tests/support/store.h"

#include "common/store/erase.h"
#include "tests/support/drive.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { WAIT_MS = 20000, LEASE_MS = 60000 };

static const char NOBODY[] = "999999999999999";

static struct store s;

static struct {
    bool come;
    enum err err;
    struct erase_step step;
} got;

static void open_store(void)
{
    store_open(&s);
}

static void close_store(void)
{
    store_close(&s);
}

TestSuite(erase, .init = open_store, .fini = close_store);

static bool has_come(void *arg)
{
    (void)arg;
    return got.come;
}

static void await(enum err asked)
{
    cr_assert_eq(asked, ERR_OK);
    cr_assert(drive_until(s.loop, has_come, NULL, WAIT_MS));
    cr_assert_eq(got.err, ERR_OK);
    got.come = false;
}

static void on_begun(void *arg, enum err err)
{
    (void)arg;
    got.come = true;
    got.err = err;
}

static void on_step(void *arg, enum err err, struct erase_step step)
{
    on_begun(arg, err);
    got.step = step;
}

static struct phone phone(const char *digits)
{
    struct phone p = {0};
    (void)snprintf(p.digits, sizeof(p.digits), "%s", digits);
    return p;
}

static void begin(const char *digits)
{
    await(erase_begin(s.redis, s.account, phone(digits), on_begun, NULL));
}

/* All steps; got.step has the sums. Returns how many it took. */
static unsigned erase(const char *digits)
{
    struct erase_step sum = {0};
    unsigned steps = 0;
    do {
        await(erase_step(s.redis, s.account, phone(digits), sum.next, on_step, NULL));
        sum.next = got.step.next;
        sum.erased += got.step.erased;
        sum.withheld += got.step.withheld;
        steps++;
    } while (sum.next >= 0);
    got.step = sum;
    return steps;
}

static struct line see(const struct chunk *chunk, size_t i)
{
    static struct seen seen;
    store_see(&s, chunk_message(chunk, i), &seen);
    cr_assert(seen.found);
    return seen.line;
}

static void expect_erased(const struct chunk *chunk, size_t i, enum status status)
{
    struct line line = see(chunk, i);
    cr_expect_eq(line.status, status, "%s", status_name(line.status));
    cr_expect(line.flags & LINE_ERASED);
    cr_expect(str_eq(line.digits, str_of(NOBODY)));
}

static void expect_whole(const struct chunk *chunk, size_t i, enum status status)
{
    struct line line = see(chunk, i);
    cr_expect_eq(line.status, status, "%s", status_name(line.status));
    cr_expect_eq(line.flags & LINE_ERASED, 0);
    cr_expect(str_eq(line.digits, str_of(chunk->to[i].digits)));
}

/* The answers of a claim of all of the chunk. */
static struct claim claim(const struct chunk *chunk, bool deduplicates, int64_t lease_ms)
{
    static uint32_t number;
    struct claim c = {
        .chunk = chunk, .number = ++number, .deduplicates = deduplicates, .count = chunk->to_count};
    store_claim(&s, &c, lease_ms, LEASE_MS);
    cr_assert_not(c.differs);
    return c;
}

static void record(const struct chunk *chunk, size_t i, const struct claim *c,
                   enum outcome_letter outcome)
{
    const struct record r = {.message = chunk_message(chunk, i),
                             .attempt = (unsigned)c->answers[i],
                             .claim = c->number,
                             .outcome = outcome};
    cr_assert_eq(store_record(&s, &r), WRITTEN_CHANGED);
}

Test(erase, a_message_that_was_sent_loses_number_and_text)
{
    struct chunk chunk;
    const struct chunk *all[] = {&chunk};
    struct seen seen;
    store_chunk(&chunk, &s, 1);
    store_create(&s, &chunk);
    struct claim c = claim(&chunk, false, LEASE_MS);
    record(&chunk, 0, &c, OUTCOME_ACCEPTED);
    (void)erase(chunk.to[0].digits);
    cr_expect_eq(got.step.erased, 1);
    cr_expect_eq(got.step.withheld, 0);
    expect_erased(&chunk, 0, STATUS_SENT);
    store_see(&s, chunk.send, &seen);
    cr_expect_str_eq(seen.body, "");
    cr_expect_eq(seen.at_ms, chunk.at_ms);
    cr_expect_eq(seen.until_ms, chunk.until_ms);
    store_audit(&s, all, 1);
    (void)erase(chunk.to[0].digits);
    cr_expect_eq(got.step.erased, 0, "again");
}

Test(erase, a_message_that_waits_is_withheld)
{
    struct chunk chunk;
    const struct chunk *all[] = {&chunk};
    store_chunk(&chunk, &s, 1);
    store_create(&s, &chunk);
    (void)erase(chunk.to[0].digits);
    cr_expect_eq(got.step.withheld, 1);
    expect_erased(&chunk, 0, STATUS_CANCELLED);
    cr_expect_eq(claim(&chunk, true, LEASE_MS).answers[0], CLAIM_NOTHING);
    store_audit(&s, all, 1);
}

Test(erase, of_many_only_the_one_with_the_number)
{
    struct chunk chunk;
    const struct chunk *all[] = {&chunk};
    store_chunk(&chunk, &s, 3);
    store_create(&s, &chunk);
    (void)erase(chunk.to[1].digits);
    cr_expect_eq(got.step.erased, 1);
    expect_whole(&chunk, 0, STATUS_QUEUED);
    expect_erased(&chunk, 1, STATUS_CANCELLED);
    expect_whole(&chunk, 2, STATUS_QUEUED);
    struct claim c = claim(&chunk, false, LEASE_MS);
    cr_expect_eq(c.answers[0], 1);
    cr_expect_eq(c.answers[1], CLAIM_NOTHING);
    cr_expect_eq(c.answers[2], 1);
    store_audit(&s, all, 1);
}

Test(erase, a_number_with_the_same_end_stays)
{
    struct chunk chunk;
    store_chunk(&chunk, &s, 3);
    memcpy(chunk.to[0].digits, "4790000001", 11);
    memcpy(chunk.to[1].digits, "4690000001", 11); /* the index tells them apart by nothing */
    memcpy(chunk.to[2].digits, "4790010001", 11);
    store_create(&s, &chunk);
    (void)erase("4790000001");
    cr_expect_eq(got.step.erased, 1);
    expect_erased(&chunk, 0, STATUS_CANCELLED);
    expect_whole(&chunk, 1, STATUS_QUEUED);
    expect_whole(&chunk, 2, STATUS_QUEUED);
}

Test(erase, a_message_under_way_ends_and_is_not_tried_again)
{
    struct chunk chunk;
    const struct chunk *all[] = {&chunk};
    store_chunk(&chunk, &s, 2);
    store_create(&s, &chunk);
    struct claim c = claim(&chunk, false, LEASE_MS);
    (void)erase(chunk.to[0].digits);
    (void)erase(chunk.to[1].digits);
    cr_expect_eq(got.step.withheld, 0);
    expect_erased(&chunk, 0, STATUS_SENDING);
    cr_expect_lt(claim(&chunk, true, LEASE_MS).answers[0], 0, "somebody has it");
    record(&chunk, 0, &c, OUTCOME_ACCEPTED);
    expect_erased(&chunk, 0, STATUS_SENT);
    record(&chunk, 1, &c, OUTCOME_NOT_SENT);
    expect_erased(&chunk, 1, STATUS_QUEUED);
    cr_expect_eq(claim(&chunk, false, LEASE_MS).answers[1], CLAIM_NOTHING);
    expect_erased(&chunk, 1, STATUS_CANCELLED);
    const struct report report = {
        .message = chunk_message(&chunk, 0), .attempt = 1, .state = REPORT_DELIVERED};
    cr_expect_eq(store_report(&s, &report), WRITTEN_CHANGED);
    expect_erased(&chunk, 0, STATUS_DELIVERED);
    store_audit(&s, all, 1);
}

Test(erase, a_lease_that_ran_out_is_not_given_again)
{
    struct chunk chunk;
    store_chunk(&chunk, &s, 1);
    store_create(&s, &chunk);
    (void)claim(&chunk, true, 1);
    (void)erase(chunk.to[0].digits);
    drive_for(s.loop, 10);
    cr_expect_eq(claim(&chunk, true, LEASE_MS).answers[0], CLAIM_NOTHING);
    expect_erased(&chunk, 0, STATUS_FAILED);
    cr_expect_eq(see(&chunk, 0).error, ERROR_OUTCOME);
}

Test(erase, what_was_accepted_before_is_not_brought_back)
{
    struct chunk before, many, later;
    const struct chunk *all[] = {&before, &many, &later};
    struct seen seen;
    store_chunk(&before, &s, 1);
    store_chunk(&many, &s, 2);
    begin(before.to[0].digits);
    drive_for(s.loop, 5);
    store_chunk(&later, &s, 1);
    store_create(&s, &before);
    expect_erased(&before, 0, STATUS_CANCELLED);
    store_see(&s, before.send, &seen);
    cr_expect_str_eq(seen.body, "");
    cr_expect_eq(claim(&many, false, LEASE_MS).answers[0], CLAIM_NOTHING, "made by the claim");
    expect_erased(&many, 0, STATUS_CANCELLED);
    expect_whole(&many, 1, STATUS_SENDING);
    cr_expect_eq(claim(&later, false, LEASE_MS).answers[0], 1, "consent may be given anew");
    expect_whole(&later, 0, STATUS_SENDING);
    store_audit(&s, all, 3);
    char digits[STORE_TEXT_SIZE];
    cr_expect_eq(store_int(&s, "ZCARD erased:{%s}", s.account), 1);
    store_text(&s, digits, "GET erased_salt:{%s}", s.account);
    cr_expect_eq(strlen(digits), 32);
}

Test(erase, personal_texts_go_too)
{
    struct chunk chunk;
    struct chunk_item items[2];
    store_chunk(&chunk, &s, 2);
    cr_assert_eq(chunk_item_make(&items[0], STR("Hello Kari")), ERR_OK);
    cr_assert_eq(chunk_item_make(&items[1], STR("Hello Ola")), ERR_OK);
    chunk.items = items;
    store_create(&s, &chunk);
    char key[ID_KEY_SIZE];
    id_key(key, chunk.send);
    cr_assert_eq(store_int(&s, "HLEN t:{%s}:%s:0", s.account, key), 2);
    (void)erase(chunk.to[0].digits);
    cr_expect_eq(store_int(&s, "HEXISTS t:{%s}:%s:0 1", s.account, key), 0);
    cr_expect_eq(store_int(&s, "HEXISTS t:{%s}:%s:0 2", s.account, key), 1);
    expect_erased(&chunk, 0, STATUS_CANCELLED);
    expect_whole(&chunk, 1, STATUS_QUEUED);
}

Test(erase, many_messages_go_step_by_step)
{
    enum { COUNT = 250 };
    static struct chunk chunks[COUNT];
    const struct chunk *all[MESSAGES_BATCH];
    for (size_t i = 0; i < COUNT; i++)
        store_chunk(&chunks[i], &s, 1);
    for (size_t at = 0; at < COUNT; at += MESSAGES_BATCH) {
        size_t n = COUNT - at < MESSAGES_BATCH ? COUNT - at : MESSAGES_BATCH;
        for (size_t i = 0; i < n; i++)
            all[i] = &chunks[at + i];
        store_create_all(&s, all, n);
    }
    cr_expect_eq(erase(chunks[0].to[0].digits), 3);
    cr_expect_eq(got.step.erased, COUNT);
    cr_expect_eq(got.step.withheld, COUNT);
    expect_erased(&chunks[COUNT - 1], 0, STATUS_CANCELLED);
}

Test(erase, it_finds_messages_wherever_their_index_has_them)
{
    enum { OTHERS = 2100, OWN = 130, BATCH = 50 };
    static struct chunk chunks[OTHERS + 2 * OWN];
    const struct chunk *list[BATCH];
    for (size_t i = 0; i < OTHERS + 2 * OWN; i++) { /* ours are the first and the last */
        bool own = i < OWN || i >= OTHERS + OWN;
        if (i == 0)
            store_chunk(&chunks[0], &s, 1);
        chunks[i] = chunks[0];
        chunks[i].send.b[11] = (uint8_t)(i >> 8);
        chunks[i].send.b[12] = (uint8_t)i;
        (void)snprintf(chunks[i].to[0].digits, sizeof(chunks[i].to[0].digits), "%s%04zu",
                       own ? "479876" : "471234", own ? 5432 : i);
    }
    for (size_t i = 0; i < OTHERS + 2 * OWN; i += BATCH) {
        size_t count = 0;
        for (; count < BATCH && i + count < OTHERS + 2 * OWN; count++)
            list[count] = &chunks[i + count];
        store_create_all(&s, list, count);
    }
    cr_assert_eq(store_int(&s, "EXISTS to:{%s}:108", s.account), 1, "some are in their bucket");
    cr_assert_eq(store_int(&s, "EXISTS to:{%s}", s.account), 1, "some are not");
    begin("4798765432");
    (void)erase("4798765432");
    cr_expect_eq(got.step.erased, (int64_t)2 * OWN, "%lld", (long long)got.step.erased);
    expect_erased(&chunks[0], 0, STATUS_CANCELLED);
    expect_erased(&chunks[OTHERS + 2 * OWN - 1], 0, STATUS_CANCELLED);
    expect_whole(&chunks[OWN], 0, STATUS_QUEUED);
    (void)erase("4798765432");
    cr_expect_eq(got.step.erased, 0);
}
