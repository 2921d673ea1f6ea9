/*
 * prices.h - this month's prices in memory, so that no send waits for them.
 *
 * They are the settings' in a month whose price nobody has fixed yet, and what is stored from then
 * on (common/store/price.h). At the month's turn, and until Redis has told, the settings' are taken
 * for it.
 *
 * Units    1/1000 of the account's currency.
 * Owns     its timer.
 * Errors   none.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_PRICES_H
#define WORKERS_API_PRICES_H

#include "common/io/loop.h"
#include "common/store/price.h"

struct api;

struct prices {
    struct loop_timer timer;
    struct prices_month {
        struct price price; /* undefined unless known */
        int month;          /* that is known, or being asked for */
        bool known, asked;
    } months[CURRENCY_COUNT];
};

/* Before the links are opened: it looks as soon as Redis is there, and then from time to time. */
void prices_init(struct api *api);
void prices_stop(struct api *api);

/* This month's price of a unit, without waiting. */
int64_t prices_unit_milli(const struct api *api, const char *currency);
/* What a custom sender costs a month. */
int64_t prices_sender_milli(const struct api *api, const char *currency);

/* The price of any month, from Redis; one that has none gets this month's. */
MUST_USE enum err prices_of_month(struct api *api, const char *currency, int month, price_fn fn,
                                  void *arg);

#endif
