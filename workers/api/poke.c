#include "workers/api/poke.h"

#include "common/base/clock.h"
#include "common/store/pokes.h"
#include "workers/api/api.h"

enum { NOW_ROUNDS = 2, NOW_GAP_MS = 700, AT_ROUNDS = 9, AT_GAP_MS = 250 };

struct poking {
    struct poking *prev, *next; /* in api->pokes */
    struct api *api;
    struct poke poke;
    struct loop_timer timer;
    bool until_found; /* there is one entry, and once it is there, that was it */
    unsigned rounds;  /* left */
    int64_t gap_ms;
};

static void forget(struct poking *own_it)
{
    if (own_it->prev != NULL)
        own_it->prev->next = own_it->next;
    else
        own_it->api->pokes = own_it->next;
    if (own_it->next != NULL)
        own_it->next->prev = own_it->prev;
    loop_timer_stop(own_it->api->ctx->loop, &own_it->timer);
    xfree(own_it);
}

static void on_poked(void *arg, enum err err, size_t found)
{
    struct poking *it = arg;
    struct loop *loop = it->api->ctx->loop;
    it->rounds--;
    if (it->rounds == 0 || (it->until_found && err == ERR_OK && found > 0))
        forget(it);
    else
        loop_timer_set(loop, &it->timer, loop_now_ms(loop) + it->gap_ms);
}

static void give(void *arg)
{
    struct poking *it = arg;
    unsigned shards = (unsigned)it->api->ctx->settings->due_shards;
    enum err err = pokes_give(it->api->links.redis, shards, &it->poke, on_poked, it);
    if (err != ERR_OK)
        on_poked(it, err, 0);
}

static struct poking *new_poking(struct api *api, const char *account, struct id send,
                                 int64_t at_ms)
{
    struct poking *it = xalloc(sizeof(*it));
    *it = (struct poking){.api = api, .next = api->pokes};
    it->poke = (struct poke){.send = send, .at_ms = at_ms};
    memcpy(it->poke.account, account, strlen(account) + 1);
    it->timer = (struct loop_timer){.fn = give, .arg = it};
    if (api->pokes != NULL)
        api->pokes->prev = it;
    api->pokes = it;
    return it;
}

void poke_now(struct api *api, const char *account, struct id send)
{
    struct poking *it = new_poking(api, account, send, clock_wall_ms());
    it->rounds = NOW_ROUNDS;
    it->gap_ms = NOW_GAP_MS;
    give(it);
}

void poke_at(struct api *api, const char *account, struct id send, int64_t at_ms)
{
    struct poking *it = new_poking(api, account, send, at_ms);
    it->rounds = AT_ROUNDS;
    it->gap_ms = AT_GAP_MS;
    it->until_found = true;
    give(it);
}

void poke_stop_all(struct api *api)
{
    while (api->pokes != NULL)
        forget(api->pokes);
}
