#include "common/store/accounts.h"

#include "common/store/accounts_list.h"
#include "common/store/judge.h"
#include "common/store/record.h"

#include <jansson.h>
#include <stdio.h>

enum { RECORD_CAP = 4096 };

struct call {
    account_fn fn;
    void *arg;
};

/* --- the record --- */

static void read_quiet(struct quiet *quiet, const json_t *root)
{
    const json_t *text = json_object_get(root, "quiet_hours");
    if (!json_is_string(text) ||
        quiet_parse(quiet, (struct str){json_string_value(text), json_string_length(text)}) !=
            ERR_OK)
        *quiet = (struct quiet){.given = false};
}

static bool read_record(struct account *account, struct str text)
{
    json_auto_t *root = json_loadb(text.p != NULL ? text.p : "", text.n, 0, NULL);
    account->active = json_is_true(json_object_get(root, "active"));
    account->paused = json_is_true(json_object_get(root, "paused"));
    account->created_at_ms = record_int(root, "created_at");
    account->quotas.messages_a_day = record_int(root, "messages_a_day");
    account->quotas.spend_a_month_milli = record_int(root, "spend_a_month");
    account->limit.per_s = record_int(root, "rate");
    account->limit.burst = record_int(root, "burst");
    account->share.fast_per_s = record_int(root, "fast_rate");
    account->share.open_max = record_int(root, "open_max");
    account_rates_read(&account->rates, root);
    account->share.weight = record_int(root, "weight");
    read_quiet(&account->quiet, root);
    return record_text(account->id, sizeof(account->id), root, "id") &&
           record_text(account->name, sizeof(account->name), root, "name") &&
           record_text(account->currency, sizeof(account->currency), root, "currency");
}

/* "<profile id> <1 or 0> <sender id>", or nothing. A text that is none of these counts as nothing: it
 * is only a copy. */
static void read_sender(struct sender *sender, struct str text)
{
    struct str profile = str_cut(&text, ' '), reply = str_cut(&text, ' ');
    *sender = (struct sender){.allow_reply = str_eq(reply, STR("1"))};
    if (profile.n >= sizeof(sender->profile) || text.n == 0 || text.n >= sizeof(sender->text))
        return;
    memcpy(sender->profile, profile.p, profile.n);
    memcpy(sender->text, text.p, text.n);
}

static void write_number(struct buf *out, const char *name, int64_t value)
{
    if (value == 0)
        buf_printf(out, ",\"%s\":null", name);
    else
        buf_printf(out, ",\"%s\":%lld", name, (long long)value);
}

static void write_quotas(struct buf *out, const struct account_quotas *quotas)
{
    write_number(out, "messages_a_day", quotas->messages_a_day);
    write_number(out, "spend_a_month", quotas->spend_a_month_milli);
}

void rate_limit_write(struct buf *out, const struct rate_limit *limit)
{
    write_number(out, "rate", limit->per_s);
    write_number(out, "burst", limit->burst);
}

static void write_share(struct buf *out, const struct account_share *share)
{
    write_number(out, "fast_rate", share->fast_per_s);
    write_number(out, "open_max", share->open_max);
    write_number(out, "weight", share->weight);
}

static void write_quiet(struct buf *out, const struct quiet *quiet)
{
    buf_text(out, ",\"quiet_hours\":");
    if (quiet->from_min == quiet->to_min) {
        buf_text(out, "null");
        return;
    }
    buf_char(out, '"');
    quiet_write(out, quiet);
    buf_char(out, '"');
}

static void write_record(struct buf *out, const struct account *account)
{
    buf_printf(out, "{\"id\":\"%s\",\"name\":", account->id);
    buf_json(out, str_of(account->name));
    buf_printf(out, ",\"currency\":\"%s\",\"active\":%s,\"created_at\":%lld", account->currency,
               account->active ? "true" : "false", (long long)account->created_at_ms);
    write_quotas(out, &account->quotas);
    rate_limit_write(out, &account->limit);
    write_share(out, &account->share);
    account_rates_write(out, &account->rates);
    write_quiet(out, &account->quiet);
    buf_char(out, '}');
}

/* The account's id is written along, which changes nothing: so each further field has its comma. */
static void write_change(struct buf *out, const char *id, const struct account_change *change)
{
    buf_printf(out, "{\"id\":\"%s\"", id);
    if (change->name != NULL) {
        buf_text(out, ",\"name\":");
        buf_json(out, str_of(change->name));
    }
    if (change->currency != NULL)
        buf_printf(out, ",\"currency\":\"%s\"", change->currency);
    if (change->active != NULL)
        buf_printf(out, ",\"active\":%s", *change->active ? "true" : "false");
    if (change->paused != NULL)
        buf_printf(out, ",\"paused\":%s", *change->paused ? "true" : "null");
    if (change->quotas != NULL)
        write_quotas(out, change->quotas);
    if (change->limit != NULL)
        rate_limit_write(out, change->limit);
    if (change->share != NULL)
        write_share(out, change->share);
    if (change->rates != NULL)
        account_rates_write(out, change->rates);
    if (change->quiet != NULL)
        write_quiet(out, change->quiet);
    buf_char(out, '}');
}

static struct str key_of(char text[64], const char *id)
{
    (void)snprintf(text, 64, "account:{%s}", id);
    return str_of(text);
}

/* --- calls --- */

static struct call *new_call(account_fn fn, void *arg)
{
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){fn, arg};
    return call;
}

static enum err given(enum err err, struct call *own_call)
{
    if (err != ERR_OK)
        xfree(own_call);
    return err;
}

static void on_record(void *arg, enum err err, struct str record)
{
    struct call *call = arg;
    struct account account = {.id = ""};
    if (err == ERR_OK && !read_record(&account, record))
        err = ERR_IO;
    call->fn(call->arg, err, err == ERR_OK ? &account : NULL);
    xfree(call);
}

/* What a creation is called back with. */
struct creation {
    account_fn fn;
    void *arg;
    struct account account;
};

static void on_created(void *arg, enum err err, struct str record)
{
    struct creation *creation = arg;
    (void)record;
    creation->fn(creation->arg, err, err == ERR_OK ? &creation->account : NULL);
    xfree(creation);
}

enum err accounts_create(struct redis *redis, const struct account *account, account_fn fn,
                         void *arg)
{
    struct buf record = {.cap = RECORD_CAP};
    char key[64];
    struct creation *creation = xalloc(sizeof(*creation));
    *creation = (struct creation){fn, arg, *account};
    write_record(&record, account);
    enum err err = accounts_list_add(redis, account->id);
    if (err == ERR_OK)
        err =
            record_create(redis, key_of(key, account->id), buf_view(&record), on_created, creation);
    buf_done(&record);
    if (err != ERR_OK)
        xfree(creation);
    return err;
}

enum err accounts_change(struct redis *redis, const char *id, const struct account_change *change,
                         account_fn fn, void *arg)
{
    struct buf changes = {.cap = RECORD_CAP};
    char key[64];
    struct call *call = new_call(fn, arg);
    write_change(&changes, id, change);
    enum err err = record_merge(redis, key_of(key, id), buf_view(&changes), 0, on_record, call);
    buf_done(&changes);
    return given(err, call);
}

static void on_got(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    struct account account = {.id = ""};
    const struct redisReply *record = redis_reply_at(reply, 0);
    err = judge_reply(err, reply);
    if (err == ERR_OK && redis_reply_nil(record))
        err = ERR_NOT_FOUND;
    if (err == ERR_OK && !read_record(&account, redis_reply_str(record)))
        err = ERR_IO;
    read_sender(&account.default_sender, redis_reply_str(redis_reply_at(reply, 1)));
    call->fn(call->arg, err, err == ERR_OK ? &account : NULL);
    xfree(call);
}

enum err accounts_get(struct redis *redis, const char *id, account_fn fn, void *arg)
{
    struct call *call = new_call(fn, arg);
    char key[64], sender[64];
    (void)snprintf(sender, sizeof(sender), "sender:{%s}", id);
    const struct str argv[] = {STR("MGET"), key_of(key, id), str_of(sender)};
    return given(redis_call(redis, 3, argv, on_got, call), call);
}
