#include "common/store/days.h"

#include "common/store/args.h"
#include "common/store/judge.h"
#include "common/store/scripts.h"

struct call {
    days_fn fn;
    void *arg;
    struct days_counts counts;
};

static void read_day(struct counts *counts, const struct redisReply *fields)
{
    for (size_t i = 0; i + 1 < redis_reply_count(fields); i += 2)
        counts_read(counts, redis_reply_str(redis_reply_at(fields, i)),
                    redis_reply_str(redis_reply_at(fields, i + 1)));
}

static void on_reply(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_script(err, reply);
    for (size_t i = 0; err == ERR_OK && i < redis_reply_count(reply) && i < PERIODS_MAX_DAYS; i++)
        read_day(&call->counts.counts[i], redis_reply_at(reply, i));
    call->fn(call->arg, err, err == ERR_OK ? &call->counts : NULL);
    xfree(call);
}

enum err days_read(struct redis *redis, const char *account, struct days days, days_fn fn,
                   void *arg)
{
    struct args a;
    struct call *call = xalloc(sizeof(*call));
    call->fn = fn;
    call->arg = arg;
    call->counts.days = days;
    args_init(&a);
    for (int64_t day = days.first; day <= days.last && a.count < PERIODS_MAX_DAYS; day++) {
        buf_printf(args_begin(&a), "d:{%s}:%lld", account, (long long)day);
        args_end(&a);
    }
    enum err err =
        redis_eval(redis, &script_days, (int)a.count, (int)a.count, args_list(&a), on_reply, call);
    args_done(&a);
    if (err != ERR_OK)
        xfree(call);
    return err;
}

struct counts days_sum(const struct days_counts *counts, struct days days)
{
    struct counts sum = {.units = 0};
    for (int64_t day = counts->days.first; day <= counts->days.last; day++) {
        if (day >= days.first && day <= days.last && day - counts->days.first < PERIODS_MAX_DAYS)
            counts_add(&sum, &counts->counts[day - counts->days.first]);
    }
    return sum;
}
