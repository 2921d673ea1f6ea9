#include "tests/support/drive.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

enum { HOUR_MS = 3600000, WAIT_MS = 20000, TAKEN_MAX = 4000 };

static struct store s;

static void open_store(void)
{
    store_open(&s);
}

static void close_store(void)
{
    store_close(&s);
}

TestSuite(messages_rates, .init = open_store, .fini = close_store);

static void set_account(const char *fields)
{
    (void)store_int(&s, "SET account:{%s} {\"id\":\"x\",\"active\":true%s}", s.account, fields);
}

static void set_send(const struct chunk *chunk, const char *field, int64_t value)
{
    char key[ID_KEY_SIZE];
    id_key(key, chunk->send);
    (void)store_int(&s, "HSET s:{%s}:%s %s %lld", s.account, key, field, (long long)value);
}

/* Asks for all of the chunk. */
static void claim(struct claim *ask, const struct chunk *chunk, uint32_t number)
{
    *ask = (struct claim){.chunk = chunk, .number = number, .count = chunk->to_count};
    store_claim(&s, ask, HOUR_MS, HOUR_MS);
    cr_assert(!ask->differs);
}

static size_t granted(const struct claim *ask)
{
    size_t count = 0;
    for (size_t i = 0; i < ask->count; i++)
        count += ask->answers[i] > 0;
    return count;
}

/* Those after the first that has to wait wait as long. */
static int64_t waits_until(const struct claim *ask)
{
    size_t first = granted(ask);
    cr_assert_lt(first, ask->count);
    for (size_t i = first; i < ask->count; i++) {
        cr_assert(ask->answers[i] < 0, "recipient %zu: %lld", i, (long long)ask->answers[i]);
        cr_assert_eq(ask->answers[i], ask->answers[first]);
    }
    return -ask->answers[first];
}

/* --- scopes --- */

Test(messages_rates, a_send_has_a_rate)
{
    struct chunk chunk;
    struct claim ask;
    store_chunk(&chunk, &s, 50);
    chunk.rate_milli = 4000;
    int64_t before_ms = store_now_ms(&s);
    claim(&ask, &chunk, 1);
    cr_expect_eq(granted(&ask), 2, "%zu: one, and a quarter of a second's", granted(&ask));
    int64_t at_ms = waits_until(&ask);
    cr_expect(at_ms >= before_ms + 200 && at_ms <= store_now_ms(&s) + 251, "%lld",
              (long long)(at_ms - before_ms));
    const struct chunk *const list[] = {&chunk};
    store_audit(&s, list, 1);
}

Test(messages_rates, one_that_was_changed_holds_from_then_on)
{
    struct chunk chunk;
    struct claim ask;
    store_chunk(&chunk, &s, 50);
    chunk.rate_milli = 1;
    claim(&ask, &chunk, 1);
    cr_assert_eq(granted(&ask), 1);
    cr_expect_leq(waits_until(&ask), store_now_ms(&s) + 60000, "it is looked at again");
    set_send(&chunk, "rate", 100000);
    ask = (struct claim){.chunk = &chunk, .number = 2, .first = 1, .count = 49};
    store_claim(&s, &ask, HOUR_MS, HOUR_MS);
    size_t more = granted(&ask);
    cr_expect_geq(more, 20, "%zu", more);
    cr_expect_leq(waits_until(&ask), store_now_ms(&s) + 1000);
    set_send(&chunk, "rate", 0);
    ask = (struct claim){.chunk = &chunk, .number = 3, .first = 1 + more, .count = 49 - more};
    store_claim(&s, &ask, HOUR_MS, HOUR_MS);
    cr_expect_eq(granted(&ask), 49 - more, "no rate, no waiting");
}

Test(messages_rates, an_account_and_its_senders_have_rates)
{
    static const struct {
        const char *fields, *from;
        size_t granted; /* of each of two sends */
    } cases[] = {
        {",\"message_rate\":8000", "Acme", 3},
        {",\"sender_rates\":{\"Acme\":8000}", "Acme", 3},
        {",\"sender_rates\":{\"Ac.me\":8000}", "Acme", 10},
        {",\"sender_rates\":{\"Acme\":8000}", NULL, 10},
        {",\"message_rate\":8000,\"sender_rates\":{\"Other\":1,\"Acme\":4000}", "Acme", 2},
        {",\"message_rate\":null,\"sender_rates\":null", "Acme", 10},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct chunk one, two;
        struct claim ask;
        store_chunk(&one, &s, 10);
        one.from = (struct str){cases[i].from, cases[i].from != NULL ? strlen(cases[i].from) : 0};
        two = one;
        two.send = id_new(one.at_ms + 1, (const uint8_t[ID_RANDOM_SIZE]){(uint8_t)i});
        set_account(cases[i].fields);
        claim(&ask, &one, 1);
        cr_expect_eq(granted(&ask), cases[i].granted, "%s: %zu", cases[i].fields, granted(&ask));
        claim(&ask, &two, 2);
        if (cases[i].granted == 10)
            cr_expect_eq(granted(&ask), 10, "%s: %zu", cases[i].fields, granted(&ask));
        else
            cr_expect_leq(granted(&ask), 1, "%s: %zu of the second", cases[i].fields,
                          granted(&ask));
        (void)store_int(&s, "DEL rate:{%s} rate:{%s}:Acme", s.account, s.account);
    }
}

Test(messages_rates, tokens_are_taken_of_all_or_of_none)
{
    struct chunk slow, other;
    struct claim ask;
    store_chunk(&slow, &s, 50);
    store_chunk(&other, &s, 50);
    slow.rate_milli = 1000;
    set_account(",\"message_rate\":80000");
    claim(&ask, &slow, 1);
    cr_assert_eq(granted(&ask), 1);
    claim(&ask, &other, 2);
    cr_expect_geq(granted(&ask), 20, "%zu: the slow send has taken only one of 21", granted(&ask));
}

Test(messages_rates, parts_count_where_the_setting_says_so)
{
    struct chunk chunk; /* of 2 parts */
    store_chunk(&chunk, &s, 50);
    chunk.rate_milli = 40000;
    struct claim ask = {.chunk = &chunk, .number = 1, .count = 50};
    store_claim_in_parts(&s, &ask, HOUR_MS, HOUR_MS);
    cr_expect(granted(&ask) == 6, "%zu", granted(&ask));
}

Test(messages_rates, nothing_is_written_where_there_is_no_limit)
{
    struct chunk chunk;
    struct claim ask;
    char text[STORE_TEXT_SIZE], key[ID_KEY_SIZE];
    store_chunk(&chunk, &s, 50);
    set_account("");
    claim(&ask, &chunk, 1);
    cr_expect_eq(granted(&ask), 50);
    id_key(key, chunk.send);
    store_text(&s, text, "HGET s:{%s}:%s tat", s.account, key);
    cr_expect_str_empty(text);
    cr_expect_eq(store_int(&s, "EXISTS rate:{%s}", s.account), 0);
}

Test(messages_rates, a_repeated_question_takes_no_tokens)
{
    struct chunk chunk;
    struct claim ask;
    store_chunk(&chunk, &s, 50);
    chunk.rate_milli = 20000;
    claim(&ask, &chunk, 1);
    size_t first = granted(&ask);
    int64_t at_ms = waits_until(&ask);
    claim(&ask, &chunk, 1);
    cr_expect_eq(granted(&ask), first);
    cr_expect_eq(waits_until(&ask), at_ms, "and what was promised stays");
}

Test(messages_rates, a_single_that_waits_is_promised_a_time_too)
{
    struct chunk chunks[5];
    struct claim ask;
    int64_t at_ms = 0;
    set_account(",\"message_rate\":4000");
    for (int i = 0; i < 5; i++) {
        store_chunk(&chunks[i], &s, 1);
        claim(&ask, &chunks[i], (uint32_t)i + 1);
        if (i < 2) {
            cr_assert_eq(granted(&ask), 1);
            continue;
        }
        cr_expect_geq(waits_until(&ask), at_ms + (i > 2 ? 249 : 0), "one after another");
        at_ms = waits_until(&ask);
    }
    drive_for(s.loop, at_ms - store_now_ms(&s) + 2);
    for (int i = 2; i < 5; i++) {
        claim(&ask, &chunks[i], (uint32_t)i + 10);
        cr_expect_eq(granted(&ask), i < 4 ? 1 : granted(&ask), "number %d", i);
    }
}

/* The first message once more, its lease being over. Returns when to come back; 0: it was given out. */
static int64_t repeat(const struct chunk *chunk, uint32_t number)
{
    struct claim ask = {.chunk = chunk, .number = number, .count = 1, .deduplicates = true};
    store_claim(&s, &ask, HOUR_MS, HOUR_MS);
    cr_assert_neq(ask.answers[0], 0);
    return ask.answers[0] > 0 ? 0 : -ask.answers[0];
}

Test(messages_rates, a_repeat_gets_its_token_in_the_end)
{
    struct chunk chunk;
    store_chunk(&chunk, &s, 3);
    chunk.rate_milli = 4000;
    struct claim first = {.chunk = &chunk, .number = 1, .count = 1};
    struct claim rest = {.chunk = &chunk, .number = 2, .first = 1, .count = 2};
    store_claim(&s, &first, 1, HOUR_MS);
    store_claim(&s, &rest, HOUR_MS, HOUR_MS);
    drive_for(s.loop, 5);
    int64_t at_ms = 0;
    for (uint32_t looks = 0; looks < 4; looks++) {
        at_ms = repeat(&chunk, 10 + looks);
        if (at_ms == 0)
            return;
        drive_for(s.loop, at_ms - store_now_ms(&s) + 2);
    }
    cr_assert_fail("it is told to come back, whenever it comes");
}

/* --- several senders, in real time --- */

struct client {
    struct chunk chunk;
    struct claim ask;
    struct claim *asks[1];
    bool waits; /* for its answer */
    int64_t again_ms;
    size_t next; /* recipient */
};

static struct {
    int64_t at_ms[TAKEN_MAX];
    size_t count;
} taken;

static void on_claim(void *arg, enum err err)
{
    struct client *c = arg;
    cr_assert_eq(err, ERR_OK);
    c->waits = false;
    size_t got = granted(&c->ask);
    for (size_t i = 0; i < got && taken.count < TAKEN_MAX; i++)
        taken.at_ms[taken.count++] = c->ask.now_ms; /* by Redis' clock: when they were taken */
    c->next += got;
    c->again_ms = got < c->ask.count ? -c->ask.answers[got] : 0;
}

/* Like a sender: asks for what is left when its time has come, up to 15 ms late. */
static void turn(struct client *c, int64_t wall_ms)
{
    static const struct claim_terms terms = {HOUR_MS, HOUR_MS, false};
    if (c->waits || c->next == c->chunk.to_count || wall_ms < c->again_ms + rand() % 15)
        return;
    c->ask = (struct claim){.chunk = &c->chunk,
                            .number = (uint32_t)rand(),
                            .first = c->next,
                            .count = c->chunk.to_count - c->next};
    c->asks[0] = &c->ask;
    c->waits = true;
    cr_assert_eq(messages_claim(s.redis, c->asks, 1, &terms, on_claim, c), ERR_OK);
}

Test(messages_rates, many_clients_keep_one_limit_and_use_it)
{
    enum { CLIENTS = 30, PER_S = 800, RUN_MS = 2500 };
    static struct client clients[CLIENTS];
    set_account(",\"message_rate\":800000");
    for (size_t i = 0; i < CLIENTS; i++)
        store_chunk(&clients[i].chunk, &s, CHUNK_MAX);
    int64_t start_ms = store_now_ms(&s), start = loop_now_ms(s.loop), now_ms;
    while ((now_ms = start_ms + loop_now_ms(s.loop) - start) < start_ms + RUN_MS) {
        for (size_t i = 0; i < CLIENTS; i++)
            turn(&clients[i], now_ms);
        drive_for(s.loop, 1);
    }
    drive_for(s.loop, 50);
    cr_expect_leq(taken.count, PER_S / 4 + 1 + PER_S * (RUN_MS + 60) / 1000, "%zu", taken.count);
    cr_expect_geq(taken.count, PER_S * RUN_MS / 1000 * 85 / 100, "%zu: test_gcra.c is stricter",
                  taken.count);
    for (size_t i = 0, end = 0; i < taken.count; i++) {
        while (end < taken.count && taken.at_ms[end] < taken.at_ms[i] + 1000)
            end++;
        cr_assert_leq(end - i, PER_S + PER_S / 4 + 2, "%zu in a second", end - i);
    }
}
