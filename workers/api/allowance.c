#include "workers/api/allowance.h"

enum { RETRY_MOST_S = 60, US_A_S = 1000000, LATELY_MS = 2 * ALLOWANCE_MS, GROWTH = 4 };

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

struct rate_limit rate_limit_of(const struct rate_limit *levels, size_t count)
{
    int64_t burst = 0;
    for (size_t i = 0; i < count; i++) {
        if (burst == 0)
            burst = levels[i].burst;
        if (levels[i].per_s > 0)
            return (struct rate_limit){levels[i].per_s, burst > 0 ? burst : levels[i].per_s};
    }
    return (struct rate_limit){0};
}

bool allowance_use_many(struct allowance *a, int64_t n, int64_t now_mono_ms)
{
    if (a->have < n || now_mono_ms >= a->lapses_mono_ms)
        return false;
    a->have -= n;
    a->used += n;
    return true;
}

bool allowance_use(struct allowance *a, int64_t now_mono_ms)
{
    return allowance_use_many(a, 1, now_mono_ms);
}

int64_t allowance_ahead(const struct allowance *a, const struct rate_limit *limit,
                        int64_t now_mono_ms)
{
    if (a->filled_mono_ms == 0 || now_mono_ms - a->filled_mono_ms > LATELY_MS)
        return 0;
    int64_t ms = now_mono_ms - a->filled_mono_ms;
    int64_t expected = a->used * ALLOWANCE_MS / (ms > 0 ? ms : 1);
    return least(least(expected, GROWTH * a->used), limit->per_s * ALLOWANCE_MS / 1000);
}

int64_t allowance_return(struct allowance *a)
{
    int64_t back = a->have;
    a->have = 0;
    return back;
}

void allowance_fill(struct allowance *a, const struct bucket_reply *reply, int64_t now_mono_ms)
{
    a->have += reply->taken;
    a->lapses_mono_ms = now_mono_ms + ALLOWANCE_MS;
    a->used = 0;
    a->filled_mono_ms = now_mono_ms;
    a->left = reply->left;
    a->full_mono_ms = now_mono_ms + (reply->full_us + 999) / 1000;
}

int64_t allowance_left(const struct allowance *a)
{
    return a->left + a->have;
}

int64_t allowance_full_in_s(const struct allowance *a, int64_t now_mono_ms)
{
    return a->full_mono_ms > now_mono_ms ? (a->full_mono_ms - now_mono_ms + 999) / 1000 : 0;
}

unsigned allowance_retry_after_s(const struct bucket_reply *reply)
{
    int64_t s = (reply->wait_us + US_A_S - 1) / US_A_S;
    return s < 1 ? 1 : (unsigned)least(s, RETRY_MOST_S);
}
