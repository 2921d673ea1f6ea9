#include "common/store/quotas.h"

#include "common/store/args.h"
#include "common/store/judge.h"
#include "common/store/scripts.h"

struct call {
    quotas_fn fn;
    quotas_returned_fn returned;
    void *arg;
    struct quota_taken asked;
    struct account_quotas quotas;
};

static void read_refusal(struct quota_result *result, const struct call *call,
                         const struct redisReply *reply)
{
    bool spend = str_eq(redis_reply_str(redis_reply_at(reply, 1)), STR("spend"));
    result->exceeded = spend ? QUOTA_SPEND : QUOTA_MESSAGES;
    result->limit = spend ? call->quotas.spend_a_month_milli : call->quotas.messages_a_day;
    result->asked = spend ? call->asked.cost_milli : call->asked.messages;
    result->remaining = redis_reply_int(redis_reply_at(reply, 2));
    result->resets_at_ms = redis_reply_int(redis_reply_at(reply, 3)) * 1000;
}

static void on_taken(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    struct quota_result result = {.err = judge_reply(err, reply)};
    memcpy(result.currency, call->asked.currency, sizeof(result.currency));
    if (result.err == ERR_OK && redis_reply_int(redis_reply_at(reply, 0)) == 1) {
        result.taken = call->asked;
        result.taken.day = redis_reply_int(redis_reply_at(reply, 1));
        result.taken.month = redis_reply_int(redis_reply_at(reply, 2));
    } else if (result.err == ERR_OK) {
        read_refusal(&result, call, reply);
    }
    call->fn(call->arg, &result);
    xfree(call);
}

static void on_returned(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_reply(err, reply);
    if (call->returned != NULL)
        call->returned(call->arg, err);
    xfree(call);
}

static enum err eval(struct redis *redis, const struct redis_script *script, struct args *own_args,
                     redis_fn fn, struct call *own_call)
{
    enum err err =
        redis_eval(redis, script, 1, (int)own_args->count, args_list(own_args), fn, own_call);
    args_done(own_args);
    if (err != ERR_OK)
        xfree(own_call);
    return err;
}

static void add_key(struct args *a, const char *account)
{
    args_init(a);
    buf_printf(args_begin(a), "q:{%s}", account);
    args_end(a);
}

enum err quotas_take(struct redis *redis, const struct account *account, int64_t messages,
                     int64_t cost_milli, quotas_fn fn, void *arg)
{
    struct args a;
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){.fn = fn, .arg = arg, .quotas = account->quotas};
    call->asked = (struct quota_taken){.messages = messages, .cost_milli = cost_milli};
    memcpy(call->asked.account, account->id, sizeof(call->asked.account));
    memcpy(call->asked.currency, account->currency, sizeof(call->asked.currency));
    add_key(&a, account->id);
    args_int(&a, messages);
    args_int(&a, cost_milli);
    args_int(&a, account->quotas.messages_a_day);
    args_int(&a, account->quotas.spend_a_month_milli);
    args_view(&a, str_of(account->currency));
    return eval(redis, &script_quota_take, &a, on_taken, call);
}

enum err quotas_return(struct redis *redis, const struct quota_taken *taken, quotas_returned_fn fn,
                       void *arg)
{
    struct args a;
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){.returned = fn, .arg = arg};
    add_key(&a, taken->account);
    args_int(&a, taken->messages);
    args_int(&a, taken->cost_milli);
    args_int(&a, taken->day);
    args_int(&a, taken->month);
    args_view(&a, str_of(taken->currency));
    return eval(redis, &script_quota_return, &a, on_returned, call);
}
