#include "workers/sender/pace.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/io/crypto.h"
#include "workers/sender/sender.h"

enum {
    HOLD_MS = 50,
    LOOK_MS = 50,
    SLOW_AGAIN_MS = 200, /* what a carrier throttles within that is one and the same */
    STRETCH_MS = 500,
    LEAST_WAIT_MS = 2,
    AGAIN_MS = 200 /* after trouble with Redis */
};

static int64_t now_ms(const struct pace *pace)
{
    return loop_now_ms(pace->sender->ctx->loop);
}

static void on_rest(void *arg);

static void on_look(void *arg)
{
    (void)arg; /* waking the loop is enough: lanes are asked before each wait */
}

void pace_init(struct pace *pace, struct sender *sender)
{
    const struct carrier *carrier = sender->carrier;
    *pace = (struct pace){
        .sender = sender,
        .limit = {carrier->name, carrier->rate_milli, carrier->burst},
        .in_parts = carrier->cost_in_parts,
        .number = crypto_random_u32(),
        .limit_milli = carrier->rate_milli,
        .look = {.fn = on_look},
    };
    for (size_t i = 0; i < PACE_PURSES; i++) {
        struct purse *purse = &pace->purses[i];
        *purse = (struct purse){
            .pace = pace, .fast = i == LANE_FAST, .rest = {.fn = on_rest, .arg = purse}};
    }
}

void pace_stop(struct pace *pace)
{
    if (pace->sender == NULL)
        return;
    for (size_t i = 0; i < PACE_PURSES; i++)
        loop_timer_stop(pace->sender->ctx->loop, &pace->purses[i].rest);
    loop_timer_stop(pace->sender->ctx->loop, &pace->look);
}

/* --- what Redis says --- */

static void learn(struct pace *pace, const struct carrier_pace *now)
{
    struct loop *loop = pace->sender->ctx->loop;
    bool had = pace->limit_milli != pace->limit.milli, has = now->limit_milli != pace->limit.milli;
    if (had != has)
        LOG(LOG_INFO, EV("carrier_limit"), KSTR("carrier", pace->limit.name),
            KINT("per_1000_s", now->limit_milli), KSTR("cut", has ? "true" : "false"));
    pace->limit_milli = now->limit_milli;
    if (now->shut_ms == 0)
        return;
    pace->shut_until_mono_ms = clock_mono_ms() + now->shut_ms;
    loop_timer_set(loop, &pace->look, pace->shut_until_mono_ms + 1);
}

static void rest(struct purse *purse, int64_t wait_ms)
{
    loop_timer_set(purse->pace->sender->ctx->loop, &purse->rest, now_ms(purse->pace) + wait_ms);
}

static void on_taken(void *arg, enum err err, const struct carrier_pace *now)
{
    struct purse *purse = arg;
    purse->asking = false;
    if (err != ERR_OK) {
        rest(purse, AGAIN_MS);
        return;
    }
    learn(purse->pace, now);
    purse->tokens += now->taken;
    if (purse->tokens > 0) {
        rest(purse, HOLD_MS);
        return;
    }
    int64_t wait_ms = (now->wait_us + 999) / 1000;
    metrics_add(purse->pace->sender->ctx->metrics, SENDER_CARRIER_WAITS, 1);
    rest(purse, wait_ms > LEAST_WAIT_MS ? wait_ms : LEAST_WAIT_MS);
}

/* Brings back what there is, and takes so many. */
static void take(struct purse *purse, int64_t want)
{
    struct pace *pace = purse->pace;
    const struct carrier_wish wish = {
        .fast = purse->fast, .want = want, .back = purse->tokens > 0 ? purse->tokens : 0};
    purse->tokens -= wish.back;
    purse->asking = true;
    loop_timer_stop(pace->sender->ctx->loop, &purse->rest);
    if (carrier_pace_take(pace->sender->links.redis, &pace->limit, &wish, on_taken, purse) !=
        ERR_OK)
        on_taken(purse, ERR_IO, NULL);
}

/* Tokens that nobody has needed go back; or it is time to ask again, which pace_want does. */
static void on_rest(void *arg)
{
    struct purse *purse = arg;
    if (purse->tokens > 0 && !purse->asking)
        take(purse, 0);
}

static void on_looked(void *arg, enum err err, const struct carrier_pace *now)
{
    struct pace *pace = arg;
    pace->looking = false;
    if (err == ERR_OK)
        learn(pace, now);
}

static void look(struct pace *pace)
{
    static const struct carrier_wish nothing = {0};
    if (pace->looking || now_ms(pace) < pace->looked_mono_ms + LOOK_MS)
        return;
    pace->looked_mono_ms = now_ms(pace);
    pace->looking = carrier_pace_take(pace->sender->links.redis, &pace->limit, &nothing, on_looked,
                                      pace) == ERR_OK;
}

/* --- lanes --- */

int64_t pace_shut_ms(const struct pace *pace)
{
    int64_t left_ms = pace->shut_until_mono_ms - clock_mono_ms();
    return left_ms > 0 ? left_ms : 0;
}

int64_t pace_tokens(const struct pace *pace, unsigned lane)
{
    if (pace_shut_ms(pace) > 0)
        return 0;
    if (pace->limit_milli == 0)
        return INT64_MAX;
    return pace->purses[lane].tokens > 0 ? pace->purses[lane].tokens : 0;
}

void pace_spend(struct pace *pace, unsigned lane, int64_t tokens)
{
    struct purse *purse = &pace->purses[lane];
    purse->tokens -= tokens;
    if (purse->tokens <= 0) /* nothing to bring back */
        loop_timer_stop(pace->sender->ctx->loop, &purse->rest);
}

void pace_return(struct pace *pace, unsigned lane, int64_t tokens)
{
    struct purse *purse = &pace->purses[lane];
    purse->tokens += tokens;
    if (purse->tokens > 0 && !purse->asking)
        rest(purse, HOLD_MS);
}

void pace_want(struct pace *pace, unsigned lane)
{
    struct purse *purse = &pace->purses[lane];
    if (pace_shut_ms(pace) > 0)
        return;
    if (pace->limit_milli == 0) {
        look(pace);
        return;
    }
    if (purse->tokens > 0 || purse->asking || purse->rest.at != 0)
        return;
    int64_t worth = pace->limit_milli * HOLD_MS / 1000000;
    take(purse, (worth > 1 ? worth : 1) - purse->tokens);
}

/* --- what the carrier says --- */

static void next_stretch(struct pace *pace)
{
    int64_t since_ms = now_ms(pace) - pace->took_since_mono_ms;
    if (since_ms < STRETCH_MS)
        return;
    pace->took_before = since_ms < INT64_C(2) * STRETCH_MS ? pace->took : 0;
    pace->took = 0;
    pace->took_since_mono_ms = now_ms(pace);
}

void pace_accepted(struct pace *pace, int64_t tokens)
{
    next_stretch(pace);
    pace->took += tokens;
}

void pace_throttled(struct pace *pace, int64_t retry_after_ms)
{
    const struct sender *s = pace->sender;
    next_stretch(pace);
    int64_t stretch_ms = now_ms(pace) - pace->took_since_mono_ms + STRETCH_MS;
    const struct carrier_throttling throttling = {
        .retry_after_ms = retry_after_ms > 0 ? retry_after_ms : 0,
        .speed_milli = (pace->took + pace->took_before) * 1000000 / stretch_ms,
        .sender = pace->number,
    };
    bool longer = retry_after_ms > pace_shut_ms(pace) + SLOW_AGAIN_MS;
    if (!longer && now_ms(pace) < pace->slowed_mono_ms + SLOW_AGAIN_MS)
        return;
    pace->slowed_mono_ms = now_ms(pace);
    if (retry_after_ms > 0 && longer)
        pace->shut_until_mono_ms = clock_mono_ms() + retry_after_ms; /* for this sender at once */
    if (carrier_pace_slow(s->links.redis, &pace->limit, &throttling, on_looked, pace) != ERR_OK)
        pace->slowed_mono_ms = 0;
}
