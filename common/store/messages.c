#include "common/store/messages.h"

#include "common/store/args.h"
#include "common/store/judge.h"
#include "common/store/keys.h"
#include "common/store/plan.h"
#include "common/store/scripts.h"

enum { TENTHS = 10 };
enum kind { CREATE, CLAIM, RECORD, REPORT };

/* A call on its way: where its answers go. */
struct call {
    enum kind kind;
    messages_fn fn;
    void *arg;
    size_t count;
    void *items[MESSAGES_BATCH];
};

static struct args args = {
    .texts = {.cap = SIZE_MAX / 2}}; /* scratch, used between two lines of one function */

static enum written written_of(const struct redisReply *reply, size_t i)
{
    int64_t value = redis_reply_int(redis_reply_at(reply, i));
    return value >= WRITTEN_ABSENT && value <= WRITTEN_GIVEN_UP ? (enum written)value
                                                                : WRITTEN_REFUSED;
}

static void read_claim(struct claim *claim, const struct redisReply *reply)
{
    claim->differs = redis_reply_count(reply) != claim->count + 3;
    for (size_t i = 0; i < claim->count; i++)
        claim->answers[i] =
            claim->differs ? CLAIM_NOTHING : redis_reply_int(redis_reply_at(reply, i));
    claim->rest_at_ms = redis_reply_int(redis_reply_at(reply, claim->count));
    claim->now_ms = redis_reply_int(redis_reply_at(reply, claim->count + 1));
    claim->weight = redis_reply_int(redis_reply_at(reply, claim->count + 2));
}

static void read_answers(struct call *call, const struct redisReply *reply)
{
    for (size_t i = 0; i < call->count; i++) {
        switch (call->kind) {
        case CLAIM:
            read_claim(call->items[i], redis_reply_at(reply, i));
            break;
        case RECORD:
            ((struct record *)call->items[i])->written = written_of(reply, i);
            break;
        case REPORT:
            ((struct reported *)call->items[i])->written = written_of(reply, i);
            break;
        case CREATE:
            break;
        }
    }
}

static void on_reply(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_script(err, reply);
    if (err == ERR_OK)
        read_answers(call, reply);
    call->fn(call->arg, err);
    xfree(call);
}

/* Gives what `args` holds: the keys first. */
static enum err give(struct redis *redis, const struct redis_script *script, size_t keys,
                     struct call *call)
{
    enum err err =
        redis_eval(redis, script, (int)keys, (int)args.count, args_list(&args), on_reply, call);
    if (err != ERR_OK)
        xfree(call);
    return err;
}

static struct call *new_call(enum kind kind, size_t count, messages_fn fn, void *arg)
{
    struct call *call = xalloc(sizeof(*call));
    call->kind = kind;
    call->count = count;
    call->fn = fn;
    call->arg = arg;
    args_clear(&args);
    return call;
}

static void add_account(const char *account)
{
    buf_printf(args_begin(&args), "{%s}", account);
    args_end(&args);
}

static void add_chunk_key(const struct chunk *chunk)
{
    keys_lines(args_begin(&args), chunk->account, chunk->send, chunk->single, chunk->number);
    args_end(&args);
}

/* A message whose number is 0 is a single send's: a line is never asked for by the id of a send of
 * many. */
static void add_message_key(const char *account, struct id message)
{
    uint32_t chunk, place;
    chunk_place(message, &chunk, &place);
    keys_lines(args_begin(&args), account, message, place == 0, chunk);
    args_end(&args);
}

/* --- items, which lie packed behind their chunk's key --- */

static void pack(struct buf *out, uint64_t value, size_t bytes)
{
    while (bytes-- > 0)
        buf_char(out, (char)(value >> 8 * bytes));
}

static void pack_ms(struct buf *out, int64_t ms)
{
    pack(out, ms < 0 ? 0 : ms > UINT32_MAX ? UINT32_MAX : (uint64_t)ms, 4);
}

static void pack_place(struct buf *out, struct id message)
{
    uint32_t chunk, place;
    chunk_place(message, &chunk, &place);
    pack(out, place, 1);
}

static bool same_chunk(struct id a, struct id b)
{
    uint32_t chunk_a, chunk_b, place;
    chunk_place(a, &chunk_a, &place);
    chunk_place(b, &chunk_b, &place);
    return chunk_a == chunk_b && memcmp(&a, &b, KEYS_SEND_BYTES) == 0 &&
           (id_number(a) == 0) == (id_number(b) == 0);
}

/* Puts items of one chunk next to each other; those of one message stay in their order. What comes is mostly in order
 * already, and a call has few chunks. */
static void gather(struct call *call, struct id (*message_of)(const void *item))
{
    for (size_t done = 0; done < call->count;) {
        struct id message = message_of(call->items[done]);
        size_t end = done + 1;
        for (size_t i = end; i < call->count; i++) {
            void *item = call->items[i];
            if (!same_chunk(message_of(item), message))
                continue;
            memmove(&call->items[end + 1], &call->items[end], (i - end) * sizeof(item));
            call->items[end++] = item;
        }
        done = end;
    }
}

/* The keys of gathered items. Returns how many. */
static size_t add_keys(const struct call *call, const char *account,
                       struct id (*message_of)(const void *item))
{
    size_t keys = 0;
    for (size_t i = 0; i < call->count; i++) {
        struct id message = message_of(call->items[i]);
        if (i > 0 && same_chunk(message, message_of(call->items[i - 1])))
            continue;
        add_message_key(account, message);
        keys++;
    }
    return keys;
}

/* Behind each other, a text for each key. */
static void add_items(const struct call *call, struct id (*message_of)(const void *item),
                      void (*pack_item)(struct buf *out, const void *item))
{
    struct buf *out = NULL;
    for (size_t i = 0; i < call->count; i++) {
        struct id message = message_of(call->items[i]);
        if (i == 0 || !same_chunk(message, message_of(call->items[i - 1]))) {
            if (i > 0)
                args_end(&args);
            out = args_begin(&args);
        }
        pack_place(out, message);
        pack_item(out, call->items[i]);
    }
    args_end(&args);
}

enum err messages_create(struct redis *redis, const struct chunk *const *chunks, size_t count,
                         messages_fn fn, void *arg)
{
    struct call *call = new_call(CREATE, count, fn, arg);
    for (size_t i = 0; i < count; i++)
        add_chunk_key(chunks[i]);
    add_account(chunks[0]->account);
    for (size_t i = 0; i < count; i++)
        plan_add(&args, chunks[i]);
    return give(redis, &script_create, count, call);
}

enum err messages_claim(struct redis *redis, struct claim *const *claims, size_t count,
                        const struct claim_terms *terms, messages_fn fn, void *arg)
{
    struct call *call = new_call(CLAIM, count, fn, arg);
    for (size_t i = 0; i < count; i++) {
        call->items[i] = claims[i];
        add_chunk_key(claims[i]->chunk);
    }
    add_account(claims[0]->chunk->account);
    args_int(&args, terms->lease_ms);
    args_int(&args, terms->patience_ms);
    args_view(&args, terms->rates_in_parts ? STR("parts") : STR("messages"));
    for (size_t i = 0; i < count; i++) {
        args_int(&args, claims[i]->number);
        args_view(&args, claims[i]->deduplicates ? STR("1") : STR("0"));
        args_int(&args, claims[i]->chunk->until_ms);
        args_int(&args, (int64_t)claims[i]->first + 1);
        args_int(&args, (int64_t)claims[i]->count);
        args_int(&args, claims[i]->chunk->rate_milli);
        args_view(&args, claims[i]->fast ? STR("fast") : STR("bulk"));
        args_int(&args, claims[i]->hold_ms);
        plan_add(&args, claims[i]->chunk);
    }
    return give(redis, &script_claim, count, call);
}

static struct id message_of_record(const void *item)
{
    return ((const struct record *)item)->message;
}

/* As record.lua reads it. */
static void pack_record(struct buf *out, const void *item)
{
    const struct record *record = item;
    pack(out, record->attempt, 2);
    pack(out, record->claim, 4);
    pack(out, (unsigned char)record->outcome, 1);
    pack(out, record->error, 1);
    pack_ms(out, record->wait_ms);
}

enum err messages_record(struct redis *redis, struct record *const *records, size_t count,
                         int64_t tries, messages_fn fn, void *arg)
{
    struct call *call = new_call(RECORD, count, fn, arg);
    for (size_t i = 0; i < count; i++)
        call->items[i] = records[i];
    gather(call, message_of_record);
    size_t keys = add_keys(call, records[0]->account, message_of_record);
    add_account(records[0]->account);
    args_int(&args, tries * TENTHS);
    add_items(call, message_of_record, pack_record);
    return give(redis, &script_record, keys, call);
}

static struct id message_of_report(const void *item)
{
    return ((const struct reported *)item)->report.message;
}

/* As report.lua reads it. */
static void pack_report(struct buf *out, const void *item)
{
    const struct report *report = &((const struct reported *)item)->report;
    pack(out, report->attempt, 2);
    pack(out, report->state == REPORT_DELIVERED ? 'D' : 'F', 1);
    pack(out, report->error, 1);
    pack_ms(out, report->at_ms / 1000);
}

enum err messages_report(struct redis *redis, struct reported *const *reports, size_t count,
                         messages_fn fn, void *arg)
{
    struct call *call = new_call(REPORT, count, fn, arg);
    for (size_t i = 0; i < count; i++)
        call->items[i] = reports[i];
    gather(call, message_of_report);
    size_t keys = add_keys(call, reports[0]->report.account, message_of_report);
    add_account(reports[0]->report.account);
    add_items(call, message_of_report, pack_report);
    return give(redis, &script_report, keys, call);
}
