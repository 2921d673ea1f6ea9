/*
 * The list, compared with what each message says of itself: sends of one and of many made in any order, at any time of
 * some days, and moved through all statuses.
 */
#include "common/io/crypto.h"
#include "common/store/messages_list.h"
#include "tests/support/drive.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    WAIT_MS = 20000,
    DAY_MS = 86400000,
    HOUR_MS = 3600000,
    NUMBERS = 40, /* different recipients of singles */
    REFS = 5,
    MOST = 8192 /* messages of a test */
};

static struct store s;
static uint64_t seed, dice;

/* xorshift64 */
static unsigned roll(unsigned sides)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return (unsigned)(dice >> 33) % sides;
}

static void begin(void)
{
    const char *given = getenv("SMS_TEST_SEED"); /* NOLINT(concurrency-mt-unsafe): nobody sets it */
    unsigned long long value = 0;
    if (given == NULL || !str_to_uint(str_of(given), UINT32_MAX, &value))
        value = crypto_random_u32();
    seed = value;
    dice = seed * 2654435761u + 1;
    store_open(&s);
}

/* --- what there is --- */

/* A message as it says itself, by messages_get. */
struct truth {
    struct id id;
    enum status status;
    enum error error;
    int64_t at_ms;
    char digits[PHONE_MAX_DIGITS + 1], ref[16], body[16];
    struct str from;
};

static struct truth truths[MOST];
static size_t truth_count;

static int newest_first(const void *a, const void *b)
{
    const struct truth *one = a, *other = b;
    return memcmp(other->id.b, one->id.b, sizeof(one->id.b));
}

static void look(const struct chunk *chunks, size_t count)
{
    truth_count = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < chunks[i].to_count; k++) {
            struct truth *t = &truths[truth_count++];
            struct seen seen;
            cr_assert_leq(truth_count, MOST);
            *t = (struct truth){.id = chunk_message(&chunks[i], k)};
            store_see(&s, t->id, &seen);
            cr_assert(seen.found);
            t->status = seen.line.status;
            t->error = seen.line.error;
            t->at_ms = seen.at_ms;
            (void)snprintf(t->digits, sizeof(t->digits), "%.15s", seen.digits);
            (void)snprintf(t->ref, sizeof(t->ref), "%.15s", seen.ref);
            (void)snprintf(t->body, sizeof(t->body), "%.15s", seen.body);
            t->from = chunks[i].from;
        }
    }
    qsort(truths, truth_count, sizeof(truths[0]), newest_first);
}

static bool passes(const struct list_query *query, const struct truth *t)
{
    if (query->statuses != 0 && (query->statuses & LIST_STATUS(t->status)) == 0)
        return false;
    if (query->error != ERROR_NONE && t->error != query->error)
        return false;
    if (query->to.n > 0 && !str_eq(query->to, str_of(t->digits)))
        return false;
    if (query->ref.p != NULL && !str_eq(query->ref, str_of(t->ref)))
        return false;
    if (query->from.n > 0 && !str_eq(query->from, t->from))
        return false;
    if (query->of_send && !id_eq(query->send, id_send(t->id)))
        return false;
    return (query->after_ms == 0 || t->at_ms >= query->after_ms) &&
           (query->before_ms == 0 || t->at_ms < query->before_ms);
}

/* --- what is listed --- */

struct page {
    bool come;
    size_t count;
    struct id ids[LIST_MOST];
    char bodies[LIST_MOST][16];
    struct listed listed; /* without the messages */
};

static void on_listed(void *arg, enum err err, const struct listed *listed)
{
    struct page *page = arg;
    cr_assert_eq(err, ERR_OK);
    page->come = true;
    page->count = listed->count;
    page->listed = *listed;
    for (size_t i = 0; i < listed->count; i++) {
        const struct message *m = &listed->messages[i];
        page->ids[i] = m->id;
        (void)snprintf(page->bodies[i], sizeof(page->bodies[i]), "%.*s", (int)m->body.n, m->body.p);
        cr_assert_eq(m->at_ms, id_at_ms(m->id));
    }
}

static bool has_come(void *arg)
{
    return ((struct page *)arg)->come;
}

static void ask(struct page *page, const struct list_ask *ask)
{
    *page = (struct page){.come = false};
    cr_assert_eq(messages_list(s.redis, s.account, ask, on_listed, page), ERR_OK);
    cr_assert(drive_until(s.loop, has_come, page, WAIT_MS));
}

/* The query, and the dice that lead to it. */
static const char *words(const struct list_query *q)
{
    static char text[300];
    (void)snprintf(text, sizeof(text),
                   "seed %llu: statuses %02x, error %d, to %.*s, ref %.*s, from %.*s, of a send "
                   "%d, after %lld, "
                   "before %lld",
                   (unsigned long long)seed, q->statuses, q->error, (int)q->to.n, q->to.p,
                   (int)q->ref.n, q->ref.p, (int)q->from.n, q->from.p, q->of_send,
                   (long long)q->after_ms, (long long)q->before_ms);
    return text;
}

/* Walks all that the query asks for, in pages of `limit` behind the first `skip`. */
static void check_walk(const struct list_query *query, uint64_t skip, unsigned limit)
{
    static struct page page;
    struct list_place place = {.set = false};
    struct list_ask question = {query, NULL, skip, limit, true};
    uint64_t expected = 0, at = 0;
    int64_t total = -1;
    size_t next = 0;
    for (size_t i = 0; i < truth_count; i++)
        expected += passes(query, &truths[i]);
    do {
        ask(&page, &question);
        if (question.place == NULL)
            total = page.listed.total;
        for (; at < skip - page.listed.skip; next++) {
            cr_assert_lt(next, truth_count, "more is skipped than there is (%s)", words(query));
            at += passes(query, &truths[next]);
        }
        for (size_t i = 0; i < page.count; i++, next++) {
            while (next < truth_count && !passes(query, &truths[next]))
                next++;
            cr_assert_lt(next, truth_count, "more than there is (%s)", words(query));
            cr_assert_str_eq(page.bodies[i], truths[next].body);
            cr_assert(id_eq(page.ids[i], truths[next].id), "row %llu is another (%s)",
                      (unsigned long long)at, words(query));
            at++;
        }
        place = page.listed.next;
        question = (struct list_ask){query, &place, page.listed.skip, limit, false};
    } while (!page.listed.done);
    cr_assert_eq(at + page.listed.skip, expected > skip ? expected : skip,
                 "%llu listed, %llu there (%s)", (unsigned long long)at,
                 (unsigned long long)expected, words(query));
    cr_assert(total < 0 || (uint64_t)total == expected, "a total of %lld, not %llu (%s)",
              (long long)total, (unsigned long long)expected, words(query));
}

/* Counting is skipping. */
static void check_count(const struct list_query *query)
{
    static struct page page;
    struct list_place place = {.set = false};
    struct list_ask question = {query, NULL, MOST, 0, false};
    uint64_t expected = 0;
    for (size_t i = 0; i < truth_count; i++)
        expected += passes(query, &truths[i]);
    do {
        ask(&page, &question);
        place = page.listed.next;
        question = (struct list_ask){query, &place, page.listed.skip, 0, false};
    } while (!page.listed.done);
    cr_assert_eq(MOST - page.listed.skip, expected, "counted %llu, not %llu (%s)",
                 (unsigned long long)(MOST - page.listed.skip), (unsigned long long)expected,
                 words(query));
}

static void check(const struct list_query *query)
{
    check_walk(query, 0, 1 + roll(20));
    check_walk(query, 0, LIST_MOST);
    check_walk(query, 1 + roll((unsigned)truth_count + 50), 1 + roll(100));
    check_count(query);
}

/* Any filters, together. */
static void check_any(void)
{
    static char ref[16];
    static const enum error errors[] = {ERROR_REJECTED, ERROR_OUTCOME, ERROR_ABSENT, ERROR_EXPIRED};
    const struct truth *some = &truths[roll((unsigned)truth_count)];
    const struct truth *other = &truths[roll((unsigned)truth_count)];
    struct list_query query = {.statuses = 0};
    if (roll(3) == 0)
        query.statuses = roll(2) == 0 ? LIST_STATUS(some->status) : 1 + roll(LIST_ANY_STATUS);
    if (roll(6) == 0)
        query.error = roll(2) == 0 ? some->error : errors[roll(4)];
    if (roll(4) == 0)
        query.to = str_of(some->digits);
    if (roll(4) == 0) {
        (void)snprintf(ref, sizeof(ref), "%s", some->ref[0] != '\0' ? some->ref : "none such");
        query.ref = str_of(ref);
    }
    if (roll(4) == 0)
        query.from = some->from.n > 0 ? some->from : STR("Nobody");
    if (roll(8) == 0) {
        query.of_send = true;
        query.send = id_send(some->id);
    }
    if (roll(4) == 0)
        query.before_ms = some->at_ms + (int64_t)roll(2);
    if (roll(4) == 0)
        query.after_ms = other->at_ms + (int64_t)roll(2);
    check(&query);
}

/* --- making and moving --- */

/* What some sends have for each recipient; one has nothing, and fails. */
static struct chunk_item *items(void)
{
    static struct chunk_item all[CHUNK_MAX];
    static char texts[CHUNK_MAX][16];
    for (size_t i = 0; i < CHUNK_MAX; i++) {
        (void)snprintf(texts[i], sizeof(texts[i]), "Text of %u", (unsigned)i);
        all[i] = (struct chunk_item){.body = str_of(texts[i]), .parts = 1};
    }
    all[1] = (struct chunk_item){.parts = 1, .error = ERROR_OPTED_OUT};
    return all;
}

static void make_chunk(struct chunk *chunk, size_t to_count)
{
    static const char refs[REFS][8] = {"", "a", "order-1", "x/y", "ref"};
    store_chunk(chunk, &s, to_count);
    chunk->single = to_count == 1 && roll(4) != 0;
    uint8_t random[ID_RANDOM_SIZE];
    crypto_random(random, sizeof(random));
    chunk->at_ms -= roll(3) == 0 ? roll(3 * DAY_MS) : roll(2000);
    chunk->send = id_send(id_new(chunk->at_ms, random));
    unsigned ref = roll(REFS);
    if (ref > 0)
        chunk->ref = (struct str){refs[ref], strlen(refs[ref])};
    if (roll(3) > 0)
        chunk->from = roll(2) == 0 ? STR("MyBrand") : STR("4799999999");
    if (to_count == 1)
        (void)snprintf(chunk->to[0].digits, sizeof(chunk->to[0].digits), "47900%06u",
                       roll(NUMBERS) * 10007 % 1000000);
    if (roll(6) == 0)
        chunk->due_ms = chunk->at_ms + 7 * (int64_t)DAY_MS;
}

/* Further chunks of a send: all are full but the last. Returns how many chunks it has. */
static size_t make_send(struct chunk *chunks, size_t room)
{
    size_t count = roll(3) == 0 ? 2 + roll(2) : 1;
    count = count < room ? count : room;
    make_chunk(&chunks[0], count > 1 ? CHUNK_MAX : roll(4) == 0 ? 2 + roll(20) : 1);
    if (!chunks[0].single && roll(3) == 0)
        chunks[0].items = items();
    for (size_t i = 1; i < count; i++) {
        chunks[i] = chunks[0];
        chunks[i].number = (uint32_t)i;
        chunks[i].to_count = i + 1 < count ? CHUNK_MAX : 1 + roll(CHUNK_MAX);
    }
    return count;
}

static void shuffle(const struct chunk **list, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t k = roll((unsigned)i);
        const struct chunk *swapped = list[i - 1];
        list[i - 1] = list[k];
        list[k] = swapped;
    }
}

static void create_in_any_order(const struct chunk *chunks, size_t count)
{
    static const struct chunk *list[MOST];
    cr_assert_leq(count, MOST);
    for (size_t i = 0; i < count; i++)
        list[i] = &chunks[i];
    shuffle(list, count);
    for (size_t i = 0; i < count;) {
        size_t n = 1 + roll(MESSAGES_BATCH);
        n = n < count - i ? n : count - i;
        store_create_all(&s, list + i, n);
        i += n;
    }
}

static void move_message(const struct chunk *chunk, size_t i, uint32_t claim_number)
{
    static const enum outcome_letter letters[] = {OUTCOME_ACCEPTED, OUTCOME_ACCEPTED,
                                                  OUTCOME_ACCEPTED, OUTCOME_REJECTED,
                                                  OUTCOME_NOT_SENT, OUTCOME_UNKNOWN};
    struct chunk now = *chunk;
    now.due_ms = 0;
    now.until_ms = now.at_ms + 10 * (int64_t)DAY_MS;
    struct claim claim = {.chunk = &now, .number = claim_number, .first = i, .count = 1};
    store_claim(&s, &claim, HOUR_MS, HOUR_MS);
    if (claim.answers[0] < 1 || roll(4) == 0)
        return;
    struct record record = {.message = chunk_message(chunk, i),
                            .attempt = (unsigned)claim.answers[0],
                            .claim = claim_number,
                            .outcome = letters[roll(6)],
                            .error = ERROR_REJECTED,
                            .wait_ms = HOUR_MS};
    (void)store_record(&s, &record);
    if (roll(3) == 0)
        return;
    const struct report report = {.message = record.message,
                                  .attempt = record.attempt,
                                  .state = roll(4) > 0 ? REPORT_DELIVERED : REPORT_FAILED,
                                  .error = ERROR_ABSENT};
    (void)store_report(&s, &report);
}

static void move_some(const struct chunk *chunks, size_t count, unsigned moves)
{
    for (unsigned i = 0; i < moves; i++) {
        const struct chunk *chunk = &chunks[roll((unsigned)count)];
        move_message(chunk, roll((unsigned)chunk->to_count), i + 1);
    }
}

/* --- the tests --- */

enum { CHUNKS = 120, CHECKS = 90 };

Test(messages_list, answers_every_question_as_the_messages_do)
{
    static struct chunk chunks[CHUNKS];
    size_t count = 0;
    begin();
    while (count < CHUNKS)
        count += make_send(&chunks[count], CHUNKS - count);
    create_in_any_order(chunks, CHUNKS);
    look(chunks, CHUNKS);
    check(&(struct list_query){.statuses = 0});
    for (unsigned round = 0; round < 3; round++) {
        move_some(chunks, CHUNKS, 300);
        look(chunks, CHUNKS);
        check(&(struct list_query){.statuses = 0});
        for (unsigned status = 0; status < STATUS_COUNT; status++)
            check(&(struct list_query){.statuses = LIST_STATUS(status)});
        for (unsigned i = 0; i < CHECKS / 3; i++)
            check_any();
    }
    store_close(&s);
}

enum { SINGLES = 6500 }; /* several leaves */

Test(messages_list, keeps_its_order_over_many_sends_made_in_any_order)
{
    struct chunk *chunks = xalloc_array(SINGLES, sizeof(chunks[0]));
    begin();
    for (size_t i = 0; i < SINGLES; i++) {
        make_chunk(&chunks[i], 1);
        chunks[i].single = true;
        if (i % 3 > 0)
            chunks[i].at_ms += (int64_t)i;
        chunks[i].send = id_send(id_new(chunks[i].at_ms, chunks[i].send.b + 6));
    }
    for (size_t i = 0; i < SINGLES; i += SINGLES / 2) /* some are added later */
        create_in_any_order(chunks + i, SINGLES / 2);
    look(chunks, SINGLES);
    for (unsigned i = 0; i < 6; i++) {
        check_walk(&(struct list_query){.statuses = 0}, roll(SINGLES), LIST_MOST);
        check_walk(&(struct list_query){.before_ms = truths[roll(SINGLES)].at_ms + 1,
                                        .after_ms = truths[roll(SINGLES)].at_ms},
                   0, LIST_MOST);
    }
    check_any();
    check_any();
    xfree(chunks);
    store_close(&s);
}

Test(messages_list, is_empty_for_an_account_without_messages)
{
    begin();
    truth_count = 0;
    check_walk(&(struct list_query){.statuses = 0}, 0, 10);
    check_walk(&(struct list_query){.statuses = 0}, 7, 10);
    for (unsigned status = 0; status < STATUS_COUNT; status++)
        check_walk(&(struct list_query){.statuses = LIST_STATUS(status)}, 0, 10);
    check_walk(&(struct list_query){.to = STR("4799999999")}, 0, 10);
    check_walk(&(struct list_query){.ref = STR("x")}, 0, 10);
    check_walk(&(struct list_query){.from = STR("x")}, 0, 10);
    store_close(&s);
}
