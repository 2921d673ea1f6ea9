#include "workers/api/prices.h"

#include "common/base/clock.h"
#include "common/sms/calendar.h"
#include "workers/api/api.h"

enum { LOOK_MS = 1000 };

/* Where a currency's settings are. */
#define SETTING(name, member)                                                                      \
    {offsetof(struct settings, price_##member##_milli),                                            \
     offsetof(struct settings, price_inbound_##member##_milli),                                    \
     offsetof(struct settings, price_sender_##member##_milli)},
static const struct {
    size_t unit, inbound, sender;
} settings_of[] = {CURRENCY_LIST(SETTING)};
#undef SETTING

static int64_t setting(const struct api *api, size_t offset)
{
    return *(const int64_t *)(const void *)((const char *)api->ctx->settings + offset);
}

static int this_month(void)
{
    return calendar_month(clock_wall_ms());
}

static struct price price_now(const struct api *api, enum currency currency)
{
    const struct prices_month *month = &api->prices.months[currency];
    if (month->known && month->month == this_month())
        return month->price;
    return (struct price){setting(api, settings_of[currency].unit),
                          setting(api, settings_of[currency].inbound)};
}

static void on_price(void *arg, enum err err, const struct price *price)
{
    struct prices_month *month = arg;
    month->asked = false;
    month->known = err == ERR_OK;
    if (month->known)
        month->price = *price;
}

static void look(void *arg)
{
    struct api *api = arg;
    int now = this_month();
    for (int i = 0; i < CURRENCY_COUNT; i++) {
        struct prices_month *month = &api->prices.months[i];
        if (month->asked || (month->known && month->month == now))
            continue;
        struct price offered = price_now(api, (enum currency)i);
        month->known = false;
        month->month = now;
        month->asked =
            price_fix(api->links.redis, (enum currency)i, now, &offered, on_price, month) == ERR_OK;
    }
    loop_timer_set(api->ctx->loop, &api->prices.timer, loop_now_ms(api->ctx->loop) + LOOK_MS);
}

static void on_redis_changed(void *arg, bool connected)
{
    if (connected)
        look(arg); /* before the first request that wants to know */
}

void prices_init(struct api *api)
{
    api->prices.timer = (struct loop_timer){.fn = look, .arg = api};
    api->links.redis_changed = on_redis_changed;
    api->links.arg = api;
}

void prices_stop(struct api *api)
{
    loop_timer_stop(api->ctx->loop, &api->prices.timer);
}

/* An account's currency is one that there is. */
static enum currency known_currency(const char *name)
{
    enum currency currency = currency_of(str_of(name));
    return currency < CURRENCY_COUNT ? currency : CURRENCY_NOK;
}

int64_t prices_unit_milli(const struct api *api, const char *currency)
{
    return price_now(api, known_currency(currency)).unit_milli;
}

int64_t prices_sender_milli(const struct api *api, const char *currency)
{
    return setting(api, settings_of[known_currency(currency)].sender);
}

enum err prices_of_month(struct api *api, const char *currency, int month, price_fn fn, void *arg)
{
    enum currency known = known_currency(currency);
    struct price offered = price_now(api, known);
    return price_fix(api->links.redis, known, month, &offered, fn, arg);
}
