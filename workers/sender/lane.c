#include "workers/sender/lane.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/io/crypto.h"
#include "common/store/due.h"
#include "workers/sender/night.h"
#include "workers/sender/sender.h"

#include <stdio.h>

enum {
    OPEN_PER_WINDOW = 4,
    ASLEEP_PER_WINDOW = 2,
    BULK_SHARE = 6, /* of the window is asked for at once */
    OPEN_CAP = 100000,
    REVOKE_WAIT_MS = 2000,
    PAUSE_MS = 200,
    SLEEP_MOST_MS = 1000,
    SLEEP_LEAST_MS = 2,
    EARLY_MS = 400, /* that much before its time a record comes back, so that it is here then */
};

/* A claim of several visits on its way. */
struct question {
    struct lane *lane;
    int64_t asked_mono_ms;
    size_t count;
    struct visit *visits[MESSAGES_BATCH];
};

static unsigned number_of(const struct lane *lane)
{
    return (unsigned)(lane - lane->sender->lanes);
}

/* --- visits --- */

static void stop_sleep(struct lane *lane, struct visit *visit)
{
    if (visit->sleep.at != 0)
        lane->asleep--;
    loop_timer_stop(lane->sender->ctx->loop, &visit->sleep);
}

static void forget(struct lane *lane, struct visit *own_visit)
{
    stop_sleep(lane, own_visit);
    own_visit->prev->next = own_visit->next;
    own_visit->next->prev = own_visit->prev;
    lane->visit_count--;
    visit_free(own_visit);
}

/* The record's effect is durable. */
static void finish(struct lane *lane, struct visit *own_visit)
{
    const struct kafka_record *record = &own_visit->kept.record;
    kafka_finish(lane->consumer, record->partition, record->offset, record->epoch);
    forget(lane, own_visit);
}

static void set_once(struct lane *lane, struct loop_timer *timer)
{
    struct loop *loop = lane->sender->ctx->loop;
    if (timer->at == 0)
        loop_timer_set(loop, timer, loop_now_ms(loop) + PAUSE_MS);
}

static void settle(struct lane *lane, struct visit *visit);

static void on_deferred(void *arg, enum err err)
{
    struct visit *visit = arg;
    struct lane *lane = visit->lane;
    visit->asking = false;
    if (err == ERR_OK) {
        metrics_add(lane->sender->ctx->metrics, SENDER_DEFERRED, 1);
        finish(lane, visit);
        return;
    }
    set_once(lane, &lane->again);
}

static int64_t wait_of(const struct lane *lane, const struct visit *visit)
{
    return visit->next_at_ms - lane_wall_ms(lane);
}

static void defer(struct lane *lane, struct visit *visit)
{
    bool early = wait_of(lane, visit) > SLEEP_MOST_MS;
    char name[CHUNK_NAME_SIZE], key[ID_TEXT_SIZE];
    chunk_name(name, &visit->chunk);
    id_format(
        key,
        visit->chunk.send); /* not the key it came with, which a foreign producer may have chosen */
    const struct due due = {
        .name = str_of(name),
        .topic = str_of(lane->topic),
        .key = str_of(key),
        .record = visit->kept.record.value,
    };
    visit->asking = true;
    if (due_put(lane->sender->links.redis, (unsigned)lane->sender->ctx->settings->due_shards, &due,
                visit->next_at_ms - (early ? EARLY_MS : 0), on_deferred, visit) != ERR_OK)
        on_deferred(visit, ERR_IO);
}

static void on_dead_letter(void *arg, enum kafka_outcome outcome)
{
    struct visit *visit = arg;
    struct lane *lane = visit->lane;
    visit->asking = false;
    if (outcome == KAFKA_PERSISTED)
        finish(lane, visit);
    else
        set_once(lane, &lane->again);
}

static void bury(struct lane *lane, struct visit *visit)
{
    visit->asking = true;
    metrics_add(lane->sender->ctx->metrics, SENDER_DEAD_LETTERS, 1);
    if (links_dead_letter(&lane->sender->links, visit->dead, lane->topic, &visit->kept.record,
                          on_dead_letter, visit) != ERR_OK)
        on_dead_letter(visit, KAFKA_NOT_PERSISTED);
}

/* --- sleep --- */

static void on_wake(void *arg)
{
    struct visit *visit = arg;
    struct lane *lane = visit->lane;
    lane->asleep--;
    visit_wake(visit, crypto_random_u32());
    turns_put_last(&lane->turns, visit);
}

/* Short waits are not worth the way through the delay queue. False: it must go that way. */
static bool go_to_sleep(struct lane *lane, struct visit *visit)
{
    struct loop *loop = lane->sender->ctx->loop;
    int64_t wait_ms = wait_of(lane, visit);
    bool asleep = visit->sleep.at != 0;
    if (lane->draining || wait_ms > SLEEP_MOST_MS ||
        (!asleep && lane->asleep >= lane->window * ASLEEP_PER_WINDOW))
        return false;
    lane->asleep += !asleep;
    visit->sleep.fn = on_wake;
    visit->sleep.arg = visit;
    loop_timer_set(loop, &visit->sleep,
                   loop_now_ms(loop) + (wait_ms > SLEEP_LEAST_MS ? wait_ms : SLEEP_LEAST_MS));
    return true;
}

/* What to do with a visit that has nothing to ask. */
static void settle(struct lane *lane, struct visit *visit)
{
    if (!visit_idle(visit))
        return;
    if (visit->dead == NULL && visit->later > 0 && go_to_sleep(lane, visit))
        return;
    if (!visit_settled(visit))
        return;
    stop_sleep(lane,
               visit); /* what was soon may be far by Redis' clock, which is known better now */
    if (visit->dead != NULL)
        bury(lane, visit);
    else if (visit->later > 0)
        defer(lane, visit);
    else
        finish(lane, visit);
}

static void on_pause_over(void *arg)
{
    (void)arg; /* waking the loop is enough: lane_claim runs before each wait */
}

static void on_again(void *arg)
{
    struct lane *lane = arg;
    struct visit *next;
    for (struct visit *v = lane->visits.next; v != &lane->visits; v = next) {
        next = v->next; /* settling frees at most v, and later */
        settle(lane, v);
    }
}

/* --- claims --- */

static void take_answers(struct lane *lane, struct visit *visit, int64_t asked_mono_ms)
{
    const struct claim *claim = &visit->claim;
    int64_t unused = visit->paid;
    visit->paid = 0;
    visit_answered(visit);
    if (claim->rest_at_ms > 0)
        metrics_add(lane->sender->ctx->metrics, SENDER_TOLD_TO_WAIT, 1);
    if (!claim->differs)
        lane->redis_ahead_ms = claim->now_ms - clock_wall_ms();
    for (size_t i = 0; i < claim->count; i++) {
        int64_t answer = claim->answers[i];
        if (answer <= 0) {
            lane->in_use--;
            continue;
        }
        unused -= visit_cost_of(visit, claim->first + i, lane->sender->pace.in_parts);
        attempt_start(lane->sender, visit, claim->first + i, (unsigned)answer, asked_mono_ms);
    }
    if (unused > 0)
        pace_return(&lane->sender->pace, number_of(lane), unused);
    if (visit->dead == NULL && visit->to_ask > 0)
        turns_put_first(&lane->turns, visit);
    settle(lane, visit);
}

static void on_claimed(void *arg, enum err err)
{
    struct question *q = arg;
    struct lane *lane = q->lane;
    for (size_t i = q->count; i-- > 0;) { /* backwards: what is put first keeps its order */
        struct visit *visit = q->visits[i];
        if (err == ERR_OK) {
            take_answers(lane, visit, q->asked_mono_ms);
            continue;
        }
        lane->in_use -= (unsigned)visit->claim.count;
        visit->asking = false;
        visit->again =
            true; /* the claim may stand: asked again under its number, it is granted again */
        turns_put_first(&lane->turns, visit);
    }
    attempt_flush(lane->sender);
    if (err != ERR_OK)
        set_once(lane, &lane->pause);
    xfree(q);
}

/* How many places must be free to ask for a visit. In bulk not for each single one that becomes free: what a claim costs is
 * mostly its own, not its messages'. */
static size_t places_for(const struct lane *lane, const struct visit *visit)
{
    size_t some = lane->window / BULK_SHARE, left = visit->to_ask;
    if (visit->again)
        return visit->claim.count;
    if (number_of(lane) == LANE_FAST || some < 1 || left < 1)
        return 1;
    return left < some ? left : some;
}

/* There is something to ask, and nothing but tokens can be in its way. */
bool lane_wants(const struct lane *lane)
{
    const struct visit *visit = turns_first(&lane->turns);
    if (visit == NULL || lane->draining || lane->pause.at != 0 ||
        switch_stopped(&lane->sender->traffic) || !redis_connected(lane->sender->links.redis))
        return false;
    return lane->in_use + places_for(lane, visit) <= lane->window;
}

static bool can_ask(const struct lane *lane)
{
    const struct pace *pace = &lane->sender->pace;
    if (!lane_wants(lane))
        return false;
    if (turns_first(&lane->turns)->again)
        return pace_shut_ms(pace) == 0;
    return pace_tokens(pace, number_of(lane)) > 0;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void mind_night(const struct lane *lane, struct visit *visit)
{
    const struct night night = {.local_time = lane->sender->local_time,
                                .jitter_ms = lane->sender->ctx->settings->quiet_jitter_ms,
                                .now_ms = lane_wall_ms(lane)};
    night_mind(&night, visit);
}

/* The question of a visit; the tokens for it are spent. */
static void prepare(struct lane *lane, struct visit *visit)
{
    struct pace *pace = &lane->sender->pace;
    bool again = visit->again; /* it has been paid for */
    int64_t tokens = pace_tokens(pace, number_of(lane));
    int64_t most = lane->window - lane->in_use, parts = turns_left(&lane->turns);
    if (pace->in_parts)
        parts = least(parts, tokens);
    else
        most = least(most, tokens);
    visit->claim.fast = number_of(lane) == LANE_FAST;
    visit_ask(visit, (size_t)most, parts, lane->sender->carrier->deduplicates);
    if (!again)
        mind_night(lane, visit);
    lane->in_use += (unsigned)visit->claim.count;
    if (again || tokens == INT64_MAX)
        return;
    visit->paid = visit_cost(visit, pace->in_parts);
    pace_spend(pace, number_of(lane), visit->paid);
}

/* Takes the first visit that waits into the question. False: it belongs to another account. */
static bool join(struct lane *lane, struct question *q)
{
    struct visit *visit = turns_first(&lane->turns);
    if (q->count > 0 && strcmp(visit->chunk.account, q->visits[0]->chunk.account) != 0)
        return false;
    prepare(lane, visit);
    q->visits[q->count++] = turns_take(&lane->turns, visit_cost(visit, true));
    return true;
}

static void ask(struct lane *lane)
{
    struct claim *claims[MESSAGES_BATCH];
    struct question *q = xalloc(sizeof(*q));
    size_t lines = 0;
    q->lane = lane;
    q->asked_mono_ms = clock_mono_ms();
    while (can_ask(lane) && q->count < MESSAGES_BATCH && lines < (size_t)2 * MESSAGES_BATCH &&
           join(lane, q))
        lines += q->visits[q->count - 1]->claim.count;
    for (size_t i = 0; i < q->count; i++)
        claims[i] = &q->visits[i]->claim;
    const struct sender *s = lane->sender;
    const struct claim_terms terms = {
        .lease_ms = s->lease_ms,
        .patience_ms = s->ctx->settings->sender_unknown_after_ms,
        .rates_in_parts = s->ctx->settings->rate_cost == RATE_COST_PARTS,
    };
    if (messages_claim(s->links.redis, claims, q->count, &terms, on_claimed, q) != ERR_OK)
        on_claimed(q, ERR_IO);
}

void lane_claim(struct lane *lane)
{
    while (can_ask(lane))
        ask(lane);
}

int64_t lane_wall_ms(const struct lane *lane)
{
    return clock_wall_ms() + lane->redis_ahead_ms;
}

void lane_recorded(struct lane *lane, struct visit *visit)
{
    lane->in_use--;
    visit->under_way--;
    settle(lane, visit);
}

/* --- records --- */

static bool on_record(void *arg, const struct kafka_record *record)
{
    struct lane *lane = arg;
    if (lane->draining || lane->visit_count >= lane->window * OPEN_PER_WINDOW)
        return false;
    struct visit *visit = visit_new(lane, record, crypto_random_u32());
    visit->next = &lane->visits;
    visit->prev = lane->visits.prev;
    visit->prev->next = visit->next->prev = visit;
    lane->visit_count++;
    if (visit->dead == NULL)
        turns_put_last(&lane->turns, visit);
    else
        settle(lane, visit);
    return true;
}

enum err lane_open(struct lane *lane, struct sender *sender, const char *topic, unsigned window)
{
    const struct settings *s = sender->ctx->settings;
    const struct kafka_consumer_conf conf = {
        .brokers = s->kafka_brokers,
        .client_id = sender->ctx->name,
        .group = "sms-sender",
        .topic = topic,
        .revoke_wait_ms = REVOKE_WAIT_MS,
        .open_cap = OPEN_CAP,
        .record = on_record,
        .arg = lane,
    };
    *lane = (struct lane){.sender = sender, .topic = topic, .window = window};
    lane->visits.next = lane->visits.prev = &lane->visits;
    lane->pause = (struct loop_timer){.fn = on_pause_over, .arg = lane};
    lane->again = (struct loop_timer){.fn = on_again, .arg = lane};
    return kafka_consumer_new(&lane->consumer, sender->ctx->loop, &conf);
}

/* Those that only wait are left to whoever reads their records next. */
void lane_drain(struct lane *lane)
{
    lane->draining = true;
    kafka_consumer_stop(lane->consumer);
}

void lane_close(struct lane *lane)
{
    if (lane->consumer == NULL)
        return;
    loop_timer_stop(lane->sender->ctx->loop, &lane->pause);
    loop_timer_stop(lane->sender->ctx->loop, &lane->again);
    kafka_consumer_free(lane->consumer);
    lane->consumer = NULL;
    turns_done(&lane->turns);
    while (lane->visits.next != &lane->visits)
        forget(lane, lane->visits.next);
}

unsigned lane_busy(const struct lane *lane)
{
    unsigned busy = lane->in_use;
    for (const struct visit *v = lane->visits.next; v != &lane->visits; v = v->next)
        busy += v->asking;
    return busy;
}
