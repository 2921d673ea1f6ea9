#include "workers/api/views.h"

struct views {
    struct view **list;
    size_t count, room;
    size_t on_the_way;
};

struct batch {
    struct views *views;
    size_t count;
    struct view *list[MESSAGES_BATCH];
};

struct views *views_new(void)
{
    return xalloc(sizeof(struct views));
}

void views_free(struct views *own_views)
{
    if (own_views == NULL)
        return;
    for (size_t i = 0; i < own_views->count; i++)
        own_views->list[i]->fn(own_views->list[i]->arg, false);
    xfree(own_views->list);
    xfree(own_views);
}

void views_make(struct views *views, struct view *view)
{
    if (views->count == views->room) {
        views->room = views->room > 0 ? 2 * views->room : 256;
        views->list = xrealloc(views->list, views->room * sizeof(views->list[0]));
    }
    views->list[views->count++] = view;
}

static void on_made(void *arg, enum err err)
{
    struct batch *batch = arg;
    batch->views->on_the_way -= batch->count;
    for (size_t i = 0; i < batch->count; i++)
        batch->list[i]->fn(batch->list[i]->arg, err == ERR_OK);
    xfree(batch);
}

/* Takes up to a batch of the first one's account out of list[0..count); returns how many stay. */
static size_t gather(struct view **list, size_t count, struct batch *batch)
{
    size_t stay = 0;
    for (size_t i = 0; i < count; i++) {
        bool same = batch->count == 0 ||
                    strcmp(list[i]->chunk->account, batch->list[0]->chunk->account) == 0;
        if (same && batch->count < MESSAGES_BATCH)
            batch->list[batch->count++] = list[i];
        else
            list[stay++] = list[i];
    }
    return stay;
}

void views_flush(struct views *views, struct redis *redis)
{
    while (views->count > 0) {
        const struct chunk *chunks[MESSAGES_BATCH];
        struct batch *batch = xalloc(sizeof(*batch));
        batch->views = views;
        views->count = gather(views->list, views->count, batch);
        views->on_the_way += batch->count;
        for (size_t i = 0; i < batch->count; i++)
            chunks[i] = batch->list[i]->chunk;
        if (messages_create(redis, chunks, batch->count, on_made, batch) != ERR_OK)
            on_made(batch, ERR_IO);
    }
}

size_t views_waiting(const struct views *views)
{
    return views->count + views->on_the_way;
}
