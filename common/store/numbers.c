#include "common/store/numbers.h"

#include "common/base/buf.h"
#include "common/sms/chunk.h"
#include "common/store/judge.h"
#include "common/store/scripts.h"

#include <stdio.h>
#include <stdlib.h>

enum { KEY_SIZE = 64 };

struct call {
    struct redis *redis;
    numbers_fn fn;
    numbers_list_fn list_fn;
    void *arg;
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct phone number;
    bool absent; /* the account didn't have it */
};

static struct str account_key(char text[KEY_SIZE], const char *account)
{
    (void)snprintf(text, KEY_SIZE, "numbers:{%s}", account);
    return str_of(text);
}

static struct str number_key(char text[KEY_SIZE], const struct phone *number)
{
    (void)snprintf(text, KEY_SIZE, "number:%s", number->digits);
    return str_of(text);
}

static struct call *new_call(struct redis *redis, const char *account, const struct phone *number,
                             numbers_fn fn, void *arg)
{
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){.redis = redis, .fn = fn, .arg = arg, .number = *number};
    (void)snprintf(call->account, sizeof(call->account), "%s", account);
    return call;
}

static void end(struct call *own_call, enum err err)
{
    own_call->fn(own_call->arg, err);
    xfree(own_call);
}

/* --- add: claimed, then written --- */

static void on_added(void *arg, enum err err, const struct redisReply *reply)
{
    end(arg, judge_reply(err, reply));
}

static void on_claimed(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    char key[KEY_SIZE];
    err = judge_reply(err, reply);
    if (err == ERR_OK && !redis_reply_nil(reply) &&
        !str_eq(redis_reply_str(reply), str_of(call->account)))
        err = ERR_CONFLICT;
    if (err == ERR_OK)
        err = redis_call(call->redis, 3,
                         (struct str[]){STR("SADD"), account_key(key, call->account),
                                        str_of(call->number.digits)},
                         on_added, call);
    if (err != ERR_OK)
        end(call, err);
}

enum err numbers_add(struct redis *redis, const char *account, const struct phone *number,
                     numbers_fn fn, void *arg)
{
    struct call *call = new_call(redis, account, number, fn, arg);
    char key[KEY_SIZE];
    const struct str argv[] = {STR("SET"), number_key(key, number), str_of(account), STR("NX"),
                               STR("GET")};
    enum err err = redis_call(redis, 5, argv, on_claimed, call);
    if (err != ERR_OK)
        xfree(call);
    return err;
}

/* --- remove: taken out, then given back --- */

static void on_released(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_reply(err, reply);
    end(call, err == ERR_OK && call->absent ? ERR_NOT_FOUND : err);
}

static void on_removed(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    char key[KEY_SIZE];
    err = judge_reply(err, reply);
    call->absent = redis_reply_int(reply) == 0;
    if (err == ERR_OK)
        err = redis_eval(call->redis, &script_number_release, 1, 2,
                         (struct str[]){number_key(key, &call->number), str_of(call->account)},
                         on_released, call);
    if (err != ERR_OK)
        end(call, err);
}

enum err numbers_remove(struct redis *redis, const char *account, const struct phone *number,
                        numbers_fn fn, void *arg)
{
    struct call *call = new_call(redis, account, number, fn, arg);
    char key[KEY_SIZE];
    const struct str argv[] = {STR("SREM"), account_key(key, account), str_of(number->digits)};
    enum err err = redis_call(redis, 3, argv, on_removed, call);
    if (err != ERR_OK)
        xfree(call);
    return err;
}

/* --- list --- */

static int by_digits(const void *a, const void *b)
{
    return strcmp(((const struct phone *)a)->digits, ((const struct phone *)b)->digits);
}

static void on_list(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    size_t members = redis_reply_count(reply), count = 0;
    struct phone *numbers = xalloc_array(members > 0 ? members : 1, sizeof(numbers[0]));
    for (size_t i = 0; i < members; i++) {
        if (phone_parse_digits(&numbers[count], redis_reply_str(redis_reply_at(reply, i))) ==
            ERR_OK)
            count++;
    }
    qsort(numbers, count, sizeof(numbers[0]), by_digits);
    call->list_fn(call->arg, judge_reply(err, reply), numbers, count);
    xfree(numbers);
    xfree(call);
}

enum err numbers_list(struct redis *redis, const char *account, numbers_list_fn fn, void *arg)
{
    struct call *call = new_call(redis, account, &(struct phone){""}, NULL, arg);
    char key[KEY_SIZE];
    call->list_fn = fn;
    enum err err = redis_call(redis, 2, (struct str[]){STR("SMEMBERS"), account_key(key, account)},
                              on_list, call);
    if (err != ERR_OK)
        xfree(call);
    return err;
}
