#include "common/sms/money.h"

#include "common/base/milli.h"

#define CURRENCY_NAME(name, member) #name,
static const char *const names[] = {CURRENCY_LIST(CURRENCY_NAME)};
#undef CURRENCY_NAME

const char *currency_name(enum currency currency)
{
    return names[currency];
}

enum currency currency_of(struct str name)
{
    int i = 0;
    while (i < CURRENCY_COUNT && !str_eq(name, str_of(names[i])))
        i++;
    return (enum currency)i;
}

void money_write(struct buf *out, int64_t milli)
{
    milli_write(out, milli);
}

int64_t money_sum(int64_t a_milli, int64_t b_milli)
{
    int64_t sum = 0;
    return __builtin_add_overflow(a_milli, b_milli, &sum) ? INT64_MAX : sum;
}

int64_t money_cost(int64_t units, int64_t unit_milli)
{
    int64_t cost = 0;
    return __builtin_mul_overflow(units, unit_milli, &cost) ? INT64_MAX : cost;
}
