/*
 * account_rates.h - how fast an account's messages, and those of its senders, may go to carriers.
 *
 * In the account's record (accounts.h): "message_rate":<milli>, "sender_rates":{"<sender>":<milli>};
 * lua/claim.lua reads them there.
 *
 * Units    1/1000 messages (or parts, by a setting) a second; 0 = no limit.
 * Owns     nothing; the struct is a value.
 * Errors   none: what is no rate counts as none.
 * Threads  pure.
 */
#ifndef COMMON_STORE_ACCOUNT_RATES_H
#define COMMON_STORE_ACCOUNT_RATES_H

#include "common/base/buf.h"
#include "common/sms/sender_id.h"

#include <stddef.h>
#include <stdint.h>

enum { ACCOUNT_SENDER_RATES = 32 };
#define ACCOUNT_RATE_MAX_MILLI INT64_C(1000000000)

struct account_rates {
    int64_t message_milli;
    size_t sender_count;
    struct sender_rate {
        char sender[SENDER_ID_SIZE];
        int64_t milli;
    } senders[ACCOUNT_SENDER_RATES];
};

struct json_t; /* jansson's */

void account_rates_read(struct account_rates *ret_rates, const struct json_t *record);
/* ,"message_rate":..,"sender_rates":..   null for none, which takes a field away */
void account_rates_write(struct buf *out, const struct account_rates *rates);

#endif
