#include "workers/api/quota.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/sms/money.h"
#include "workers/api/api.h"
#include "workers/api/problem.h"

enum { TEXT_CAP = 1000 };

void quota_take(struct api *api, const struct account *account, int64_t messages,
                int64_t cost_milli, quotas_fn fn, void *arg)
{
    if (account->quotas.messages_a_day == 0 && account->quotas.spend_a_month_milli == 0) {
        fn(arg, &(struct quota_result){.err = ERR_OK});
        return;
    }
    enum err err = quotas_take(api->links.redis, account, messages, cost_milli, fn, arg);
    if (err != ERR_OK)
        fn(arg, &(struct quota_result){.err = err});
}

static void on_returned(void *arg, enum err err)
{
    (void)arg;
    if (err != ERR_OK)
        LOG(LOG_WARN, EV("quota_not_given_back"), KERR(err));
}

void quota_give_back(struct api *api, const struct quota_taken *taken)
{
    if (taken->account[0] == '\0')
        return;
    enum err err = quotas_return(api->links.redis, taken, on_returned, NULL);
    if (err != ERR_OK)
        on_returned(NULL, err);
}

static void write_amount(struct buf *out, const struct quota_result *result, int64_t amount)
{
    if (result->exceeded == QUOTA_SPEND)
        money_write(out, amount);
    else
        buf_int(out, amount);
}

static void write_detail(struct buf *out, const struct quota_result *result, const char *at)
{
    bool spend = result->exceeded == QUOTA_SPEND;
    buf_text(out, spend ? "This send would cost " : "This send has ");
    write_amount(out, result, result->asked);
    buf_printf(out, " %s, but of this account's quota of ", spend ? result->currency : "messages");
    write_amount(out, result, result->limit);
    buf_text(out, spend ? " a month only " : " a day only ");
    write_amount(out, result, result->remaining);
    buf_printf(out, " %s left until %s. Nothing of it was accepted.", spend ? "is" : "are", at);
}

void quota_refuse(struct httpd_req *own_req, const struct quota_result *result)
{
    struct buf detail = {.cap = TEXT_CAP}, members = {.cap = TEXT_CAP};
    char at[CLOCK_TEXT_SIZE];
    if (result->err != ERR_OK) {
        problem_unavailable(own_req, "The account's quota can't be checked at the moment. The send "
                                     "was not accepted; try again.");
        return;
    }
    clock_format_s(at, result->resets_at_ms);
    write_detail(&detail, result, at);
    buf_printf(&members, "\"quota\":\"%s\",\"limit\":",
               result->exceeded == QUOTA_SPEND ? "spend_per_month" : "messages_per_day");
    write_amount(&members, result, result->limit);
    buf_text(&members, ",\"requested\":");
    write_amount(&members, result, result->asked);
    buf_text(&members, ",\"remaining\":");
    write_amount(&members, result, result->remaining);
    buf_printf(&members, ",\"resets_at\":\"%s\"", at);
    problem_extended(own_req, 429, detail.p, members.p);
    buf_done(&detail);
    buf_done(&members);
}
