#include "workers/expander/sweeping.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/io/kafka_topics.h"
#include "common/store/sweeps.h"
#include "workers/expander/expander.h"

enum { PAUSE_MS = 500, SLICE = 20 /* calls */ };

struct sweeping {
    struct sweeping *prev, *next; /* in expander->sweeps */
    struct expander *expander;
    struct sweep sweep;
    int32_t partition;
    int64_t offset;
    uint32_t epoch;
    unsigned calls; /* of this slice */
    struct loop_timer again;
};

static void forget(struct sweeping *own_it)
{
    struct expander *e = own_it->expander;
    if (own_it->prev != NULL)
        own_it->prev->next = own_it->next;
    else
        e->sweeps = own_it->next;
    if (own_it->next != NULL)
        own_it->next->prev = own_it->prev;
    e->open--;
    loop_timer_stop(e->ctx->loop, &own_it->again);
    xfree(own_it);
}

static void finish(struct sweeping *own_it)
{
    struct expander *e = own_it->expander;
    kafka_finish(e->consumer, own_it->partition, own_it->offset, own_it->epoch);
    forget(own_it);
    kafka_consumer_more(e->consumer);
}

static void pause(struct sweeping *it)
{
    struct loop *loop = it->expander->ctx->loop;
    if (it->again.at == 0)
        loop_timer_set(loop, &it->again, loop_now_ms(loop) + PAUSE_MS);
}

static void go_on(struct sweeping *it);

static void on_put(void *arg, enum err err)
{
    if (err == ERR_OK)
        finish(arg);
    else
        pause(arg);
}

static void on_done(void *arg, enum err err, bool ended)
{
    struct sweeping *it = arg;
    if (err != ERR_OK) {
        pause(it);
    } else if (ended) {
        LOG(LOG_INFO, EV("swept"), KSTR("account", it->sweep.account), KID("send", it->sweep.send));
        finish(it);
    } else {
        it->calls++;
        go_on(it);
    }
}

static void go_on(struct sweeping *it)
{
    struct expander *e = it->expander;
    unsigned shards = (unsigned)e->ctx->settings->due_shards;
    enum err err = it->calls < SLICE ? sweeps_do(e->links.redis, shards, &it->sweep, on_done, it)
                                     : sweeps_put(e->links.redis, shards, &it->sweep,
                                                  clock_wall_ms(), on_put, it);
    if (err != ERR_OK)
        pause(it);
}

static void on_again(void *arg)
{
    go_on(arg);
}

static void on_buried(void *arg, enum kafka_outcome outcome)
{
    (void)outcome; /* it harms nobody if it is lost: it says nothing that can be done */
    finish(arg);
}

void sweeping_start(struct expander *expander, const struct kafka_record *record)
{
    struct sweeping *it = xalloc(sizeof(*it));
    *it = (struct sweeping){.expander = expander,
                            .partition = record->partition,
                            .offset = record->offset,
                            .epoch = record->epoch,
                            .next = expander->sweeps,
                            .again = {.fn = on_again, .arg = it}};
    if (expander->sweeps != NULL)
        expander->sweeps->prev = it;
    expander->sweeps = it;
    expander->open++;
    enum err err = sweep_parse(&it->sweep, record->value);
    if (err == ERR_OK) {
        go_on(it);
        return;
    }
    metrics_add(expander->ctx->metrics, EXPANDER_DEAD_LETTERS, 1);
    if (links_dead_letter(&expander->links, err_text(err), TOPIC_JOBS, record, on_buried, it) !=
        ERR_OK)
        finish(it);
}

void sweeping_stop_all(struct expander *expander)
{
    while (expander->sweeps != NULL)
        forget(expander->sweeps);
}
