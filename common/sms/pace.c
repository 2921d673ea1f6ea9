#include "common/sms/pace.h"

enum { LEAST_SPAN_MS = 1000, BYTES = 24 };

static int64_t big_endian(const char **bytes, size_t n)
{
    uint64_t value = 0;
    while (n-- > 0)
        value = value << 8 | (unsigned char)*(*bytes)++;
    return (int64_t)value;
}

enum err pace_parse(struct pace *ret_pace, struct str bytes)
{
    const char *p = bytes.p;
    if (bytes.n != BYTES)
        return ERR_SYNTAX;
    ret_pace->units = big_endian(&p, 6);
    ret_pace->began_ms = big_endian(&p, 6);
    ret_pace->window = big_endian(&p, 4);
    ret_pace->here = big_endian(&p, 4);
    ret_pace->before = big_endian(&p, 4);
    return ERR_OK;
}

int64_t pace_milli(const struct pace *pace, int64_t now_ms)
{
    int64_t here = pace->here, before = pace->before;
    int64_t age_ms = now_ms - pace->began_ms, into_ms = now_ms % PACE_WINDOW_MS;
    if (now_ms / PACE_WINDOW_MS == pace->window + 1) { /* nothing in the present one */
        before = here;
        here = 0;
    } else if (now_ms / PACE_WINDOW_MS != pace->window) {
        return 0;
    }
    if (age_ms >= PACE_WINDOW_MS)
        return (here * PACE_WINDOW_MS + before * (PACE_WINDOW_MS - into_ms)) *
               (1000000 / PACE_WINDOW_MS) / PACE_WINDOW_MS;
    return (here + before) * 1000000 / (age_ms < LEAST_SPAN_MS ? LEAST_SPAN_MS : age_ms);
}
