/*
 * money.h - amounts of money, the currencies of accounts, and what units cost.
 *
 * Units    1/1000 of the currency: 165330 is 165.33. A sum is exact; nothing is ever rounded.
 * Owns     nothing.
 * Errors   none; a cost beyond what an int64_t holds stays at its end.
 * Threads  pure.
 * Source   the API's documentation: the currencies, and cost = units x price of a unit.
 */
#ifndef COMMON_SMS_MONEY_H
#define COMMON_SMS_MONEY_H

#include "common/base/buf.h"

/* name, the same in names of members */
#define CURRENCY_LIST(X)                                                                           \
    X(NOK, nok)                                                                                    \
    X(SEK, sek)                                                                                    \
    X(DKK, dkk)                                                                                    \
    X(EUR, eur)                                                                                    \
    X(USD, usd)

#define CURRENCY_ENUM(name, member) CURRENCY_##name,
enum currency { CURRENCY_LIST(CURRENCY_ENUM) CURRENCY_COUNT };
#undef CURRENCY_ENUM

const char *currency_name(enum currency currency); /* "NOK" */
enum currency currency_of(struct str name);        /* CURRENCY_COUNT: there is no such currency */

/* The shortest decimal with at least one place: "165.33", "0.99", "0.0". */
void money_write(struct buf *out, int64_t milli);
/* Nothing here may be negative. */
int64_t money_cost(int64_t units, int64_t unit_milli);
int64_t money_sum(int64_t a_milli, int64_t b_milli);

#endif
