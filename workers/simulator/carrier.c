#include "workers/simulator/carrier.h"

#include "common/base/clock.h"
#include "common/io/crypto.h"

enum {
    MAX_REFERENCES = 1000000,
    MAX_MESSAGES = 100000,
    MAX_MESSAGE_BYTES = 256 * 1024 * 1024,
    MAX_REPORTS = 1000000,
    REPORT_CALLS = 64,
    REPORT_BODY_BYTES = 2048,
};

static void on_report(void *arg, uint64_t message, bool sent)
{
    const struct carrier *carrier = arg;
    ledger_set_report(carrier->ledger, message, sent ? LEDGER_SENT : LEDGER_FAILED);
}

static void start_chance(struct carrier *carrier)
{
    uint64_t seed = (uint64_t)carrier->behaviour.seed;
    carrier->dice = (struct dice){seed};
    carrier->throttle = (struct behaviour_throttle){0};
    /* Dice of their own: when reports are posted depends on timing, what happens to submits must
     * not. */
    reports_shuffle(carrier->reports, carrier->behaviour.report.reorder, ~seed);
    reports_hold(carrier->reports, carrier->behaviour.report.held);
}

enum err carrier_init(struct carrier *carrier, struct loop *loop)
{
    /* Ids go on from the time, so that they stay new after a restart. */
    const struct ledger_conf ledger = {
        .max_references = MAX_REFERENCES,
        .max_messages = MAX_MESSAGES,
        .max_message_bytes = MAX_MESSAGE_BYTES,
        .first_id = (uint64_t)clock_wall_ms() * 1000,
    };
    const struct reports_conf reports = {
        .max_calls = REPORT_CALLS,
        .max_pending = MAX_REPORTS,
        .timeout_ms = 10000,
        .backoff = {200, 5000},
        .give_up_ms = 600000,
        .pace_ms = 2,
        .settled = on_report,
        .arg = carrier,
    };
    *carrier = (struct carrier){.loop = loop, .report_body = {.cap = REPORT_BODY_BYTES}};
    carrier->ledger = ledger_new(&ledger);
    carrier->replies = replies_new(loop);
    enum err err = reports_new(&carrier->reports, loop, &reports);
    if (err)
        return err;
    behaviour_default(&carrier->behaviour, crypto_random_u32());
    start_chance(carrier);
    return ERR_OK;
}

void carrier_done(struct carrier *carrier)
{
    reports_free(carrier->reports);
    replies_free(carrier->replies);
    ledger_free(carrier->ledger);
    buf_done(&carrier->report_body);
    *carrier = (struct carrier){0};
}

enum err carrier_behave(struct carrier *carrier, struct str json, struct behaviour_fault *ret_fault)
{
    enum err err = behaviour_update(&carrier->behaviour, json, ret_fault);
    if (!err)
        start_chance(carrier);
    return err;
}

void carrier_reset(struct carrier *carrier)
{
    ledger_reset(carrier->ledger);
    reports_reset(carrier->reports);
    behaviour_default(&carrier->behaviour, crypto_random_u32());
    start_chance(carrier);
}

static void count_fate(struct ledger_counts *counts, enum behaviour_fate fate)
{
    switch (fate) {
    case FATE_ACCEPT:
        break; /* the ledger counts it, when it is new */
    case FATE_FAIL:
    case FATE_ACCEPT_AND_FAIL:
        counts->failed++;
        break;
    case FATE_REJECT:
        counts->rejected++;
        break;
    case FATE_THROTTLE:
        counts->throttled++;
        break;
    case FATE_HANG_UP:
    case FATE_ACCEPT_AND_HANG_UP:
        counts->hung_up++;
        break;
    case FATE_NEVER_ANSWER:
        counts->unanswered++;
        break;
    case FATE_BAD_JSON:
        counts->garbled++;
        break;
    case FATE_LATE:
        counts->late++;
        break;
    case FATE_CUT_OFF:
        counts->cut_off++;
        break;
    case FATE_DRIP:
        counts->dripped++;
        break;
    case FATE_COUNT:
        break;
    }
}

/* at_ms is when the phone got it, or didn't: the report says the same however late it is taken. */
static void write_report(struct buf *out, uint64_t message, struct str reference,
                         const char *status, int64_t at_ms)
{
    char at[CLOCK_TEXT_SIZE];
    bool delivered = strcmp(status, "delivered") == 0;
    clock_format_ms(at, at_ms);
    buf_clear(out);
    buf_text(out, "{\"id\":\"sim-");
    buf_uint(out, message);
    buf_text(out, "\",\"reference\":");
    buf_json(out, reference);
    buf_text(out, ",\"status\":");
    buf_json(out, str_of(status));
    buf_text(out, delivered ? ",\"error\":null" : ",\"error\":\"absent_subscriber\"");
    buf_text(out, ",\"at\":\"");
    buf_text(out, at);
    buf_text(out, "\"}");
}

static void add_reports(struct carrier *carrier, uint64_t message, const struct submit *s,
                        int64_t answer_in_ms)
{
    const struct behaviour_report *report = &carrier->behaviour.report;
    bool fails = report->fail_rate > 0 && dice_roll(&carrier->dice) < report->fail_rate;
    int64_t wait_ms = behaviour_span_ms(report->delay, &carrier->dice);
    if (!report->overtakes)
        wait_ms += answer_in_ms;
    write_report(&carrier->report_body, message, s->reference, fails ? "failed" : report->status,
                 clock_wall_ms() + wait_ms);
    for (int64_t i = 0; i <= report->repeat_count; i++) {
        if (reports_add(carrier->reports, message, s->report_url, buf_view(&carrier->report_body),
                        loop_now_ms(carrier->loop) + wait_ms))
            ledger_set_report(carrier->ledger, message, LEDGER_PENDING);
    }
}

/* A reference that was accepted before is the same message again: its first id, and no more. */
static uint64_t accept(struct carrier *carrier, struct ledger_entry *entry, const struct submit *s,
                       int64_t answer_in_ms)
{
    if (entry != NULL && entry->accepted != 0)
        return entry->accepted;
    uint64_t message = ledger_accept(carrier->ledger, entry, s, clock_wall_ms());
    if (carrier->behaviour.report.enabled && s->report_url.n > 0)
        add_reports(carrier, message, s, answer_in_ms);
    return message;
}

static enum behaviour_fate decide(struct carrier *carrier)
{
    return behaviour_decide(&carrier->behaviour, &carrier->throttle, &carrier->dice,
                            loop_now_ms(carrier->loop));
}

/* Counts a message that meets this fate, and accepts it if the fate says so. Returns its id, or 0. */
static uint64_t take(struct carrier *carrier, const struct submit *s, enum behaviour_fate fate,
                     int64_t answer_in_ms)
{
    struct ledger_entry *entry = ledger_count(carrier->ledger, s->reference);
    count_fate(ledger_get_counts(carrier->ledger), fate);
    ledger_note(entry, behaviour_accepts(fate), fate == FATE_ACCEPT, behaviour_refuses(fate));
    return behaviour_accepts(fate) ? accept(carrier, entry, s, answer_in_ms) : 0;
}

static void give(struct carrier *carrier, struct httpd_req *own_req, struct reply *own_reply,
                 int64_t wait_ms)
{
    const struct behaviour *behaviour = &carrier->behaviour;
    own_reply->status = (int)behaviour->failure_status;
    memcpy(own_reply->error, behaviour->reject_error, sizeof own_reply->error);
    if (own_reply->fate == FATE_LATE)
        wait_ms += behaviour->late_ms;
    replies_give(carrier->replies, own_req, own_reply, wait_ms);
}

static void refuse(struct carrier *carrier, struct httpd_req *own_req, const char *fault)
{
    ledger_get_counts(carrier->ledger)->rejected++;
    replies_refuse(own_req, 400, fault, NULL);
}

void carrier_submit(struct carrier *carrier, struct httpd_req *own_req)
{
    struct submit s;
    const char *fault = NULL;
    ledger_get_counts(carrier->ledger)->received++;
    if (submit_parse(&s, httpd_body(own_req), &fault)) {
        refuse(carrier, own_req, fault);
        return;
    }
    struct reply reply = {.fate = decide(carrier)};
    int64_t wait_ms = behaviour_span_ms(carrier->behaviour.latency, &carrier->dice);
    reply.message = take(carrier, &s, reply.fate, wait_ms);
    submit_done(&s);
    give(carrier, own_req, &reply, wait_ms);
}

/* --- several messages in one call --- */

static void write_result(struct buf *out, const struct behaviour *behaviour, const struct submit *s,
                         enum behaviour_fate fate, uint64_t message)
{
    buf_text(out, out->n > 12 ? ",{\"reference\":" : "{\"reference\":");
    buf_json(out, s->reference);
    if (fate == FATE_REJECT) {
        buf_text(out, ",\"status\":400,\"error\":");
        buf_json(out, str_of(behaviour->reject_error));
    } else if (fate == FATE_THROTTLE) {
        buf_text(out, ",\"status\":429,\"retry_after\":1");
    } else if (fate == FATE_FAIL || fate == FATE_ACCEPT_AND_FAIL) {
        buf_text(out, ",\"status\":");
        buf_int(out, behaviour->failure_status);
    } else {
        buf_text(out, ",\"status\":202,\"id\":\"sim-");
        buf_uint(out, message);
        buf_char(out, '"');
    }
    buf_char(out, '}');
}

/* The first one's fate is that of all when it is the connection's; else each has its own. */
static void take_all(struct carrier *carrier, const struct submit_batch *batch, struct reply *reply,
                     int64_t wait_ms)
{
    struct buf results = {.cap = SIZE_MAX / 2};
    enum behaviour_fate fate = decide(carrier);
    bool of_call = behaviour_is_of_call(fate);
    reply->fate = of_call ? fate : FATE_ACCEPT;
    buf_text(&results, "{\"results\":[");
    for (size_t i = 0; i < batch->count; i++) {
        if (i > 0 && !of_call)
            fate = decide(carrier);
        if (!of_call && behaviour_is_of_call(fate))
            fate = FATE_ACCEPT;
        uint64_t message = take(carrier, &batch->list[i], fate, wait_ms);
        write_result(&results, &carrier->behaviour, &batch->list[i], fate, message);
    }
    buf_text(&results, "]}");
    reply->own_results.n = results.n;
    reply->own_results.p = buf_take(&results);
}

void carrier_submit_batch(struct carrier *carrier, struct httpd_req *own_req)
{
    struct submit_batch batch;
    const char *fault = NULL;
    struct reply reply = {.fate = FATE_ACCEPT};
    if (submit_parse_batch(&batch, httpd_body(own_req), &fault)) {
        ledger_get_counts(carrier->ledger)->received++;
        refuse(carrier, own_req, fault);
        return;
    }
    ledger_get_counts(carrier->ledger)->received += (int64_t)batch.count;
    int64_t wait_ms = behaviour_span_ms(carrier->behaviour.latency, &carrier->dice);
    take_all(carrier, &batch, &reply, wait_ms);
    submit_batch_done(&batch);
    give(carrier, own_req, &reply, wait_ms);
}
