#include "common/store/price.h"

#include "common/sms/calendar.h"
#include "common/store/judge.h"

#include <stdio.h>

struct call {
    struct price offered;
    price_fn fn;
    void *arg;
};

static bool read_price(struct price *price, struct str text)
{
    unsigned long long unit = 0, inbound = 0;
    struct str first = str_cut(&text, ' ');
    if (!str_to_uint(first, INT64_MAX, &unit) || !str_to_uint(text, INT64_MAX, &inbound))
        return false;
    *price = (struct price){(int64_t)unit, (int64_t)inbound};
    return true;
}

static void on_reply(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    struct price price = call->offered; /* nil: there was none before */
    err = judge_reply(err, reply);
    if (err == ERR_OK && !redis_reply_nil(reply) && !read_price(&price, redis_reply_str(reply)))
        err = ERR_IO;
    call->fn(call->arg, err, err == ERR_OK ? &price : NULL);
    xfree(call);
}

enum err price_fix(struct redis *redis, enum currency currency, int month,
                   const struct price *offered, price_fn fn, void *arg)
{
    struct call *call = xalloc(sizeof(*call));
    char key[64], value[64], month_text[CALENDAR_MONTH_SIZE];
    *call = (struct call){*offered, fn, arg};
    calendar_format_month(month_text, month);
    (void)snprintf(key, sizeof(key), "price:%s:%s", currency_name(currency), month_text);
    (void)snprintf(value, sizeof(value), "%lld %lld", (long long)offered->unit_milli,
                   (long long)offered->inbound_milli);
    const struct str argv[] = {STR("SET"), str_of(key), str_of(value), STR("NX"), STR("GET")};
    enum err err = redis_call(redis, 5, argv, on_reply, call);
    if (err != ERR_OK)
        xfree(call);
    return err;
}
