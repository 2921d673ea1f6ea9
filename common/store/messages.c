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
    claim->differs = redis_reply_count(reply) != claim->count + 2;
    for (size_t i = 0; i < claim->count; i++)
        claim->answers[i] =
            claim->differs ? CLAIM_NOTHING : redis_reply_int(redis_reply_at(reply, i));
    claim->rest_at_ms = redis_reply_int(redis_reply_at(reply, claim->count));
    claim->now_ms = redis_reply_int(redis_reply_at(reply, claim->count + 1));
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

/* Gives what `args` holds: the keys of count items first. */
static enum err give(struct redis *redis, const struct redis_script *script, struct call *call)
{
    enum err err = redis_eval(redis, script, (int)call->count, (int)args.count, args_list(&args),
                              on_reply, call);
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

static void add_place(struct id message)
{
    uint32_t chunk, place;
    chunk_place(message, &chunk, &place);
    args_int(&args, place);
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
    return give(redis, &script_create, call);
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
        plan_add(&args, claims[i]->chunk);
    }
    return give(redis, &script_claim, call);
}

enum err messages_record(struct redis *redis, struct record *const *records, size_t count,
                         int64_t tries, messages_fn fn, void *arg)
{
    struct call *call = new_call(RECORD, count, fn, arg);
    for (size_t i = 0; i < count; i++) {
        call->items[i] = records[i];
        add_message_key(records[i]->account, records[i]->message);
    }
    add_account(records[0]->account);
    args_int(&args, tries * TENTHS);
    for (size_t i = 0; i < count; i++) {
        char *letter = &(char){(char)records[i]->outcome};
        add_place(records[i]->message);
        args_int(&args, records[i]->attempt);
        args_int(&args, records[i]->claim);
        buf_add(args_begin(&args), letter, 1);
        args_end(&args);
        args_int(&args, records[i]->error);
        args_int(&args, records[i]->wait_ms);
    }
    return give(redis, &script_record, call);
}

enum err messages_report(struct redis *redis, struct reported *const *reports, size_t count,
                         messages_fn fn, void *arg)
{
    struct call *call = new_call(REPORT, count, fn, arg);
    for (size_t i = 0; i < count; i++) {
        call->items[i] = reports[i];
        add_message_key(reports[i]->report.account, reports[i]->report.message);
    }
    add_account(reports[0]->report.account);
    for (size_t i = 0; i < count; i++) {
        const struct report *report = &reports[i]->report;
        add_place(report->message);
        args_int(&args, report->attempt);
        args_view(&args, report->state == REPORT_DELIVERED ? STR("D") : STR("F"));
        args_int(&args, report->error);
        args_int(&args, report->at_ms / 1000);
    }
    return give(redis, &script_report, call);
}
