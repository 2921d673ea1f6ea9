#include "workers/expander/asleep.h"

/* Where there are more ends than places the last place has the rest, which wakes with its first. */
static void add(struct job_asleep *asleep, int64_t until_ms)
{
    size_t i = 0;
    while (i < asleep->count && asleep->list[i].until_ms != until_ms)
        i++;
    if (i == JOB_MAX_ASLEEP)
        i--;
    else if (i == asleep->count)
        asleep->list[asleep->count++] = (struct job_sleepers){.until_ms = until_ms};
    asleep->list[i].recipients++;
    if (until_ms < asleep->list[i].until_ms)
        asleep->list[i].until_ms = until_ms;
}

static void forget(struct job_asleep *asleep, int64_t now_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < asleep->count; i++) {
        if (asleep->list[i].until_ms > now_ms)
            asleep->list[kept++] = asleep->list[i];
    }
    asleep->count = kept;
}

void asleep_add(struct job_asleep *asleep, const struct chunk *chunk, struct local_time *lt,
                int64_t now_ms)
{
    if (!chunk->quiet.given || chunk->quiet.from_min == chunk->quiet.to_min ||
        chunk->type == MESSAGE_VERIFY)
        return;
    forget(asleep, now_ms);
    for (size_t i = 0; i < chunk->to_count; i++) {
        int64_t until_ms = local_time_quiet_until(lt, chunk->to[i].digits, &chunk->quiet, now_ms);
        if (until_ms > 0)
            add(asleep, until_ms);
    }
}

int64_t asleep_count(const struct job_asleep *asleep, int64_t now_ms)
{
    int64_t sum = 0;
    for (size_t i = 0; i < asleep->count; i++)
        sum += asleep->list[i].until_ms > now_ms ? asleep->list[i].recipients : 0;
    return sum;
}
