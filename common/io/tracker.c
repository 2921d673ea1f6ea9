#include "common/io/tracker.h"

#include "common/base/buf.h"

void tracker_init(struct tracker *t, size_t cap)
{
    *t = (struct tracker){.cap = cap};
}

void tracker_done(struct tracker *t)
{
    xfree(t->ring);
    *t = (struct tracker){.cap = t->cap};
}

static struct tracker_entry *entry(const struct tracker *t, size_t i)
{
    return &t->ring[(t->head + i) % t->room];
}

static void grow(struct tracker *t)
{
    size_t room = t->room > 0 ? 2 * t->room : 64;
    struct tracker_entry *ring = xalloc_array(room, sizeof(ring[0]));
    for (size_t i = 0; i < t->count; i++)
        ring[i] = *entry(t, i);
    xfree(t->ring);
    t->ring = ring;
    t->room = room;
    t->head = 0;
}

enum err tracker_open(struct tracker *t, int64_t offset)
{
    if (t->count >= t->cap)
        return ERR_FULL;
    if (t->count == t->room)
        grow(t);
    t->count++;
    t->unfinished++;
    *entry(t, t->count - 1) = (struct tracker_entry){.offset = offset};
    return ERR_OK;
}

void tracker_forget_last(struct tracker *t)
{
    if (t->count == 0)
        return;
    t->count--;
    t->unfinished--;
}

/* The offsets rise, so the entry is found by halving. */
static struct tracker_entry *find(const struct tracker *t, int64_t offset)
{
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (entry(t, middle)->offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < t->count && entry(t, low)->offset == offset ? entry(t, low) : NULL;
}

int64_t tracker_finish(struct tracker *t, int64_t offset)
{
    int64_t commit = -1;
    struct tracker_entry *found = find(t, offset);
    if (found == NULL || found->done)
        return -1;
    found->done = true;
    t->unfinished--;
    while (t->count > 0 && entry(t, 0)->done) {
        commit = entry(t, 0)->offset + 1;
        t->head = (t->head + 1) % t->room;
        t->count--;
    }
    return commit;
}

size_t tracker_count(const struct tracker *t)
{
    return t->count;
}

size_t tracker_unfinished(const struct tracker *t)
{
    return t->unfinished;
}
