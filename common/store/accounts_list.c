#include "common/store/accounts_list.h"

#include "common/store/judge.h"

#include <stdio.h>

enum { NUMBER_SIZE = 24 };

/* One of the accounts that are read at the same time. */
struct place {
    struct call *call;
    struct account account; /* id "" = there is none */
};

struct call {
    struct redis *redis;
    accounts_fn fn;
    void *arg;
    enum err err; /* the first one */
    int64_t total;
    size_t count, waiting;
    struct place *places;
};

enum err accounts_list_add(struct redis *redis, const char *id)
{
    return redis_call(redis, 4, (struct str[]){STR("ZADD"), STR("accounts"), STR("0"), str_of(id)},
                      NULL, NULL);
}

static void end(struct call *own_call)
{
    struct account *accounts =
        xalloc_array(own_call->count > 0 ? own_call->count : 1, sizeof(accounts[0]));
    size_t found = 0;
    for (size_t i = 0; i < own_call->count; i++) {
        if (own_call->places[i].account.id[0] != '\0')
            accounts[found++] = own_call->places[i].account;
    }
    own_call->fn(own_call->arg, own_call->err, accounts, own_call->err == ERR_OK ? found : 0,
                 own_call->total);
    xfree(accounts);
    xfree(own_call->places);
    xfree(own_call);
}

/* One answer, or the end of asking, has come. */
static void arrive(struct call *call, enum err err)
{
    if (call->err == ERR_OK)
        call->err = err;
    if (--call->waiting == 0)
        end(call);
}

static void on_account(void *arg, enum err err, const struct account *account)
{
    struct place *place = arg;
    if (account != NULL)
        place->account = *account;
    arrive(place->call, err == ERR_NOT_FOUND ? ERR_OK : err);
}

static void ask_all(struct call *call, const struct redisReply *reply)
{
    char id[CHUNK_ACCOUNT_MAX + 1];
    call->count = redis_reply_count(reply);
    call->places = xalloc_array(call->count > 0 ? call->count : 1, sizeof(call->places[0]));
    for (size_t i = 0; i < call->count; i++) {
        struct str text = redis_reply_str(redis_reply_at(reply, i));
        call->places[i].call = call;
        if (text.n >= sizeof(id))
            continue;
        (void)snprintf(id, sizeof(id), "%.*s", (int)text.n, text.p);
        call->waiting++;
        enum err err = accounts_get(call->redis, id, on_account, &call->places[i]);
        if (err != ERR_OK)
            arrive(call, err);
    }
}

static void on_ids(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_reply(err, reply);
    if (err == ERR_OK)
        ask_all(call, reply);
    arrive(call, err); /* what kept it from ending while it asked */
}

static void on_total(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    call->total = redis_reply_int(reply);
    arrive(call, judge_reply(err, reply));
}

enum err accounts_list(struct redis *redis, int64_t skip, int64_t most, accounts_fn fn, void *arg)
{
    char first[NUMBER_SIZE], last[NUMBER_SIZE];
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){.redis = redis, .fn = fn, .arg = arg, .waiting = 1};
    most = most < ACCOUNTS_LIST_MAX ? most : ACCOUNTS_LIST_MAX;
    (void)snprintf(first, sizeof(first), "%lld", (long long)skip);
    (void)snprintf(last, sizeof(last), "%lld", (long long)(skip + most - 1));
    enum err err =
        redis_call(redis, 2, (struct str[]){STR("ZCARD"), STR("accounts")}, on_total, call);
    if (err != ERR_OK) {
        xfree(call);
        return err;
    }
    const struct str range[] = {STR("ZRANGE"), STR("accounts"), str_of(first), str_of(last)};
    if (redis_call(redis, 4, range, on_ids, call) == ERR_OK)
        call->waiting++;
    else
        call->err = ERR_FULL;
    return ERR_OK;
}
