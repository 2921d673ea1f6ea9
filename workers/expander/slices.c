#include "workers/expander/slices.h"

enum {
    FIRST = 5 * CHUNK_MAX, /* of a send when no other is under way: carriers may be slow */
    WINDOW_MAX = 100000,
    SLICE_MAX = SLICES_CHUNKS_MAX * CHUNK_MAX,
    AHEAD_MS = 500,
    RATE_AHEAD_MS = 2000, /* of a rate that the send was given */
    REFILL_MS = 250,      /* what drained in such a time is replaced */
    SMOOTH_MS = 500,
    WAIT_FIRST_MS = 100,
    WAIT_LEAST_MS = 50,
    WAIT_MOST_MS = 2000,
    STILL_MS = 5000, /* without any movement a chunk is tried */
    GROWTH = 4,      /* a fair share is not believed further than this */
    DRY_PART = 8,
};

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* What goes at a rate in a time. */
static int64_t in_ms(int64_t milli, int64_t ms)
{
    return milli * ms / 1000000;
}

/* What waits in front of a carrier. */
static int64_t ahead(const struct slices_seen *seen)
{
    return most(seen->queued - seen->asleep, 0);
}

void slices_look(struct job_pace *pace, const struct slices_seen *seen)
{
    int64_t left = most(seen->made - seen->queued, 0), moved = most(left - pace->left, 0);
    int64_t passed = most(seen->now_ms - pace->at_ms, 1);
    int64_t observed = moved * 1000000 / passed;
    bool first = pace->at_ms == 0;
    pace->dry = !first && ahead(seen) <= pace->window / DRY_PART;
    if (first || moved > 0)
        pace->moved_ms = seen->now_ms;
    if (first)
        pace->drain_milli = 0;
    else if (pace->drain_milli == 0)
        pace->drain_milli = observed;
    else if (!pace->dry || observed > pace->drain_milli) /* nobody knows what a dry one could do */
        pace->drain_milli += (observed - pace->drain_milli) * passed / (passed + SMOOTH_MS);
    pace->left = left;
    pace->at_ms = seen->now_ms;
}

/* How many messages are to be QUEUED after this look. */
static int64_t window(const struct job_pace *pace, const struct slices_seen *seen,
                      const struct slices_share *share)
{
    int64_t ahead_ms = most(AHEAD_MS, 2 * seen->least_wait_ms);
    int64_t fair = in_ms(share->all_milli, ahead_ms) * share->millionths / 1000000;
    int64_t own = in_ms(pace->drain_milli, ahead_ms), wanted = pace->window;
    if (pace->window == 0)
        wanted = least(share->all_milli > 0 ? fair : FIRST, SLICE_MAX);
    else if (pace->drain_milli > 0)
        wanted = most(most(own, least(fair, GROWTH * own)), pace->window * 3 / 4);
    if (pace->dry)
        wanted = most(wanted, 2 * pace->window);
    if (seen->rate_milli > 0)
        wanted = least(wanted, in_ms(seen->rate_milli, most(RATE_AHEAD_MS, ahead_ms)));
    return least(most(wanted, CHUNK_MAX), WINDOW_MAX);
}

static int64_t wait_for(const struct job_pace *pace, int64_t queued, int64_t now_ms)
{
    int64_t still_ms = now_ms - pace->moved_ms;
    if (still_ms > WAIT_MOST_MS && pace->dry) /* those who got no message sleep */
        return AHEAD_MS;
    if (still_ms > WAIT_MOST_MS)
        return least(still_ms, STILL_MS);
    if (pace->drain_milli == 0)
        return WAIT_FIRST_MS;
    int64_t low = pace->window - most(in_ms(pace->drain_milli, REFILL_MS), CHUNK_MAX / 2);
    int64_t wait_ms = (queued - low) * 1000000 / pace->drain_milli;
    return least(most(wait_ms, WAIT_LEAST_MS), WAIT_MOST_MS);
}

struct slices_plan slices_plan(struct job_pace *pace, const struct slices_seen *seen,
                               const struct slices_share *share)
{
    struct slices_plan plan = {.chunks = 0};
    pace->window = window(pace, seen, share);
    int64_t room = pace->window - ahead(seen) + CHUNK_MAX / 2;
    if (room > 0)
        plan.chunks = (unsigned)least(room / CHUNK_MAX, SLICES_CHUNKS_MAX);
    if (plan.chunks == 0 && seen->now_ms - pace->moved_ms >= STILL_MS)
        plan.chunks = 1;
    int64_t wait_ms = wait_for(pace, ahead(seen) + (int64_t)plan.chunks * CHUNK_MAX, seen->now_ms);
    plan.wait_ms = most(wait_ms, seen->least_wait_ms);
    return plan;
}
