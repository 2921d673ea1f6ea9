#include "workers/api/fast.h"

enum { US_A_MS = 1000, CLOSED_MOST_MS = 1000, FAILED_MS = 200 };

struct rate_limit fast_limit(int64_t per_s)
{
    return (struct rate_limit){per_s, per_s > CHUNK_MAX ? per_s : CHUNK_MAX};
}

static bool closed(const struct fast *f, int64_t now_mono_ms)
{
    return now_mono_ms < f->closed_until_mono_ms;
}

/* What the bucket should hold, as far as is known. */
static int64_t credit(const struct fast *f, const struct rate_limit *limit, int64_t now_mono_ms)
{
    const struct allowance *a = &f->allowance;
    if (a->filled_mono_ms == 0)
        return limit->burst;
    int64_t there = a->left + limit->per_s * (now_mono_ms - a->filled_mono_ms) / 1000;
    return there < limit->burst ? there : limit->burst;
}

bool fast_use(struct fast *f, const struct rate_limit *limit, int64_t n, int64_t now_mono_ms)
{
    if (allowance_use_many(&f->allowance, n, now_mono_ms))
        return true;
    if (closed(f, now_mono_ms) || f->owed + n > credit(f, limit, now_mono_ms))
        return false;
    f->owed += n;
    f->allowance.used += n;
    return true;
}

bool fast_ask(struct fast *f, const struct rate_limit *limit, int64_t now_mono_ms,
              struct bucket_wish *ret_wish)
{
    if (f->owed == 0 || f->asking || closed(f, now_mono_ms))
        return false;
    *ret_wish = (struct bucket_wish){
        .limit = *limit,
        .want = f->owed + allowance_ahead(&f->allowance, limit, now_mono_ms),
        .back = allowance_return(&f->allowance),
    };
    f->asking = true;
    return true;
}

void fast_filled(struct fast *f, const struct bucket_reply *reply, int64_t now_mono_ms)
{
    int64_t paid = reply->taken < f->owed ? reply->taken : f->owed;
    f->asking = false;
    allowance_fill(&f->allowance, reply, now_mono_ms);
    f->allowance.have -= paid;
    f->owed -= paid;
    if (f->owed > 0 && reply->wait_us > 0) { /* it is empty: no more until it has one */
        int64_t ms = reply->wait_us / US_A_MS + 1;
        f->closed_until_mono_ms = now_mono_ms + (ms < CLOSED_MOST_MS ? ms : CLOSED_MOST_MS);
    }
}

void fast_failed(struct fast *f, int64_t now_mono_ms)
{
    f->asking = false;
    f->closed_until_mono_ms = now_mono_ms + FAILED_MS;
}
