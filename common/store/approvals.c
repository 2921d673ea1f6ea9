#include "common/store/approvals.h"

#include "common/store/judge.h"

#include <stdio.h>

enum { MEMBER_SIZE = CHUNK_ACCOUNT_MAX + 1 + ID_TEXT_SIZE, NUMBER_SIZE = 24 };

struct call {
    struct redis *redis;
    approvals_fn fn;
    void *arg;
    struct approvals_entry *entries; /* come first; then the total */
    size_t count;
};

static struct str member_of(char text[MEMBER_SIZE], const char *account, const char *profile)
{
    (void)snprintf(text, MEMBER_SIZE, "%s %s", account, profile);
    return str_of(text);
}

static struct str number_of(char text[NUMBER_SIZE], int64_t value)
{
    (void)snprintf(text, NUMBER_SIZE, "%lld", (long long)value);
    return str_of(text);
}

enum err approvals_add(struct redis *redis, const struct approvals_entry *entry)
{
    char member[MEMBER_SIZE], at[NUMBER_SIZE];
    const struct str argv[] = {STR("ZADD"), STR("approvals"), number_of(at, entry->at_ms),
                               member_of(member, entry->account, entry->profile)};
    return redis_call(redis, 4, argv, NULL, NULL);
}

void approvals_drop(struct redis *redis, const char *account, const char *profile)
{
    char member[MEMBER_SIZE];
    const struct str argv[] = {STR("ZREM"), STR("approvals"), member_of(member, account, profile)};
    (void)(redis_call(redis, 3, argv, NULL, NULL) == ERR_OK); /* else it is found again, later */
}

static bool read_entry(struct approvals_entry *entry, struct str member, struct str score)
{
    unsigned long long at_ms = 0;
    struct str account = str_cut(&member, ' ');
    *entry = (struct approvals_entry){.account = ""};
    if (account.n >= sizeof(entry->account) || member.n == 0 ||
        member.n >= sizeof(entry->profile) || !str_to_uint(score, INT64_MAX, &at_ms))
        return false;
    memcpy(entry->account, account.p, account.n);
    memcpy(entry->profile, member.p, member.n);
    entry->at_ms = (int64_t)at_ms;
    return true;
}

static void end(struct call *own_call, enum err err, int64_t total)
{
    own_call->fn(own_call->arg, err, own_call->entries, own_call->count, total);
    xfree(own_call->entries);
    xfree(own_call);
}

static void on_total(void *arg, enum err err, const struct redisReply *reply)
{
    end(arg, judge_reply(err, reply), redis_reply_int(reply));
}

static void on_entries(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    size_t count = redis_reply_count(reply) / 2;
    call->entries = xalloc_array(count > 0 ? count : 1, sizeof(call->entries[0]));
    for (size_t i = 0; i < count; i++) {
        if (read_entry(&call->entries[call->count], redis_reply_str(redis_reply_at(reply, 2 * i)),
                       redis_reply_str(redis_reply_at(reply, 2 * i + 1))))
            call->count++;
    }
    err = judge_reply(err, reply);
    if (err == ERR_OK)
        err = redis_call(call->redis, 2, (struct str[]){STR("ZCARD"), STR("approvals")}, on_total,
                         call);
    if (err != ERR_OK)
        end(call, err, 0);
}

enum err approvals_list(struct redis *redis, int64_t skip, int64_t most, approvals_fn fn, void *arg)
{
    char first[NUMBER_SIZE], last[NUMBER_SIZE];
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){.redis = redis, .fn = fn, .arg = arg};
    const struct str range[] = {STR("ZRANGE"), STR("approvals"), number_of(first, skip),
                                number_of(last, skip + most - 1), STR("WITHSCORES")};
    enum err err = redis_call(redis, 5, range, on_entries, call);
    if (err != ERR_OK)
        xfree(call);
    return err;
}
