/*
 * Random calls on a few messages, compared with a model of the rules in C after each step. A lease,
 * wait or patience is over at once or lasts for an hour, so no step depends on the clock.
 */
#include "common/io/crypto.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum {
    HOUR_MS = 3600000,
    ROUNDS = 40,
    STEPS = 75,
    CHUNKS = 3,
    MESSAGES = 5, /* two singles, and a send of three */
    CLAIMS = 4
};

/* What a message must look like. Zero: it was not created. */
struct model {
    bool created, held; /* held: `when` is an hour away, else it has passed */
    enum status status;
    unsigned attempt, flags;
    uint32_t claim;
    enum error error;
};

static struct store s;
static struct chunk chunks[CHUNKS];
static struct model models[MESSAGES];
static struct line before[MESSAGES];
static bool stopped; /* the send of many was cancelled as a whole */
static uint64_t seed, dice;

/* xorshift64 */
static unsigned roll(unsigned sides)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return (unsigned)(dice >> 33) % sides;
}

static int64_t now_or_later(void)
{
    return roll(2) == 0 ? 0 : HOUR_MS;
}

static struct id id_of(size_t message)
{
    return message < 2 ? chunk_message(&chunks[message], 0)
                       : chunk_message(&chunks[2], message - 2);
}

/* Those of a chunk's messages. */
static struct model *models_of(size_t chunk)
{
    return &models[chunk];
}

/* --- the rules --- */

static void model_create(size_t chunk)
{
    for (size_t i = 0; i < chunks[chunk].to_count; i++) {
        struct model *m = &models_of(chunk)[i];
        if (!m->created)
            *m = (struct model){.created = true, .status = STATUS_QUEUED};
    }
}

static void model_fail(struct model *m, enum error error)
{
    m->status = STATUS_FAILED;
    m->error = error;
}

static int64_t model_grant(struct model *m, const struct claim *ask, int64_t lease_ms)
{
    m->status = STATUS_SENDING;
    m->claim = ask->number;
    m->held = lease_ms > 0;
    return m->attempt;
}

static void model_unknown(struct model *m, int64_t wait_ms)
{
    m->flags |= LINE_UNKNOWN;
    m->error = ERROR_OUTCOME;
    m->held = wait_ms > 0;
}

/* 1 and more: the attempt; 0 nothing; -1 later. */
static int64_t model_claim(struct model *m, const struct claim *ask, int64_t lease_ms,
                           int64_t patience_ms)
{
    bool valid = ask->chunk->until_ms > ask->chunk->at_ms;
    if (m->status == STATUS_QUEUED && !valid) {
        model_fail(m, ERROR_EXPIRED);
        return 0;
    }
    if (m->status != STATUS_QUEUED && m->status != STATUS_SENDING)
        return 0;
    if (m->status == STATUS_SENDING && m->claim == ask->number && !(m->flags & LINE_UNKNOWN))
        return model_grant(m, ask, lease_ms);
    if (m->held)
        return -1;
    if (m->status == STATUS_QUEUED || (ask->deduplicates && valid)) {
        if (m->status == STATUS_SENDING)
            m->flags = (m->flags & ~(unsigned)LINE_UNKNOWN) | LINE_EARLIER;
        m->attempt++;
        return model_grant(m, ask, lease_ms);
    }
    if (m->flags & LINE_UNKNOWN) {
        model_fail(m, ERROR_OUTCOME);
        return 0;
    }
    model_unknown(m, patience_ms);
    return -1;
}

static enum written model_accepted(struct model *m)
{
    if (m->flags & LINE_COUNTED && m->status != STATUS_SENDING)
        return WRITTEN_SAME;
    m->flags = (m->flags | LINE_COUNTED) & ~(unsigned)LINE_UNKNOWN;
    if (m->status == STATUS_SENDING) {
        m->status = STATUS_SENT;
        m->error = ERROR_NONE;
    }
    return WRITTEN_CHANGED;
}

static enum written model_record(struct model *m, const struct record *record)
{
    if (!m->created)
        return WRITTEN_ABSENT;
    if (record->attempt != m->attempt || record->claim != m->claim)
        return WRITTEN_REFUSED;
    if (record->outcome == OUTCOME_ACCEPTED)
        return model_accepted(m);
    if (m->status != STATUS_SENDING)
        return WRITTEN_SAME;
    if (record->outcome == OUTCOME_UNKNOWN ||
        (record->outcome == OUTCOME_NOT_SENT && m->flags & LINE_EARLIER)) {
        model_unknown(m, record->wait_ms);
        return WRITTEN_CHANGED;
    }
    m->flags &= ~(unsigned)LINE_UNKNOWN;
    if (record->outcome == OUTCOME_REJECTED) {
        model_fail(m, record->error);
    } else {
        bool is_stopped = stopped && m >= &models[2];
        m->status = is_stopped ? STATUS_CANCELLED : STATUS_QUEUED;
        m->error = ERROR_NONE;
        m->held = record->wait_ms > 0;
    }
    return WRITTEN_CHANGED;
}

static enum written model_report(struct model *m, const struct report *report)
{
    bool delivered = report->state == REPORT_DELIVERED;
    if (!m->created)
        return WRITTEN_ABSENT;
    if (m->status == (delivered ? STATUS_DELIVERED : STATUS_FAILED))
        return WRITTEN_SAME;
    if (delivered &&
        (m->attempt == 0 || m->status == STATUS_CANCELLED ||
         (m->status == STATUS_FAILED && m->error != ERROR_OUTCOME && !(m->flags & LINE_EARLIER))))
        return WRITTEN_REFUSED;
    bool about = report->attempt == m->attempt ||
                 (m->flags & LINE_EARLIER && report->attempt > 0 && report->attempt < m->attempt);
    if (!delivered && (!about || (m->status != STATUS_SENDING && m->status != STATUS_SENT)))
        return WRITTEN_REFUSED;
    m->flags = (m->flags | LINE_COUNTED) & ~(unsigned)LINE_UNKNOWN;
    m->status = delivered ? STATUS_DELIVERED : STATUS_FAILED;
    m->error = report->error;
    return WRITTEN_CHANGED;
}

/* --- the steps --- */

static void step_create(void)
{
    size_t chunk = roll(CHUNKS);
    model_create(chunk);
    store_create(&s, &chunks[chunk]);
}

static void step_claim(void)
{
    size_t chunk = roll(CHUNKS);
    struct chunk asked = chunks[chunk];
    int64_t lease_ms = now_or_later(), patience_ms = now_or_later();
    struct claim claim = {
        .chunk = &asked, .number = 1 + roll(CLAIMS), .deduplicates = roll(2) == 0};
    claim.first = roll((unsigned)asked.to_count);
    claim.count = 1 + roll((unsigned)(asked.to_count - claim.first));
    if (roll(12) == 0)
        asked.until_ms = asked.at_ms;
    store_claim(&s, &claim, lease_ms, patience_ms);
    cr_assert(!claim.differs);
    model_create(chunk);
    for (size_t i = 0; i < claim.count; i++) {
        int64_t want =
            model_claim(&models_of(chunk)[claim.first + i], &claim, lease_ms, patience_ms);
        int64_t got = claim.answers[i] < 0 ? -1 : claim.answers[i];
        cr_assert_eq(got, want, "claim: got %lld, wanted %lld (seed %llu)", (long long)got,
                     (long long)want, (unsigned long long)seed);
    }
}

static void step_record(void)
{
    static const enum outcome_letter letters[] = {OUTCOME_ACCEPTED, OUTCOME_REJECTED,
                                                  OUTCOME_NOT_SENT, OUTCOME_UNKNOWN};
    size_t message = roll(MESSAGES);
    struct model *m = &models[message];
    const struct record record = {
        .message = id_of(message),
        .attempt = m->attempt - (m->attempt > 0 && roll(5) == 0),
        .claim = roll(5) == 0 ? 1 + roll(CLAIMS) : m->claim,
        .outcome = letters[roll(4)],
        .error = ERROR_REJECTED,
        .wait_ms = now_or_later(),
    };
    enum written want = model_record(m, &record), got = store_record(&s, &record);
    cr_assert_eq(got, want, "record %c: got %d, wanted %d (seed %llu)", record.outcome, got, want,
                 (unsigned long long)seed);
}

static void step_report(void)
{
    size_t message = roll(MESSAGES);
    struct model *m = &models[message];
    struct report report = {.message = id_of(message), .attempt = roll(m->attempt + 2)};
    report.state = roll(2) == 0 ? REPORT_DELIVERED : REPORT_FAILED;
    report.error = report.state == REPORT_FAILED ? ERROR_ABSENT : ERROR_NONE;
    enum written want = model_report(m, &report), got = store_report(&s, &report);
    cr_assert_eq(got, want, "report: got %d, wanted %d (seed %llu)", got, want,
                 (unsigned long long)seed);
}

/* --- cancel: of a single, of the send of many, of one of it --- */

static void on_cancelled(void *arg, enum err err, const struct cancelled *cancelled)
{
    cr_assert_eq(err, ERR_OK);
    *(bool *)arg = true;
    (void)cancelled;
}

static void model_cancel(struct model *m)
{
    if (m->created && m->status == STATUS_QUEUED) {
        m->status = STATUS_CANCELLED;
        m->error = ERROR_NONE;
    }
}

static void step_cancel(void)
{
    bool come = false;
    size_t message = roll(MESSAGES + 1); /* the last: all of the send of many */
    bool all = message == MESSAGES;
    struct id id = all ? chunks[2].send : id_of(message);
    for (size_t i = 0; i < 3 && all; i++)
        model_cancel(&models[2 + i]);
    if (!all)
        model_cancel(&models[message]);
    stopped = stopped || (all && models[2].created);
    cr_assert_eq(messages_cancel(s.redis, STORE_SHARDS, s.account, id, on_cancelled, &come),
                 ERR_OK);
    for (int turns = 0; !come && turns < 400; turns++)
        loop_turn(s.loop, 50);
    cr_assert(come);
}

/* --- what holds after each --- */

/* Statuses of one attempt only rise; a new attempt begins from QUEUED or SENDING; what is final
 * stays, but for a failure behind which an attempt may have arrived. */
static bool may_follow(const struct line *was, const struct line *is)
{
    if (is->attempt < was->attempt || is->attempt > was->attempt + 1)
        return false;
    if (is->attempt > was->attempt)
        return is->status == STATUS_SENDING && was->status <= STATUS_SENDING;
    if (was->status == STATUS_FAILED && is->status == STATUS_DELIVERED)
        return was->error == ERROR_OUTCOME || was->flags & LINE_EARLIER;
    if (was->status == STATUS_SENDING && is->status == STATUS_QUEUED)
        return true; /* it was not sent */
    return status_final(was->status) ? is->status == was->status : is->status >= was->status;
}

static void check_times(const struct line *line)
{
    cr_assert_eq(line->final_at_ms > 0, status_final(line->status), "seed %llu",
                 (unsigned long long)seed);
    cr_assert(line->status != STATUS_DELIVERED ||
                  (line->sent_at_ms > 0 && line->final_at_ms >= line->sent_at_ms),
              "seed %llu", (unsigned long long)seed);
    cr_assert((line->flags & LINE_COUNTED) == 0 || line->sent_at_ms > 0, "seed %llu",
              (unsigned long long)seed);
}

static void check_message(size_t message, unsigned step)
{
    struct seen seen;
    const struct model *m = &models[message];
    store_see(&s, id_of(message), &seen);
    cr_assert_eq(seen.found, m->created);
    if (!seen.found)
        return;
    const struct line *line = &seen.line;
    cr_assert(line->status == m->status && line->attempt == m->attempt && line->flags == m->flags &&
                  line->claim == m->claim && line->error == m->error,
              "step %u, message %zu is %s, attempt %u, flags %u, error %d; wanted %s, attempt %u, "
              "flags %u, error %d (seed %llu)",
              step, message, status_name(line->status), line->attempt, line->flags, line->error,
              status_name(m->status), m->attempt, m->flags, m->error, (unsigned long long)seed);
    if (before[message].parts > 0)
        cr_assert(may_follow(&before[message], line), "step %u: %s after %s (seed %llu)", step,
                  status_name(line->status), status_name(before[message].status),
                  (unsigned long long)seed);
    check_times(line);
    before[message] = *line;
}

static void check_all(unsigned step)
{
    const struct chunk *there[CHUNKS];
    size_t count = 0;
    for (size_t i = 0; i < MESSAGES; i++)
        check_message(i, step);
    for (size_t i = 0; i < CHUNKS; i++) {
        if (models_of(i)->created)
            there[count++] = &chunks[i];
    }
    if (count > 0)
        store_audit(&s, there, count);
}

static void play(void)
{
    static void (*const steps[])(void) = {step_create, step_claim,  step_claim,  step_claim,
                                          step_record, step_record, step_report, step_cancel};
    store_open(&s);
    memset(models, 0, sizeof(models));
    memset(before, 0, sizeof(before));
    stopped = false;
    for (size_t i = 0; i < CHUNKS; i++) {
        store_chunk(&chunks[i], &s, i < 2 ? 1 : 3);
        chunks[i].at_ms = chunks[0].at_ms; /* one day for all */
        chunks[i].number = i == 2;         /* not the only chunk, so it is left to a sweep */
    }
    for (unsigned step = 0; step < STEPS; step++) {
        steps[roll(roll(3) == 0 ? 8 : 7)]();
        check_all(step);
    }
    store_close(&s);
}

Test(messages_random, keeps_to_the_rules)
{
    const char *given = getenv("SMS_TEST_SEED"); /* NOLINT(concurrency-mt-unsafe): nobody sets it */
    unsigned long long value = 0;
    if (given == NULL || !str_to_uint(str_of(given), UINT32_MAX, &value))
        value = crypto_random_u32();
    seed = value;
    dice = seed * 2654435761u + 1;
    for (unsigned round = 0; round < ROUNDS; round++)
        play();
}
