#include "workers/sender/night.h"

/* The claim's number is random. */
static int64_t hold_of(const struct night *night, const struct visit *visit, size_t recipient)
{
    const struct chunk *chunk = &visit->chunk;
    int64_t until_ms = local_time_quiet_until(night->local_time, chunk->to[recipient].digits,
                                              &chunk->quiet, night->now_ms);
    return until_ms > 0 ? until_ms + visit->claim.number % (night->jitter_ms + 1) : 0;
}

void night_mind(const struct night *night, struct visit *visit)
{
    const struct chunk *chunk = &visit->chunk;
    struct claim *claim = &visit->claim;
    claim->hold_ms = 0;
    if (!chunk->quiet.given || chunk->quiet.from_min == chunk->quiet.to_min ||
        chunk->type == MESSAGE_VERIFY)
        return;
    size_t count = 1;
    claim->hold_ms = hold_of(night, visit, claim->first);
    while (count < claim->count && hold_of(night, visit, claim->first + count) == claim->hold_ms)
        count++;
    claim->count = count;
}
