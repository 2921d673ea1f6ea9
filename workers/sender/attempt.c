#include "workers/sender/attempt.h"

#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/io/crypto.h"
#include "common/io/report_url.h"
#include "workers/sender/sender.h"

enum { AGAIN_MS = 200, CLOCKS_APART_MS = 60000 /* at most */ };

/* A batch of one account's attempts, on its way to Redis. */
struct batch {
    struct sender *sender;
    size_t count;
    struct attempt *attempts[MESSAGES_BATCH];
};

/* --- recording --- */

static void on_again(void *arg)
{
    (void)arg; /* waking the loop is enough: recorder_flush runs before each wait */
}

void recorder_init(struct recorder *recorder, struct sender *sender)
{
    *recorder = (struct recorder){.timer = {.fn = on_again, .arg = sender}};
    recorder->end = &recorder->first;
}

void recorder_done(struct recorder *recorder, struct loop *loop)
{
    loop_timer_stop(loop, &recorder->timer);
    while (recorder->first != NULL) {
        struct attempt *attempt = recorder->first;
        recorder->first = attempt->next;
        xfree(attempt);
    }
}

static void wait_for_record(struct attempt *attempt)
{
    struct recorder *r = &attempt->sender->recorder;
    if (r->count == 0)
        r->oldest_mono_ms = loop_now_ms(attempt->sender->ctx->loop);
    attempt->next = NULL;
    *r->end = attempt;
    r->end = &attempt->next;
    r->count++;
}

static size_t recipient_of(const struct attempt *attempt)
{
    return (size_t)(attempt->to - attempt->visit->chunk.to);
}

static void recorded(struct attempt *own_attempt)
{
    struct sender *s = own_attempt->sender;
    struct visit *visit = own_attempt->visit;
    const struct record *record = &own_attempt->record;
    if (record->written == WRITTEN_REFUSED || record->written == WRITTEN_ABSENT)
        metrics_add(s->ctx->metrics, SENDER_STALE, 1);
    else if (record->written == WRITTEN_GIVEN_UP)
        metrics_add(s->ctx->metrics, SENDER_GIVEN_UP, 1);
    else if (record->outcome != OUTCOME_ACCEPTED && record->outcome != OUTCOME_REJECTED)
        visit_come_back(visit, recipient_of(own_attempt),
                        lane_wall_ms(visit->lane) + record->wait_ms);
    xfree(own_attempt);
    lane_recorded(visit->lane, visit);
}

static void on_recorded(void *arg, enum err err)
{
    struct batch *batch = arg;
    struct recorder *r = &batch->sender->recorder;
    r->on_the_way -= (unsigned)batch->count;
    for (size_t i = 0; i < batch->count; i++) {
        if (err == ERR_OK)
            recorded(batch->attempts[i]);
        else
            wait_for_record(batch->attempts[i]); /* recording twice changes nothing */
    }
    if (err != ERR_OK)
        loop_timer_set(batch->sender->ctx->loop, &r->timer,
                       loop_now_ms(batch->sender->ctx->loop) + AGAIN_MS);
    xfree(batch);
}

/* Moves up to a batch of the first one's account out of the list. */
static struct batch *gather(struct sender *sender)
{
    struct recorder *r = &sender->recorder;
    struct batch *batch = xalloc(sizeof(*batch));
    struct attempt **at = &r->first;
    batch->sender = sender;
    while (*at != NULL && batch->count < MESSAGES_BATCH) {
        struct attempt *attempt = *at;
        if (batch->count > 0 &&
            strcmp(attempt->record.account, batch->attempts[0]->record.account) != 0) {
            at = &attempt->next;
            continue;
        }
        *at = attempt->next;
        batch->attempts[batch->count++] = attempt;
    }
    r->count -= batch->count;
    r->on_the_way += (unsigned)batch->count;
    if (r->first == NULL)
        r->end = &r->first;
    else if (*at == NULL)
        r->end = at;
    return batch;
}

static void write_batch(struct sender *sender, struct batch *own_batch)
{
    struct record *records[MESSAGES_BATCH];
    for (size_t i = 0; i < own_batch->count; i++)
        records[i] = &own_batch->attempts[i]->record;
    if (messages_record(sender->links.redis, records, own_batch->count,
                        sender->ctx->settings->sender_max_attempts, on_recorded,
                        own_batch) != ERR_OK)
        on_recorded(own_batch, ERR_IO);
}

int64_t recorder_flush(struct sender *sender)
{
    struct recorder *r = &sender->recorder;
    int64_t within_ms = sender->ctx->settings->sender_record_within_ms;
    while (r->count > 0 && r->timer.at == 0 && redis_connected(sender->links.redis)) {
        int64_t left_ms = r->oldest_mono_ms + within_ms - clock_mono_ms();
        if (r->count < MESSAGES_BATCH && left_ms > 0)
            return left_ms;
        write_batch(sender, gather(sender));
    }
    return -1;
}

/* --- submitting --- */

/* Not longer than the message is valid: then it must be looked at again, to be FAILED. But Redis'
 * clock decides, and ours may be ahead of it: without a least wait it would be sent over and over.
 * Where the send's time was changed the record doesn't know until when: what was claimed is valid. */
static int64_t within_validity(const struct attempt *attempt, int64_t wait_ms)
{
    int64_t least_ms = attempt->sender->ctx->settings->sender_retry_base_ms;
    int64_t left_ms = attempt->visit->chunk.until_ms - clock_wall_ms();
    if (wait_ms <= left_ms || wait_ms <= least_ms || left_ms < -CLOCKS_APART_MS)
        return wait_ms;
    return left_ms > least_ms ? left_ms : least_ms;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t wait_of(const struct attempt *attempt, const struct outcome *outcome)
{
    const struct settings *s = attempt->sender->ctx->settings;
    const struct backoff pace = {s->sender_retry_base_ms, s->sender_retry_max_ms};
    if (outcome->verdict == VERDICT_UNKNOWN && !attempt->sender->carrier->deduplicates)
        return s->sender_unknown_after_ms;
    int64_t wait_ms = backoff_ms(pace, attempt->record.attempt - 1, crypto_random_u32());
    if (outcome->retry_after_ms > 0) /* and not all at that very moment */
        wait_ms += least(outcome->retry_after_ms, s->sender_retry_max_ms);
    return within_validity(attempt, wait_ms);
}

static void log_attempt(const struct attempt *a, const struct outcome *outcome, int64_t now_ms)
{
    const struct chunk *chunk = &a->visit->chunk;
    LOG(LOG_INFO, EV("attempt"), KSTR("account", chunk->account), KID("msg", a->record.message),
        KPHONE("to", a->to->digits), KSTR("carrier", a->sender->carrier->name),
        KINT("attempt", a->record.attempt), KINT("parts", chunk_item(chunk, recipient_of(a)).parts),
        KINT("queue_ms", clock_wall_ms() - (now_ms - a->submitted_mono_ms) - chunk->at_ms),
        KINT("send_ms", now_ms - a->submitted_mono_ms),
        KSTR("verdict", verdict_name(outcome->verdict)), KSTR("reason", outcome->reason),
        KSTR("ref", outcome->ref));
}

/* The one place where a verdict turns into what happens to the message. */
static void judged(struct attempt *attempt, const struct outcome *outcome)
{
    static const struct {
        enum outcome_letter letter;
        int metric;
    } effects[] = {
        [VERDICT_ACCEPTED] = {OUTCOME_ACCEPTED, SENDER_ACCEPTED},
        [VERDICT_REJECTED] = {OUTCOME_REJECTED, SENDER_REJECTED},
        [VERDICT_THROTTLED] = {OUTCOME_THROTTLED, SENDER_THROTTLED},
        [VERDICT_NOT_SENT] = {OUTCOME_NOT_SENT, SENDER_NOT_SENT},
        [VERDICT_UNKNOWN] = {OUTCOME_UNKNOWN, SENDER_UNKNOWN},
    };
    struct metrics *m = attempt->sender->ctx->metrics;
    int64_t now_ms = clock_mono_ms();
    attempt->record.outcome = effects[outcome->verdict].letter;
    attempt->record.error = outcome->error;
    attempt->record.wait_ms = wait_of(attempt, outcome);
    metrics_add(m, (size_t)effects[outcome->verdict].metric, 1);
    metrics_observe_ms(m, SENDER_CALL, now_ms - attempt->submitted_mono_ms);
    log_attempt(attempt, outcome, now_ms);
    wait_for_record(attempt);
}

static void tell_pace(struct attempt *a, const struct outcome *outcome)
{
    struct pace *pace = &a->sender->pace;
    if (outcome->verdict == VERDICT_ACCEPTED)
        pace_accepted(pace, visit_cost_of(a->visit, recipient_of(a), pace->in_parts));
    else if (outcome->verdict == VERDICT_THROTTLED)
        pace_throttled(pace, outcome->retry_after_ms);
}

/* first: of a list of all that went in the call. */
static void all_judged(struct attempt *first, size_t count, const struct outcome *outcomes)
{
    for (size_t i = 0; i < count; i++) {
        struct attempt *next = first->next; /* judged puts it into another list */
        tell_pace(first, &outcomes[i]);
        judged(first, &outcomes[i]);
        first = next;
    }
}

static void on_answer(void *arg, const struct httpc_answer *answer)
{
    struct attempt *first = arg;
    struct id messages[CARRIER_MOST_MESSAGES];
    struct outcome outcomes[CARRIER_MOST_MESSAGES];
    const struct attempt *a = first;
    size_t count = 0;
    do {
        messages[count++] = a->record.message;
        a = a->next;
    } while (a != NULL);
    carrier_judge(first->sender->carrier, answer, messages, count, outcomes);
    all_judged(first, count, outcomes);
}

static void write_report_url(struct buf *out, const struct attempt *attempt)
{
    const struct settings *s = attempt->sender->ctx->settings;
    struct report report = {.message = attempt->record.message, .attempt = attempt->record.attempt};
    memcpy(report.account, attempt->visit->chunk.account, sizeof(report.account));
    report_url_write(out, str_of(s->reports_url), str_of(s->reports_secret), &report);
}

/* Hands over what was gathered, in one call. */
static void go(struct sender *s)
{
    struct outgoing *out = &s->outgoing;
    const struct carrier *carrier = s->carrier;
    struct attempt *first = out->first;
    if (carrier->kind->close != NULL)
        carrier->kind->close(&out->body);
    const struct httpc_call call = {
        .url = carrier->url,
        .headers = (const char *const *)carrier->headers,
        .body = buf_view(&out->body),
        .timeout_ms = carrier->timeout_ms,
        /* the whole call must lie within the lease, which Redis began after we asked */
        .lease_mono_ms = first->asked_mono_ms + s->lease_ms - carrier->timeout_ms,
        .done = on_answer,
        .arg = first,
    };
    enum err err = httpc_post(s->httpc, &call);
    size_t count = out->count;
    metrics_add(s->ctx->metrics, SENDER_CALLS, 1);
    *out = (struct outgoing){.body = out->body};
    buf_clear(&out->body);
    if (err == ERR_OK)
        return;
    struct outcome outcomes[CARRIER_MOST_MESSAGES];
    for (size_t i = 0; i < count; i++)
        outcomes[i] = (struct outcome){
            .verdict = VERDICT_NOT_SENT, .retry_after_ms = -1, .reason = err_text(err)};
    all_judged(first, count, outcomes);
}

void attempt_flush(struct sender *sender)
{
    if (sender->outgoing.count > 0)
        go(sender);
}

static void gather_call(struct outgoing *out, struct attempt *attempt)
{
    attempt->next = NULL;
    *(out->count > 0 ? out->end : &out->first) = attempt;
    out->end = &attempt->next;
    out->count++;
}

static struct submit submit_of(const struct attempt *attempt, struct buf *url)
{
    const struct chunk *chunk = &attempt->visit->chunk;
    const struct chunk_item item = chunk_item(chunk, recipient_of(attempt));
    buf_clear(url);
    write_report_url(url, attempt);
    return (struct submit){
        .message = attempt->record.message,
        .to = attempt->to,
        .from = chunk->from,
        .body = item.body,
        .encoding = item.encoding,
        .parts = item.parts,
        .report_url = buf_view(url),
    };
}

/* From its second attempt on a message goes alone: what it was with may have been to blame. */
static size_t most_with(const struct attempt *attempt)
{
    return attempt->record.attempt > 1 ? 1 : attempt->sender->carrier->kind->most_messages;
}

static void submit(struct attempt *attempt)
{
    static struct buf url = {.cap = 4096}; /* scratch */
    struct sender *s = attempt->sender;
    struct outgoing *out = &s->outgoing;
    const struct carrier_kind *kind = s->carrier->kind;
    size_t most = most_with(attempt);
    if (most == 1)
        attempt_flush(s);
    const struct submit what = submit_of(attempt, &url);
    if (out->count == 0) {
        out->body.cap = (size_t)2 * CARRIER_CALL_BYTES;
        out->submit = what;
        if (kind->open != NULL)
            kind->open(&out->body, &out->submit);
    }
    kind->write(&out->body, out->count == 0 ? &out->submit : &what, &out->submit);
    gather_call(out, attempt);
    if (out->count >= most || out->body.n >= CARRIER_CALL_BYTES)
        go(s);
}

void attempt_start(struct sender *sender, struct visit *visit, size_t recipient, unsigned number,
                   int64_t asked_mono_ms)
{
    struct attempt *attempt = xalloc(sizeof(*attempt));
    *attempt = (struct attempt){
        .sender = sender,
        .visit = visit,
        .to = &visit->chunk.to[recipient],
        .record = {.account = visit->chunk.account,
                   .message = chunk_message(&visit->chunk, recipient),
                   .attempt = number,
                   .claim = visit->claim.number},
        .asked_mono_ms = asked_mono_ms,
        .submitted_mono_ms = clock_mono_ms(),
    };
    int64_t shut_ms = pace_shut_ms(&sender->pace);
    if (shut_ms > 0) /* since it was claimed */
        judged(attempt, &(struct outcome){.verdict = VERDICT_THROTTLED,
                                          .retry_after_ms = shut_ms,
                                          .reason = "the carrier wants to be asked later"});
    else
        submit(attempt);
}
