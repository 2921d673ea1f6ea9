#include "common/store/keywords.h"

#include "common/sms/chunk.h"
#include "common/store/args.h"
#include "common/store/judge.h"
#include "common/store/keyword_claim.h"
#include "common/store/scripts.h"

#include <stdio.h>

enum { RECORD_CAP = 64 * 1024 };

struct call {
    struct redis *redis;
    keywords_fn fn;
    keywords_list_fn list_fn;
    void *arg;
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct id id;
    struct keyword keyword; /* that is created */
    struct buf record;
};

static struct call *new_call(struct redis *redis, struct keywords_ref ref, keywords_fn fn,
                             void *arg)
{
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){
        .redis = redis, .fn = fn, .arg = arg, .id = ref.id, .record = {.cap = RECORD_CAP}};
    (void)snprintf(call->account, sizeof(call->account), "%s", ref.account);
    return call;
}

static void free_call(struct call *own_call)
{
    buf_done(&own_call->record);
    xfree(own_call);
}

static void tell(struct call *own_call, enum err err, struct str record)
{
    own_call->fn(own_call->arg, err, err == ERR_OK ? record : (struct str){0});
    free_call(own_call);
}

/* What the scripts say. */
static enum err err_of_word(struct str word)
{
    static const struct {
        const char *word;
        enum err err;
    } words[] = {{"made", ERR_OK},
                 {"taken", ERR_CONFLICT},
                 {"changed", ERR_CONFLICT},
                 {"full", ERR_FULL},
                 {"absent", ERR_NOT_FOUND}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_eq(word, str_of(words[i].word)))
            return words[i].err;
    }
    return ERR_IO;
}

/* A command with the two keys, the id, and more. */
static enum err give(struct call *call, const struct redis_script *script, const struct str *more,
                     size_t more_count, redis_fn fn)
{
    struct args a;
    char id[ID_TEXT_SIZE];
    id_format(id, call->id);
    args_init(&a);
    buf_printf(args_begin(&a), "keywords:{%s}", call->account);
    args_end(&a);
    buf_printf(args_begin(&a), "keyword_ids:{%s}", call->account);
    args_end(&a);
    args_view(&a, str_of(id));
    for (size_t i = 0; i < more_count; i++)
        args_view(&a, more[i]);
    enum err err = redis_eval(call->redis, script, 2, (int)a.count, args_list(&a), fn, call);
    args_done(&a);
    return err;
}

/* --- create: the claim, then the record --- */

static void on_put(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_reply(err, reply);
    if (err == ERR_OK)
        err = err_of_word(redis_reply_str(reply));
    if (err == ERR_FULL)
        keyword_claim_drop(call->redis, &call->keyword, call->account, call->id);
    tell(call, err, buf_view(&call->record));
}

static void on_claimed(void *arg, enum err err)
{
    struct call *call = arg;
    char most[16];
    (void)snprintf(most, sizeof(most), "%d", KEYWORDS_MAX);
    if (err == ERR_UNKNOWN)
        err = ERR_IO; /* a claim alone is nothing */
    const struct str more[] = {str_of(call->keyword.text), buf_view(&call->record), str_of(most)};
    if (err == ERR_OK)
        err = give(call, &script_keyword_put, more, 3, on_put);
    if (err != ERR_OK)
        tell(call, err, (struct str){0});
}

enum err keywords_create(struct redis *redis, struct keywords_ref ref,
                         const struct keyword *keyword, struct str record, keywords_fn fn,
                         void *arg)
{
    struct call *call = new_call(redis, ref, fn, arg);
    call->keyword = *keyword;
    buf_str(&call->record, record);
    enum err err = keyword_claim(redis, keyword, ref.account, ref.id, on_claimed, call);
    if (err != ERR_OK)
        free_call(call);
    return err;
}

/* --- the rest --- */

static void on_list(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    struct str records[KEYWORDS_MAX];
    size_t count = 0;
    err = judge_reply(err, reply);
    for (; err == ERR_OK && count < KEYWORDS_MAX && count < redis_reply_count(reply); count++)
        records[count] = redis_reply_str(redis_reply_at(reply, count));
    call->list_fn(call->arg, err, records, count);
    free_call(call);
}

enum err keywords_list(struct redis *redis, const char *account, keywords_list_fn fn, void *arg)
{
    struct call *call = new_call(redis, (struct keywords_ref){.account = account}, NULL, arg);
    char key[64];
    call->list_fn = fn;
    (void)snprintf(key, sizeof(key), "keywords:{%s}", account);
    enum err err = redis_call(redis, 2, (struct str[]){STR("HVALS"), str_of(key)}, on_list, call);
    if (err != ERR_OK)
        free_call(call);
    return err;
}

static void on_found(void *arg, enum err err, const struct redisReply *reply)
{
    err = judge_reply(err, reply);
    if (err == ERR_OK && redis_reply_nil(reply))
        err = ERR_NOT_FOUND;
    tell(arg, err, redis_reply_str(reply));
}

enum err keywords_find(struct redis *redis, struct keywords_ref ref, keywords_fn fn, void *arg)
{
    struct call *call = new_call(redis, ref, fn, arg);
    enum err err = give(call, &script_keyword_find, NULL, 0, on_found);
    if (err != ERR_OK)
        free_call(call);
    return err;
}

static void on_changed(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_reply(err, reply);
    if (err == ERR_OK)
        err = err_of_word(redis_reply_str(reply));
    tell(call, err, buf_view(&call->record));
}

enum err keywords_change(struct redis *redis, struct keywords_ref ref, struct str before,
                         struct str after, keywords_fn fn, void *arg)
{
    struct call *call = new_call(redis, ref, fn, arg);
    const struct str more[] = {before, after};
    buf_str(&call->record, after);
    enum err err = give(call, &script_keyword_change, more, 2, on_changed);
    if (err != ERR_OK)
        free_call(call);
    return err;
}

static void on_removed(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    struct keyword keyword;
    err = judge_reply(err, reply);
    if (err == ERR_OK && redis_reply_nil(reply))
        err = ERR_NOT_FOUND;
    if (err == ERR_OK && keyword_parse(&keyword, redis_reply_str(reply)) == ERR_OK)
        keyword_claim_drop(call->redis, &keyword, call->account, call->id);
    tell(call, err, (struct str){0});
}

enum err keywords_remove(struct redis *redis, struct keywords_ref ref, keywords_fn fn, void *arg)
{
    struct call *call = new_call(redis, ref, fn, arg);
    enum err err = give(call, &script_keyword_remove, NULL, 0, on_removed);
    if (err != ERR_OK)
        free_call(call);
    return err;
}
