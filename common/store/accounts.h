/*
 * accounts.h - accounts in Redis.
 *
 *     account:{<id>}    {"id","name","currency","active","created_at", and what is set of
 *                        "paused","messages_a_day","spend_a_month","rate","burst","fast_rate","open_max",
 *                        "message_rate","sender_rates","weight","quiet_hours"}
 *     sender:{<id>}     its default sender, which profiles.h writes
 *
 * Units    created_at_ms: wall time in ms; money in 1/1000 of the account's currency.
 * Owns     nothing; the structs are values.
 * Errors   as record.h.
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_ACCOUNTS_H
#define COMMON_STORE_ACCOUNTS_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/io/redis.h"
#include "common/sms/chunk.h"
#include "common/sms/sender_id.h"
#include "common/store/account_rates.h"

enum { NAME_SIZE = 101, CURRENCY_SIZE = 4 };

/* What an account may send. 0 = no quota. */
struct account_quotas {
    int64_t messages_a_day, spend_a_month_milli;
};

/* How fast requests may come: on average, and at once. 0 = what is set one level above. */
struct rate_limit {
    int64_t per_s, burst;
};

/* How much of the fast lane it gets, and how much of it may be on its way; 0 = as the settings say. Its
 * weight when large sends share carriers (shares.h); 0 = SHARES_WEIGHT_DEFAULT. */
struct account_share {
    int64_t fast_per_s, open_max; /* messages */
    int64_t weight;
};

struct account {
    char id[CHUNK_ACCOUNT_MAX + 1];
    char name[NAME_SIZE], currency[CURRENCY_SIZE];
    bool active, paused; /* paused: it may send, but nothing goes out */
    int64_t created_at_ms;
    struct account_quotas quotas;
    struct rate_limit limit; /* for each key that has none of its own */
    struct account_share share;
    struct account_rates rates;
    struct quiet quiet;           /* of sends that have no hours of their own; not given: none */
    struct sender default_sender; /* only read by accounts_get, never written */
};

/* What to change of an account; NULL = nothing. */
struct account_change {
    const char *name, *currency;
    const bool *active, *paused;
    const struct account_quotas *quotas;
    const struct rate_limit *limit;
    const struct account_share *share;
    const struct account_rates *rates;
    const struct quiet *quiet;
};

typedef void (*account_fn)(void *arg, enum err err, const struct account *account);

MUST_USE enum err accounts_create(struct redis *redis, const struct account *account, account_fn fn,
                                  void *arg);
/* fn gets the account as it is then. */
MUST_USE enum err accounts_change(struct redis *redis, const char *id,
                                  const struct account_change *change, account_fn fn, void *arg);
MUST_USE enum err accounts_get(struct redis *redis, const char *id, account_fn fn, void *arg);

/* ,"rate":..,"burst":..  */
void rate_limit_write(struct buf *out, const struct rate_limit *limit);

#endif
