/*
 * Cancelling a send of several chunks: at once it reads as cancelled, and its lines are swept later.
 */
#include "common/store/due.h"
#include "common/store/erase.h"
#include "common/store/messages_list.h"
#include "common/store/sweeps.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { HOUR_MS = 3600000, CHUNKS = 23, EACH = 3, ALL = CHUNKS * EACH };

static struct store s;
static struct chunk chunks[CHUNKS];
static bool answered;
static struct cancelled cancelled;
static struct {
    size_t count;
    int64_t total;
    bool ended;
    enum status statuses[LIST_MOST];
} got;

static void await(enum err called)
{
    store_await(&s, called, &answered);
}

static void open_send(void)
{
    const struct chunk *list[CHUNKS];
    store_open(&s);
    store_chunk(&chunks[0], &s, EACH);
    for (uint32_t i = 0; i < CHUNKS; i++) {
        chunks[i] = chunks[0];
        chunks[i].number = i;
        list[i] = &chunks[i];
    }
    store_create_all(&s, list, CHUNKS);
}

static void drop_due(void)
{
    for (int i = 0; i < STORE_SHARDS; i++) {
        char key[ID_KEY_SIZE];
        id_key(key, chunks[0].send);
        (void)store_int(&s, "ZREM due:{due:%d} sweep/%s/%s", i, s.account, key);
        (void)store_int(&s, "HDEL rec:{due:%d} sweep/%s/%s", i, s.account, key);
    }
}

static void close_send(void)
{
    drop_due();
    store_close(&s);
}

TestSuite(messages_cancel_many, .init = open_send, .fini = close_send);

static void on_cancelled(void *arg, enum err err, const struct cancelled *sum)
{
    (void)arg;
    cr_assert_eq(err, ERR_OK);
    cr_assert_not_null(sum);
    cancelled = *sum;
    answered = true;
}

static void cancel(struct id id)
{
    await(messages_cancel(s.redis, STORE_SHARDS, s.account, id, on_cancelled, NULL));
}

static int64_t send_count(char letter)
{
    char key[ID_KEY_SIZE];
    id_key(key, chunks[0].send);
    return store_int(&s, "HGET s:{%s}:%s %c", s.account, key, letter);
}

static void expect_counts(int64_t waiting, int64_t gone, int64_t under_way)
{
    static const char letters[] = {'Q', 'C', 'S'};
    const int64_t want[] = {waiting, gone, under_way};
    for (size_t i = 0; i < sizeof(letters); i++) {
        cr_expect_eq(send_count(letters[i]), want[i], "send: %c", letters[i]);
        cr_expect_eq(store_count(&s, store_day(&chunks[0]), letters[i]), want[i], "day: %c",
                     letters[i]);
        cr_expect_eq(store_int(&s, "HGET n:{%s} %c", s.account, letters[i]), want[i], "all: %c",
                     letters[i]);
    }
}

static struct claim claim(uint32_t chunk, size_t first, size_t count)
{
    static uint32_t number;
    struct claim c = {.chunk = &chunks[chunk], .number = ++number, .first = first, .count = count};
    store_claim(&s, &c, HOUR_MS, HOUR_MS);
    cr_assert_not(c.differs);
    return c;
}

static enum status status_of(uint32_t chunk, size_t i)
{
    struct seen seen;
    store_see(&s, chunk_message(&chunks[chunk], i), &seen);
    cr_assert(seen.found);
    if (seen.line.status == STATUS_CANCELLED)
        cr_expect_gt(seen.line.final_at_ms, 0);
    return seen.line.status;
}

static void on_listed(void *arg, enum err err, const struct listed *listed)
{
    (void)arg;
    cr_assert_eq(err, ERR_OK);
    cr_assert(listed->done);
    got.count = listed->count;
    got.total = listed->total;
    for (size_t i = 0; i < got.count; i++)
        got.statuses[i] = listed->messages[i].line.status;
    answered = true;
}

static void list(struct list_query query, enum status status, size_t want)
{
    query.statuses = LIST_STATUS(status);
    const struct list_ask ask = {.query = &query, .limit = LIST_MOST, .wants_total = true};
    await(messages_list(s.redis, s.account, &ask, on_listed, NULL));
    cr_expect_eq(got.count, want, "%s: %zu, not %zu", status_name(status), got.count, want);
    cr_expect(got.total == -1 || got.total == (int64_t)want, "%lld", (long long)got.total);
    for (size_t i = 0; i < got.count; i++)
        cr_expect_eq(got.statuses[i], status);
}

/* However they are asked for. */
static void expect_listed(enum status status, size_t want)
{
    const struct id send = chunks[0].send;
    list((struct list_query){.statuses = 0}, status, want);
    list((struct list_query){.of_send = true, .send = send}, status, want);
    list((struct list_query){.after_ms = id_at_ms(send), .before_ms = id_at_ms(send) + 1}, status,
         want);
}

static void on_swept(void *arg, enum err err, bool ended)
{
    (void)arg;
    cr_assert_eq(err, ERR_OK);
    got.ended = ended;
    answered = true;
}

/* All of it. Returns how many calls it took. */
static unsigned sweep(void)
{
    struct sweep it = {.send = chunks[0].send};
    unsigned calls = 0;
    memcpy(it.account, s.account, sizeof(it.account));
    do {
        await(sweeps_do(s.redis, STORE_SHARDS, &it, on_swept, NULL));
        calls++;
    } while (!got.ended);
    return calls;
}

/* As it must be found, before and after a sweep: one was claimed, the rest is cancelled. */
static void expect_cancelled(void)
{
    expect_counts(0, ALL - 1, 1);
    expect_listed(STATUS_CANCELLED, ALL - 1);
    expect_listed(STATUS_QUEUED, 0);
    expect_listed(STATUS_SENDING, 1);
    cr_expect_eq(status_of(7, 0), STATUS_SENDING);
    cr_expect_eq(status_of(7, 1), STATUS_CANCELLED);
    cr_expect_eq(status_of(CHUNKS - 1, EACH - 1), STATUS_CANCELLED);
}

Test(messages_cancel_many, reads_as_cancelled_at_once_and_after_the_sweep)
{
    cr_assert_eq(claim(7, 0, 1).answers[0], 1);
    cancel(chunks[0].send);
    cr_expect_eq(cancelled.now, ALL - 1);
    cr_expect_eq(cancelled.before, 0);
    cr_expect_eq(cancelled.too_late, 1);
    cr_expect_eq(store_int(&s, "ZCARD z:{%s}:Q", s.account), CHUNKS, "the lines are left alone");
    expect_cancelled();
    cr_expect_eq(sweep(), 3);
    expect_cancelled();
    cr_expect_eq(store_int(&s, "ZCARD z:{%s}:Q", s.account), 0);
    cr_expect_eq(store_int(&s, "ZCARD z:{%s}:C", s.account), CHUNKS);
    cr_expect_eq(store_int(&s, "ZCARD z:{%s}:X", s.account), 0);
    (void)sweep(); /* again: nothing changes */
    expect_cancelled();
    cancel(chunks[0].send);
    cr_expect_eq(cancelled.now, 0);
    cr_expect_eq(cancelled.before, ALL - 1);
    cr_expect_eq(cancelled.too_late, 1);
}

Test(messages_cancel_many, a_claim_gets_none_of_it)
{
    cancel(chunks[0].send);
    struct claim c = claim(3, 0, EACH);
    for (size_t i = 0; i < EACH; i++)
        cr_expect_eq(c.answers[i], 0);
    expect_counts(0, ALL, 0);
    (void)sweep();
    expect_counts(0, ALL, 0);
    expect_listed(STATUS_CANCELLED, ALL);
}

Test(messages_cancel_many, what_was_not_sent_in_the_end_is_cancelled)
{
    struct claim c = claim(5, 1, 1);
    cancel(chunks[0].send);
    struct record record = {.message = chunk_message(&chunks[5], 1),
                            .attempt = (unsigned)c.answers[0],
                            .claim = c.number,
                            .outcome = OUTCOME_NOT_SENT,
                            .wait_ms = HOUR_MS};
    cr_expect_eq(store_record(&s, &record), WRITTEN_CHANGED);
    cr_expect_eq(status_of(5, 1), STATUS_CANCELLED);
    expect_counts(0, ALL, 0);
    (void)sweep();
    expect_counts(0, ALL, 0);
    expect_listed(STATUS_CANCELLED, ALL);
}

Test(messages_cancel_many, one_of_it_was_cancelled_with_it)
{
    cancel(chunks[0].send);
    cancel(chunk_message(&chunks[2], 0));
    cr_expect_eq(cancelled.now, 0);
    cr_expect_eq(cancelled.before, 1);
    struct report late = {.message = chunk_message(&chunks[2], 1), .state = REPORT_DELIVERED};
    cr_expect_eq(store_report(&s, &late), WRITTEN_REFUSED);
    expect_counts(0, ALL, 0);
    expect_listed(STATUS_CANCELLED, ALL);
}

Test(messages_cancel_many, a_chunk_that_is_made_later_is_cancelled)
{
    struct chunk more = chunks[0];
    more.number = CHUNKS;
    cancel(chunks[0].send);
    store_create(&s, &more);
    expect_counts(0, ALL + EACH, 0);
    expect_listed(STATUS_CANCELLED, ALL + EACH);
    (void)sweep();
    expect_listed(STATUS_CANCELLED, ALL + EACH);
}

Test(messages_cancel_many, what_waited_out_its_time_is_cancelled_not_expired)
{
    cancel(chunks[0].send);
    chunks[1].until_ms = chunks[1].at_ms;
    (void)claim(1, 0, EACH);
    cr_expect_eq(status_of(1, 0), STATUS_CANCELLED);
    expect_counts(0, ALL, 0);
}

static void on_erased(void *arg, enum err err, struct erase_step step)
{
    (void)arg;
    cr_assert_eq(err, ERR_OK);
    cr_expect_eq(step.erased, CHUNKS);
    cr_expect_eq(step.withheld, 0);
    answered = true;
}

Test(messages_cancel_many, an_erased_one_counts_once)
{
    cancel(chunks[0].send);
    await(erase_step(s.redis, s.account, chunks[0].to[1], 0, on_erased, NULL));
    expect_counts(0, ALL, 0);
    (void)sweep();
    expect_counts(0, ALL, 0);
    cr_expect_eq(status_of(4, 1), STATUS_CANCELLED);
}

static void on_due(void *arg, enum err err)
{
    (void)arg;
    cr_assert_eq(err, ERR_OK);
    answered = true;
}

static void put_due(const char *name)
{
    const struct due due = {str_of(name), STR("t"), STR("k"), STR("r")};
    await(due_put(s.redis, STORE_SHARDS, &due, store_now_ms(&s) + HOUR_MS, on_due, NULL));
}

static bool is_due(const char *name)
{
    unsigned shard = due_shard(str_of(name), STORE_SHARDS);
    return store_int(&s, "HEXISTS rec:{due:%u} %s", shard, name) == 1;
}

Test(messages_cancel_many, the_sweep_empties_the_delay_queue)
{
    char names[3][CHUNK_NAME_SIZE];
    chunk_name(names[0], &chunks[0]);
    chunk_name(names[1], &chunks[7]);
    chunk_name(names[2], &chunks[CHUNKS - 1]);
    for (size_t i = 0; i < 3; i++)
        put_due(names[i]);
    cr_assert_eq(claim(7, 0, 1).answers[0], 1);
    cancel(chunks[0].send);
    (void)sweep();
    cr_expect_not(is_due(names[0]));
    cr_expect(is_due(names[1]), "one of it is under way");
    cr_expect_not(is_due(names[2]));
    const struct str list[] = {str_of(names[1])};
    (void)store_int(&s, "ZREM due:{due:%u} %s", due_shard(list[0], STORE_SHARDS), names[1]);
    (void)store_int(&s, "HDEL rec:{due:%u} %s", due_shard(list[0], STORE_SHARDS), names[1]);
}

Test(messages_cancel_many, the_sweep_is_in_the_delay_queue_before_the_answer)
{
    struct sweep it = {.send = chunks[0].send};
    char name[CHUNK_NAME_SIZE];
    memcpy(it.account, s.account, sizeof(it.account));
    sweep_name(name, &it);
    cancel(chunks[0].send);
    cr_expect(is_due(name));
    drop_due();
    cancel(chunks[0].send);
    cr_expect(is_due(name), "it may have been lost with the first answer");
    (void)sweep();
    drop_due();
    cancel(chunks[0].send);
    cr_expect_not(is_due(name));
}

/* Whoever cancels may be killed before anything more can be done. */
static void on_not_cancelled(void *arg, enum err err, const struct cancelled *sum)
{
    (void)arg;
    cr_assert_neq(err, ERR_OK);
    cr_assert_null(sum);
    answered = true;
}

/* A number of shards under which the sweep lies in one that no other test touches. */
static unsigned shards_apart(unsigned *ret_shard)
{
    char name[2 * CHUNK_NAME_SIZE], key[ID_KEY_SIZE];
    unsigned shards = STORE_SHARDS;
    id_key(key, chunks[0].send);
    (void)snprintf(name, sizeof(name), "sweep/%s/%s", s.account, key);
    do {
        *ret_shard = due_shard(str_of(name), ++shards);
    } while (*ret_shard < STORE_SHARDS);
    return shards;
}

Test(messages_cancel_many, nothing_is_cancelled_before_its_sweep_waits)
{
    unsigned shard, shards = shards_apart(&shard);
    (void)store_int(&s, "SET rec:{due:%u} not-a-hash", shard);
    await(messages_cancel(s.redis, shards, s.account, chunks[0].send, on_not_cancelled, NULL));
    (void)store_int(&s, "DEL rec:{due:%u} due:{due:%u}", shard, shard);
    expect_counts(ALL, 0, 0);
    expect_listed(STATUS_CANCELLED, 0);
}
