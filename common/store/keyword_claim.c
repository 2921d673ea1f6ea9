#include "common/store/keyword_claim.h"

#include "common/base/buf.h"
#include "common/base/log.h"
#include "common/sms/chunk.h"
#include "common/store/judge.h"
#include "common/store/scripts.h"

#include <stdio.h>

enum { TRIES = 3, CLAIM_SIZE = CHUNK_ACCOUNT_MAX + 1 + ID_TEXT_SIZE, KEY_SIZE = KEYWORD_SIZE + 64 };

struct call {
    struct redis *redis;
    keyword_claim_fn fn;
    void *arg;
    struct keyword keyword;
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct id id;
    bool look; /* only ask */
    unsigned tries;
    char found[CLAIM_SIZE];            /* somebody else's claim */
    char owner[CHUNK_ACCOUNT_MAX + 1]; /* its account */
    int64_t found_at_ms;
};

static struct str claim_key(char text[KEY_SIZE], const struct keyword *keyword)
{
    (void)snprintf(text, KEY_SIZE, "kw:%s", keyword->text);
    return str_of(text);
}

static struct str claim_value(char text[CLAIM_SIZE], const char *account, struct id id)
{
    char id_text[ID_TEXT_SIZE];
    id_format(id_text, id);
    (void)snprintf(text, CLAIM_SIZE, "%s %s", account, id_text);
    return str_of(text);
}

static void tell(struct call *own_call, enum err err)
{
    own_call->fn(own_call->arg, err);
    xfree(own_call);
}

static bool read_found(struct call *call, struct str text)
{
    struct id id;
    struct str rest = text;
    struct str owner = str_cut(&rest, ' ');
    if (text.n >= sizeof(call->found) || owner.n >= sizeof(call->owner) ||
        id_parse(&id, rest) != ERR_OK)
        return false;
    (void)snprintf(call->found, sizeof(call->found), "%.*s", (int)text.n, text.p);
    (void)snprintf(call->owner, sizeof(call->owner), "%.*s", (int)owner.n, owner.p);
    call->found_at_ms = id_at_ms(id);
    return true;
}

static enum err ask(struct call *call);

static void on_taken_over(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_reply(err, reply);
    if (err == ERR_OK && redis_reply_int(reply) == 0) { /* another was faster */
        err = ++call->tries < TRIES ? ask(call) : ERR_CONFLICT;
        if (err == ERR_OK)
            return;
    }
    tell(call, err);
}

static enum err take_over(struct call *call)
{
    char key[KEY_SIZE], value[CLAIM_SIZE];
    const struct str argv[] = {claim_key(key, &call->keyword), str_of(call->found),
                               claim_value(value, call->account, call->id)};
    return redis_eval(call->redis, &script_keyword_claim, 1, 3, argv, on_taken_over, call);
}

/* Is there a record behind the claim that was found? */
static void on_record(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_reply(err, reply);
    bool fresh = id_at_ms(call->id) - call->found_at_ms < KEYWORD_CLAIM_MS;
    if (err == ERR_OK && redis_reply_int(reply) == 1)
        err = ERR_CONFLICT;
    if (err == ERR_OK && fresh && strcmp(call->owner, call->account) != 0)
        err = ERR_CONFLICT;
    if (err == ERR_OK && !call->look) {
        err = take_over(call);
        if (err == ERR_OK)
            return;
    }
    tell(call, err);
}

static void on_claim(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    char key[KEY_SIZE];
    err = judge_reply(err, reply);
    if (err == ERR_OK && redis_reply_nil(reply)) {
        tell(call, ERR_OK);
        return;
    }
    if (err == ERR_OK && !read_found(call, redis_reply_str(reply)))
        err = ERR_IO;
    if (err == ERR_OK) {
        (void)snprintf(key, sizeof(key), "keywords:{%s}", call->owner);
        const struct str argv[] = {STR("HEXISTS"), str_of(key), str_of(call->keyword.text)};
        err = redis_call(call->redis, 3, argv, on_record, call);
    }
    if (err != ERR_OK)
        tell(call, err);
}

static enum err ask(struct call *call)
{
    char key[KEY_SIZE], value[CLAIM_SIZE];
    const struct str name = claim_key(key, &call->keyword);
    const struct str get[] = {STR("GET"), name};
    const struct str set[] = {STR("SET"), name, claim_value(value, call->account, call->id),
                              STR("NX"), STR("GET")};
    return call->look ? redis_call(call->redis, 2, get, on_claim, call)
                      : redis_call(call->redis, 5, set, on_claim, call);
}

static enum err start(const struct call *first)
{
    struct call *call = xalloc(sizeof(*call));
    *call = *first;
    enum err err = ask(call);
    if (err != ERR_OK)
        xfree(call);
    return err;
}

enum err keyword_claim(struct redis *redis, const struct keyword *keyword, const char *account,
                       struct id id, keyword_claim_fn fn, void *arg)
{
    struct call call = {.redis = redis, .fn = fn, .arg = arg, .keyword = *keyword, .id = id};
    (void)snprintf(call.account, sizeof(call.account), "%s", account);
    return start(&call);
}

enum err keyword_claim_look(struct redis *redis, const struct keyword *keyword, const char *account,
                            struct id id, keyword_claim_fn fn, void *arg)
{
    struct call call = {
        .redis = redis, .fn = fn, .arg = arg, .keyword = *keyword, .id = id, .look = true};
    (void)snprintf(call.account, sizeof(call.account), "%s", account);
    return start(&call);
}

void keyword_claim_drop(struct redis *redis, const struct keyword *keyword, const char *account,
                        struct id id)
{
    char key[KEY_SIZE], value[CLAIM_SIZE];
    const struct str argv[] = {claim_key(key, keyword), claim_value(value, account, id), STR("")};
    if (redis_eval(redis, &script_keyword_claim, 1, 3, argv, NULL, NULL) != ERR_OK)
        LOG(LOG_WARN, EV("keyword_claim_left"), KSTR("keyword", keyword->text),
            KSTR("action", "whoever wants the keyword takes it over"));
}
