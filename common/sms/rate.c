#include "common/sms/rate.h"

#include <stddef.h>

static const struct {
    struct str name;
    unsigned long long seconds;
} periods[] = {{{"s", 1}, 1}, {{"min", 3}, 60}, {{"h", 1}, 3600}};
enum { PERIOD_COUNT = sizeof(periods) / sizeof(periods[0]) };

enum err rate_parse(int64_t *ret_milli, struct str text)
{
    unsigned long long messages;
    size_t i = 0;
    struct str number = str_cut(&text, '/');
    if (!str_to_uint(number, UINT32_MAX, &messages))
        return ERR_SYNTAX;
    while (i < PERIOD_COUNT && !str_eq(text, periods[i].name))
        i++;
    if (i == PERIOD_COUNT)
        return ERR_SYNTAX;
    unsigned long long milli = messages * 1000 / periods[i].seconds;
    if (milli < 1 || milli > RATE_MAX_MILLI)
        return ERR_RANGE;
    *ret_milli = (int64_t)milli;
    return ERR_OK;
}

int64_t rate_over(int64_t messages, int64_t period_ms)
{
    int64_t milli = period_ms > 0 ? (messages * 1000000 + period_ms / 2) / period_ms : 0;
    if (milli < 1)
        return 1;
    return milli < RATE_MAX_MILLI ? milli : RATE_MAX_MILLI;
}
