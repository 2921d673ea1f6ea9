#include "common/store/account_rates.h"

#include <jansson.h>
#include <stdio.h>

void account_rates_read(struct account_rates *ret_rates, const json_t *record)
{
    const char *sender;
    json_t *milli;
    *ret_rates = (struct account_rates){
        .message_milli = json_integer_value(json_object_get(record, "message_rate"))};
    json_object_foreach(json_object_get(record, "sender_rates"), sender, milli)
    {
        struct sender_rate *rate = &ret_rates->senders[ret_rates->sender_count];
        if (!json_is_integer(milli) || strlen(sender) >= sizeof(rate->sender) ||
            ret_rates->sender_count == ACCOUNT_SENDER_RATES)
            continue;
        (void)snprintf(rate->sender, sizeof(rate->sender), "%s", sender);
        rate->milli = json_integer_value(milli);
        ret_rates->sender_count++;
    }
}

void account_rates_write(struct buf *out, const struct account_rates *rates)
{
    buf_text(out, ",\"message_rate\":");
    if (rates->message_milli > 0)
        buf_int(out, rates->message_milli);
    else
        buf_text(out, "null");
    buf_text(out, ",\"sender_rates\":");
    for (size_t i = 0; i < rates->sender_count; i++) {
        buf_char(out, i == 0 ? '{' : ',');
        buf_json(out, str_of(rates->senders[i].sender));
        buf_char(out, ':');
        buf_int(out, rates->senders[i].milli);
    }
    buf_text(out, rates->sender_count > 0 ? "}" : "null");
}
