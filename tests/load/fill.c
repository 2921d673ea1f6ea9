/*
 * fill - fills Redis with messages of one account, through the scripts that workers use, without Kafka and carriers.
 *
 *     fill URL ACCOUNT single|bulk MESSAGES     prints {"messages", "seconds"}
 *
 * Single sends have a number and a reference of their own, the others are sends of 10,000 with one reference each. They were
 * made during the last thirty days. Of a hundred messages some stay QUEUED, SENT, or have FAILED; the rest is DELIVERED.
 */
#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/io/crypto.h"
#include "common/store/messages.h"
#include "common/store/scripts.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    UNITS = 24, /* under way at a time */
    SEND_CHUNKS = 100,
    DAYS = 30,
    HOUR_MS = 3600000,
    QUEUED = 2, /* of a hundred */
    SENT = 2,
    FAILED = 3
};

static const char body[] = "A text of one hundred characters, as a shop or a bank sends it to its "
                           "customers; this one is it: 100";

struct filler {
    struct loop *loop;
    struct redis *redis;
    const char *account;
    bool bulk;
    size_t wanted, begun, done;
    int64_t first_ms, step_us; /* between messages */
    struct chunk send;         /* in bulk: of which chunks are made */
};

/* Chunks that go through their life together: many of one message, or one of many. */
struct unit {
    struct filler *filler;
    size_t chunk_count, count; /* messages */
    struct chunk chunks[MESSAGES_BATCH];
    char refs[MESSAGES_BATCH][32];
    struct claim claims[MESSAGES_BATCH];
    struct record records[CHUNK_MAX];
    struct reported reports[CHUNK_MAX];
    size_t at; /* messages that are recorded, or reported */
};

static void begin(struct unit *unit);

static void must(enum err err)
{
    if (err == ERR_OK)
        return;
    (void)fprintf(stderr, "fill: %s\n", err_text(err));
    exit(1);
}

/* What becomes of a message, by chance. */
static unsigned lot(size_t i)
{
    return (unsigned)(i * 2654435761u >> 7) % 100;
}

/* --- one step after another --- */

static void finish(struct unit *unit)
{
    unit->filler->done += unit->count;
    begin(unit);
}

static void report_some(void *arg, enum err err)
{
    struct unit *unit = arg;
    struct reported *list[MESSAGES_BATCH];
    size_t count = 0;
    must(err);
    for (; unit->at < unit->count && count < MESSAGES_BATCH; unit->at++) {
        const struct record *record = &unit->records[unit->at];
        unsigned chance = lot(id_number(record->message) + record->message.b[12]);
        if (record->attempt == 0 || chance < SENT)
            continue;
        struct reported *reported = &unit->reports[unit->at];
        reported->report =
            (struct report){.message = record->message,
                            .attempt = record->attempt,
                            .state = chance < SENT + FAILED ? REPORT_FAILED : REPORT_DELIVERED,
                            .error = chance < SENT + FAILED ? ERROR_ABSENT : ERROR_NONE};
        (void)snprintf(reported->report.account, sizeof(reported->report.account), "%s",
                       unit->filler->account);
        list[count++] = reported;
    }
    if (count == 0)
        finish(unit);
    else
        must(messages_report(unit->filler->redis, list, count, report_some, unit));
}

static void record_some(void *arg, enum err err)
{
    struct unit *unit = arg;
    struct record *list[MESSAGES_BATCH];
    size_t count = 0;
    must(err);
    for (; unit->at < unit->count && count < MESSAGES_BATCH; unit->at++) {
        if (unit->records[unit->at].attempt > 0)
            list[count++] = &unit->records[unit->at];
    }
    if (count == 0) {
        unit->at = 0;
        report_some(unit, ERR_OK);
    } else {
        must(messages_record(unit->filler->redis, list, count, 100, record_some, unit));
    }
}

static void on_claimed(void *arg, enum err err)
{
    struct unit *unit = arg;
    size_t at = 0;
    must(err);
    memset(unit->records, 0, sizeof(unit->records));
    for (size_t i = 0; i < unit->chunk_count; i++) {
        for (size_t k = 0; k < unit->claims[i].count; k++, at++) {
            if (unit->claims[i].answers[k] > 0)
                unit->records[at] = (struct record){.account = unit->filler->account,
                                                    .message = chunk_message(&unit->chunks[i], k),
                                                    .attempt = (unsigned)unit->claims[i].answers[k],
                                                    .claim = 1,
                                                    .outcome = OUTCOME_ACCEPTED};
        }
    }
    unit->at = 0;
    record_some(unit, ERR_OK);
}

static void on_created(void *arg, enum err err)
{
    struct unit *unit = arg;
    struct claim *list[MESSAGES_BATCH];
    size_t count = 0;
    must(err);
    unit->count = 0;
    for (size_t i = 0; i < unit->chunk_count; i++) {
        const struct chunk *chunk = &unit->chunks[i];
        unit->count += chunk->to_count;
        unit->claims[i] = (struct claim){.chunk = chunk, .number = 1, .count = chunk->to_count};
        if (lot(unit->filler->begun + i) >= QUEUED)
            list[count++] = &unit->claims[i];
    }
    if (count == 0)
        finish(unit);
    else
        must(messages_claim(unit->filler->redis, list, count,
                            &(struct claim_terms){HOUR_MS, HOUR_MS, false}, on_claimed, unit));
}

/* --- making --- */

static void new_send(struct filler *f, struct chunk *chunk, size_t message)
{
    uint8_t random[ID_RANDOM_SIZE];
    crypto_random(random, sizeof(random));
    *chunk = (struct chunk){.at_ms = f->first_ms + (int64_t)message * f->step_us / 1000,
                            .single = !f->bulk,
                            .parts = 1,
                            .body = STR(body),
                            .from = STR("MyBrand")};
    chunk->until_ms = chunk->at_ms + DAYS * INT64_C(86400000) + HOUR_MS;
    chunk->send = id_send(id_new(chunk->at_ms, random));
    (void)snprintf(chunk->account, sizeof(chunk->account), "%s", f->account);
}

static void set_numbers(struct chunk *chunk, size_t count, size_t message)
{
    chunk->to_count = count;
    for (size_t i = 0; i < count; i++)
        (void)snprintf(chunk->to[i].digits, sizeof(chunk->to[i].digits), "479%07u",
                       (unsigned)((message + i) * 7919 % 10000000));
}

static void make_singles(struct unit *unit, size_t first, size_t count)
{
    unit->chunk_count = count;
    for (size_t i = 0; i < count; i++) {
        new_send(unit->filler, &unit->chunks[i], first + i);
        set_numbers(&unit->chunks[i], 1, first + i);
        (void)snprintf(unit->refs[i], sizeof(unit->refs[i]), "order-%08zu", first + i);
        unit->chunks[i].ref = str_of(unit->refs[i]);
    }
}

static void make_chunk(struct unit *unit, size_t first, size_t count)
{
    struct filler *f = unit->filler;
    if (first / CHUNK_MAX % SEND_CHUNKS == 0)
        new_send(f, &f->send, first);
    unit->chunk_count = 1;
    unit->chunks[0] = f->send;
    unit->chunks[0].number = (uint32_t)(first / CHUNK_MAX % SEND_CHUNKS);
    set_numbers(&unit->chunks[0], count, first);
    (void)snprintf(unit->refs[0], sizeof(unit->refs[0]), "campaign-%zu",
                   first / CHUNK_MAX / SEND_CHUNKS);
    unit->chunks[0].ref = str_of(unit->refs[0]);
}

static void begin(struct unit *unit)
{
    struct filler *f = unit->filler;
    const struct chunk *list[MESSAGES_BATCH];
    size_t most = f->bulk ? CHUNK_MAX : MESSAGES_BATCH, first = f->begun;
    size_t count = f->wanted - first < most ? f->wanted - first : most;
    if (count == 0)
        return;
    f->begun += count;
    if (f->bulk)
        make_chunk(unit, first, count);
    else
        make_singles(unit, first, count);
    for (size_t i = 0; i < unit->chunk_count; i++)
        list[i] = &unit->chunks[i];
    must(messages_create(f->redis, list, unit->chunk_count, on_created, unit));
}

int main(int argc, char **argv)
{
    static struct filler f;
    unsigned long long wanted = 0;
    if (argc != 5 || !str_to_uint(str_of(argv[4]), UINT32_MAX, &wanted) || wanted == 0) {
        (void)fputs("fill URL ACCOUNT single|bulk MESSAGES\n", stderr);
        return 2;
    }
    const struct redis_conf conf = {.url = argv[1],
                                    .client_name = "fill",
                                    .timeout_ms = HOUR_MS,
                                    .dev = true,
                                    .scripts = scripts_all()};
    f.account = argv[2];
    f.bulk = strcmp(argv[3], "bulk") == 0;
    f.wanted = (size_t)wanted;
    f.first_ms = clock_wall_ms() - DAYS * INT64_C(86400000);
    f.step_us = DAYS * INT64_C(86400000000) / (int64_t)wanted;
    must(loop_new(&f.loop));
    must(redis_new(&f.redis, f.loop, &conf));
    while (!redis_connected(f.redis))
        loop_turn(f.loop, 10);
    int64_t begun_ms = clock_mono_ms();
    struct unit *units = xalloc_array(UNITS, sizeof(units[0]));
    for (size_t i = 0; i < UNITS; i++) {
        units[i].filler = &f;
        begin(&units[i]);
    }
    while (f.done < f.wanted)
        loop_turn(f.loop, 100);
    (void)printf("{\"messages\": %zu, \"seconds\": %.3f}\n", f.done,
                 (double)(clock_mono_ms() - begun_ms) / 1000);
    redis_free(f.redis);
    loop_free(f.loop);
    xfree(units);
    return 0;
}
