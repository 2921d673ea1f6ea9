#include "tests/support/store.h"

#include "common/io/crypto.h"
#include "common/store/keys.h"
#include "common/store/scripts.h"
#include "common/store/sends.h"
#include "tests/support/drive.h"
#include "tests/support/surroundings.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>

enum { WAIT_MS = 20000, MAX_WORDS = 16, COMMAND_SIZE = 512, HOUR_MS = 3600000 };

static const char letters[] = "WQSTDFCR";

/* --- waiting --- */

struct end {
    bool come;
    enum err err;
};

static bool has_come(void *arg)
{
    const struct end *end = arg;
    return end->come;
}

static void on_end(void *arg, enum err err)
{
    *(struct end *)arg = (struct end){true, err};
}

static void await(struct store *s, struct end *end, const char *what)
{
    cr_assert(drive_until(s->loop, has_come, end, WAIT_MS), "%s: no answer", what);
    cr_assert_eq(end->err, ERR_OK, "%s: %s", what, err_text(end->err));
}

static bool is_set(void *arg)
{
    return *(bool *)arg;
}

void store_await(struct store *s, enum err called, bool *answered)
{
    cr_assert_eq(called, ERR_OK);
    cr_assert(drive_until(s->loop, is_set, answered, WAIT_MS));
    *answered = false;
}

static bool is_connected(void *arg)
{
    return redis_connected(arg);
}

void store_open(struct store *s)
{
    const struct redis_conf conf = {.url = surroundings_redis(),
                                    .client_name = "test",
                                    .timeout_ms = WAIT_MS,
                                    .dev = true,
                                    .scripts = scripts_all()};
    *s = (struct store){.loop = drive_loop()};
    (void)snprintf(s->account, sizeof(s->account), "test-%08x-%08x", crypto_random_u32(),
                   crypto_random_u32());
    cr_assert_eq(redis_new(&s->redis, s->loop, &conf), ERR_OK);
    cr_assert(drive_until(s->loop, is_connected, s->redis, WAIT_MS), "%s: %s", conf.url,
              redis_trouble(s->redis));
}

void store_close(struct store *s)
{
    static const char clean[] =
        "local at = '0' repeat local page = redis.call('SCAN', at, 'MATCH', ARGV[1], 'COUNT', 1000)"
        " at = page[1] for _, key in ipairs(page[2]) do redis.call('UNLINK', key) end "
        "until at == '0' return 1";
    char pattern[64];
    (void)snprintf(pattern, sizeof(pattern), "*{%s}*", s->account);
    cr_assert_eq(redis_call(s->redis, 4,
                            (struct str[]){STR("EVAL"), STR(clean), STR("0"), str_of(pattern)},
                            NULL, NULL),
                 ERR_OK);
    (void)store_int(s, "ZREM accounts %s", s->account); /* answered after it */
    redis_free(s->redis);
    loop_free(s->loop);
}

/* --- commands --- */

struct reply {
    struct end end;
    int64_t number;
    char text[STORE_TEXT_SIZE];
};

static void on_reply(void *arg, enum err err, const struct redisReply *reply)
{
    struct reply *r = arg;
    if (err == ERR_OK)
        cr_assert_null(redis_reply_error(reply), "%s", redis_reply_error(reply));
    struct str text = redis_reply_str(reply);
    unsigned long long number = 0;
    bool negative = text.n > 0 && text.p[0] == '-';
    if (str_to_uint((struct str){text.p + negative, text.n - negative}, INT64_MAX, &number))
        r->number = negative ? -(int64_t)number : (int64_t)number;
    else
        r->number = redis_reply_int(reply);
    (void)snprintf(r->text, sizeof(r->text), "%.*s", (int)text.n, text.n > 0 ? text.p : "");
    r->end = (struct end){true, err};
}

static void command(struct store *s, struct reply *r, const char *format, va_list args)
{
    char text[COMMAND_SIZE];
    struct str words[MAX_WORDS];
    int count = 0, n = vsnprintf(text, sizeof(text), format, args);
    cr_assert_lt(n, COMMAND_SIZE);
    struct str rest = str_of(text);
    while (rest.n > 0 && count < MAX_WORDS)
        words[count++] = str_cut(&rest, ' ');
    *r = (struct reply){.number = 0};
    cr_assert_eq(redis_call(s->redis, count, words, on_reply, r), ERR_OK);
    await(s, &r->end, text);
}

int64_t store_int(struct store *s, const char *format, ...)
{
    struct reply r;
    va_list args;
    va_start(args, format);
    command(s, &r, format, args);
    va_end(args);
    return r.number;
}

void store_text(struct store *s, char text[STORE_TEXT_SIZE], const char *format, ...)
{
    struct reply r;
    va_list args;
    va_start(args, format);
    command(s, &r, format, args);
    va_end(args);
    memcpy(text, r.text, STORE_TEXT_SIZE);
}

int64_t store_now_ms(struct store *s)
{
    static const char script[] =
        "local t = redis.call('TIME') return t[1] * 1000 + math.floor(t[2] / 1000)";
    struct reply r = {.number = 0};
    cr_assert_eq(
        redis_call(s->redis, 3, (struct str[]){STR("EVAL"), STR(script), STR("0")}, on_reply, &r),
        ERR_OK);
    await(s, &r.end, "TIME");
    return r.number;
}

/* --- messages --- */

void store_chunk(struct chunk *ret_chunk, struct store *s, size_t to_count)
{
    uint8_t random[ID_RANDOM_SIZE];
    int64_t now_ms = store_now_ms(s);
    crypto_random(random, sizeof(random));
    *ret_chunk = (struct chunk){.send = id_new(now_ms, random),
                                .single = to_count == 1,
                                .at_ms = now_ms,
                                .until_ms = now_ms + HOUR_MS,
                                .parts = 2,
                                .body = STR("a body"),
                                .to_count = to_count};
    memcpy(ret_chunk->account, s->account, sizeof(ret_chunk->account));
    for (size_t i = 0; i < to_count; i++)
        (void)snprintf(ret_chunk->to[i].digits, sizeof(ret_chunk->to[i].digits), "4790000%03u",
                       (unsigned)i % 1000);
}

void store_create_all(struct store *s, const struct chunk *const *chunks, size_t count)
{
    struct end end = {false, ERR_OK};
    cr_assert_eq(messages_create(s->redis, chunks, count, on_end, &end), ERR_OK);
    await(s, &end, "create");
}

void store_create(struct store *s, const struct chunk *chunk)
{
    store_create_all(s, &chunk, 1);
}

static void claim_all(struct store *s, struct claim *const *claims, size_t count,
                      const struct claim_terms *terms)
{
    struct end end = {false, ERR_OK};
    cr_assert_eq(messages_claim(s->redis, claims, count, terms, on_end, &end), ERR_OK);
    await(s, &end, "claim");
}

void store_claim_all(struct store *s, struct claim *const *claims, size_t count, int64_t lease_ms,
                     int64_t patience_ms)
{
    claim_all(s, claims, count, &(struct claim_terms){lease_ms, patience_ms, false});
}

void store_claim_in_parts(struct store *s, struct claim *claim, int64_t lease_ms,
                          int64_t patience_ms)
{
    claim_all(s, &claim, 1, &(struct claim_terms){lease_ms, patience_ms, true});
}

void store_claim(struct store *s, struct claim *claim, int64_t lease_ms, int64_t patience_ms)
{
    store_claim_all(s, &claim, 1, lease_ms, patience_ms);
}

enum written store_record(struct store *s, const struct record *record)
{
    struct end end = {false, ERR_OK};
    struct record copy = *record, *items[] = {&copy};
    copy.account = s->account;
    cr_assert_eq(messages_record(s->redis, items, 1, STORE_TRIES, on_end, &end), ERR_OK);
    await(s, &end, "record");
    return copy.written;
}

void store_report_all(struct store *s, struct reported *reports, size_t count)
{
    struct end end = {false, ERR_OK};
    struct reported *items[MESSAGES_BATCH];
    for (size_t i = 0; i < count; i++) {
        memcpy(reports[i].report.account, s->account, sizeof(reports[i].report.account));
        items[i] = &reports[i];
    }
    cr_assert_eq(messages_report(s->redis, items, count, on_end, &end), ERR_OK);
    await(s, &end, "report");
}

enum written store_report(struct store *s, const struct report *report)
{
    struct reported copy = {.report = *report};
    store_report_all(s, &copy, 1);
    return copy.written;
}

struct seeing {
    struct end end;
    struct seen *seen;
};

static void copy_text(char *to, size_t room, struct str text)
{
    (void)snprintf(to, room, "%.*s", (int)text.n, text.n > 0 ? text.p : "");
}

static void on_message(void *arg, enum err err, const struct message *message)
{
    struct seeing *seeing = arg;
    struct seen *seen = seeing->seen;
    seeing->end = (struct end){true, err};
    *seen = (struct seen){.found = message != NULL};
    if (message == NULL)
        return;
    seen->line = message->line;
    seen->at_ms = message->at_ms;
    seen->until_ms = message->until_ms;
    copy_text(seen->digits, sizeof(seen->digits), message->line.digits);
    copy_text(seen->body, sizeof(seen->body), message->body);
    copy_text(seen->ref, sizeof(seen->ref), message->ref);
    seen->line.digits = str_of(seen->digits);
}

void store_see(struct store *s, struct id id, struct seen *ret_seen)
{
    struct seeing seeing = {.seen = ret_seen};
    cr_assert_eq(messages_get(s->redis, s->account, id, on_message, &seeing), ERR_OK);
    await(s, &seeing.end, "get");
}

/* --- counts --- */

int64_t store_count(struct store *s, int64_t day, char letter)
{
    return store_int(s, "HGET d:{%s}:%lld %c", s->account, (long long)day, letter);
}

int64_t store_day(const struct chunk *chunk)
{
    return chunk->at_ms / 86400000;
}

struct tally {
    int64_t statuses[STATUS_COUNT], units, errors;
};

struct auditing {
    struct end end;
    const struct tally *own;
};

static void on_send(void *arg, enum err err, const struct sends_listed *listed)
{
    struct auditing *auditing = arg;
    int64_t errors = 0;
    cr_assert(err == ERR_OK && listed->count == 1);
    for (size_t i = 0; i < SEND_ERRORS; i++)
        errors += listed->sends[0].errors[i];
    cr_assert_eq(errors, auditing->own->errors, "the send's count of errors");
    cr_assert_eq(listed->sends[0].counts.units, auditing->own->units, "the send's count of parts");
    on_end(&auditing->end, err);
}

/* What a send of many says beside its counts by status. */
static void audit_send(struct store *s, struct id send, const struct tally *own)
{
    struct auditing auditing = {.own = own};
    cr_assert_eq(sends_get(s->redis, s->account, send, on_send, &auditing), ERR_OK);
    await(s, &auditing.end, "the send");
}

/* Counts the chunk's lines into *all, and compares them with what its send says, if it has many. */
static void audit_chunk(struct store *s, const struct chunk *chunk, struct tally *all)
{
    struct seen seen[CHUNK_MAX];
    struct seeing seeing[CHUNK_MAX];
    struct tally own = {.units = 0};
    char key[ID_KEY_SIZE];
    id_key(key, chunk->send);
    for (size_t i = 0; i < chunk->to_count; i++) {
        seeing[i] = (struct seeing){.seen = &seen[i]};
        cr_assert_eq(
            messages_get(s->redis, s->account, chunk_message(chunk, i), on_message, &seeing[i]),
            ERR_OK);
    }
    for (size_t i = 0; i < chunk->to_count; i++) {
        await(s, &seeing[i].end, "get");
        cr_assert(seen[i].found);
        own.statuses[seen[i].line.status]++;
        all->statuses[seen[i].line.status]++;
        own.units += seen[i].line.flags & LINE_COUNTED ? seen[i].line.parts : 0;
        own.errors += seen[i].line.status == STATUS_FAILED;
    }
    all->units += own.units;
    for (size_t i = 0; i < STATUS_COUNT && !chunk->single; i++)
        cr_assert_eq(store_int(s, "HGET s:{%s}:%s %c", s->account, key, letters[i]),
                     own.statuses[i], "the send's count of %c", letters[i]);
    if (!chunk->single)
        audit_send(s, chunk->send, &own);
}

void store_audit(struct store *s, const struct chunk *const *chunks, size_t count)
{
    struct tally all = {.units = 0};
    int64_t day = store_day(chunks[0]), found[STATUS_COUNT];
    for (size_t i = 0; i < count; i++)
        audit_chunk(s, chunks[i], &all);
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        found[i] = store_count(s, day, letters[i]);
        cr_assert_eq(found[i], all.statuses[i], "%s: counted %lld, there are %lld", status_name(i),
                     (long long)found[i], (long long)all.statuses[i]);
        found[i] = store_int(s, "HGET n:{%s} %c", s->account, letters[i]);
        cr_assert_eq(found[i], all.statuses[i], "%s: counted %lld of all days, there are %lld",
                     status_name(i), (long long)found[i], (long long)all.statuses[i]);
    }
    /* units are counted on the day of acceptance, which may be the next one by now */
    int64_t units = store_count(s, day, 'u') + store_count(s, day + 1, 'u');
    cr_assert_eq(units, all.units, "parts: counted %lld, accepted %lld", (long long)units,
                 (long long)all.units);
}
