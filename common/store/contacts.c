#include "common/store/contacts.h"

#include "common/store/directory.h"
#include "common/store/judge.h"
#include "common/store/scripts.h"

/* A call on its way: what its answer is handed to. */
struct call {
    union {
        contacts_many_fn many;
        contacts_page_fn page;
        contacts_fn plain;
    } fn;
    void *arg;
    size_t count;
    struct contact_put *puts[CONTACTS_BATCH]; /* of contacts_put */
};

static struct call *new_call(void *arg)
{
    struct call *call = xalloc(sizeof(*call));
    call->arg = arg;
    return call;
}

static struct str json_of(const struct redisReply *value)
{
    struct str text = redis_reply_str(value);
    return text.n > 0 ? directory_json(text) : (struct str){0};
}

/* --- many, by id --- */

static void on_many(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_reply(err, reply);
    size_t count = err == ERR_OK ? redis_reply_count(reply) : 0;
    struct str *texts = xalloc_array(count + 1, sizeof(texts[0]));
    for (size_t i = 0; i < count; i++)
        texts[i] = json_of(redis_reply_at(reply, i));
    call->fn.many(call->arg, err, texts, count);
    xfree(texts);
    xfree(call);
}

enum err contacts_get_many(struct redis *redis, const char *account, const struct id *ids,
                           size_t count, contacts_many_fn fn, void *arg)
{
    struct args a;
    struct call *call = new_call(arg);
    call->fn.many = fn;
    args_init(&a);
    args_view(&a, STR("HMGET"));
    buf_printf(args_begin(&a), "contacts:{%s}", account);
    args_end(&a);
    for (size_t i = 0; i < count; i++)
        directory_add_id(&a, ids[i]);
    enum err err = redis_call(redis, (int)a.count, args_list(&a), on_many, call);
    args_done(&a);
    if (err != ERR_OK)
        xfree(call);
    return err;
}

/* --- pages --- */

/* The reply: `before` elements, then pairs of id and value. */
static void give_records(struct call *own_call, enum err err, const struct redisReply *reply,
                         size_t before)
{
    size_t all = err == ERR_OK ? redis_reply_count(reply) : 0;
    size_t count = all > before ? (all - before) / 2 : 0;
    struct contact_record *records = xalloc_array(count + 1, sizeof(records[0]));
    for (size_t i = 0; i < count; i++) {
        (void)directory_read_id(&records[i].id,
                                redis_reply_str(redis_reply_at(reply, before + 2 * i)));
        records[i].text = json_of(redis_reply_at(reply, before + 2 * i + 1));
    }
    int64_t total = before > 0 ? redis_reply_int(redis_reply_at(reply, 0)) : (int64_t)count;
    own_call->fn.page(own_call->arg, err, total, records, count);
    xfree(records);
    xfree(own_call);
}

static void on_found(void *arg, enum err err, const struct redisReply *reply)
{
    give_records(arg, judge_reply(err, reply), reply, 0);
}

static void on_page(void *arg, enum err err, const struct redisReply *reply)
{
    err = judge_reply(err, reply);
    if (err == ERR_OK && redis_reply_count(reply) == 0)
        err = ERR_NOT_FOUND;
    give_records(arg, err, reply, 1);
}

enum err contacts_find(struct redis *redis, const char *account, const struct phone *phones,
                       size_t count, contacts_page_fn fn, void *arg)
{
    struct args a;
    struct call *call = new_call(arg);
    call->fn.page = fn;
    directory_begin(&a, account);
    for (size_t i = 0; i < count; i++)
        args_view(&a, str_of(phones[i].digits));
    return directory_give(redis, &script_contacts_find, &a, on_found, call);
}

enum err contacts_of_phone(struct redis *redis, const char *account, struct phone phone,
                           contacts_page_fn fn, void *arg)
{
    struct args a;
    struct call *call = new_call(arg);
    call->fn.page = fn;
    directory_begin(&a, account);
    args_view(&a, str_of(phone.digits));
    return directory_give(redis, &script_contacts_phone, &a, on_page, call);
}

static void add_group(struct args *a, const struct id *group)
{
    if (group != NULL)
        directory_add_id(a, *group);
    else
        args_view(a, STR(""));
}

enum err contacts_page(struct redis *redis, const char *account, const struct contacts_slice *slice,
                       contacts_page_fn fn, void *arg)
{
    struct args a;
    struct call *call = new_call(arg);
    call->fn.page = fn;
    directory_begin(&a, account);
    add_group(&a, slice->group);
    args_int(&a, slice->first);
    args_int(&a, (int64_t)slice->most);
    return directory_give(redis, &script_contacts_page, &a, on_page, call);
}

/* --- writing --- */

static enum contact_written written_of(int64_t value)
{
    return value >= CONTACT_TOO_MANY_GROUPS && value <= CONTACT_WRITTEN
               ? (enum contact_written)value
               : CONTACT_DIFFERS;
}

static void on_put(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_reply(err, reply);
    if (err == ERR_OK && redis_reply_count(reply) < call->count)
        err = ERR_NOT_FOUND;
    for (size_t i = 0; err == ERR_OK && i < call->count; i++)
        call->puts[i]->written = written_of(redis_reply_int(redis_reply_at(reply, i)));
    call->fn.plain(call->arg, err);
    xfree(call);
}

enum err contacts_put(struct redis *redis, const char *account, const struct contacts_puts *puts,
                      contacts_fn fn, void *arg)
{
    struct args a;
    struct call *call = new_call(arg);
    call->fn.plain = fn;
    call->count = puts->count;
    directory_begin(&a, account);
    add_group(&a, puts->group);
    args_view(&a, puts->one_per_phone ? STR("1") : STR("0"));
    for (size_t i = 0; i < puts->count; i++) {
        struct contact_put *put = puts->list[i];
        call->puts[i] = put;
        directory_add_id(&a, put->id);
        args_view(&a, put->before);
        args_view(&a, str_of(put->phone.digits));
        args_view(&a, put->text);
    }
    return directory_give(redis, &script_contacts_put, &a, on_put, call);
}

static void on_dropped(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_reply(err, reply);
    if (err == ERR_OK && redis_reply_int(reply) == 0)
        err = ERR_NOT_FOUND;
    call->fn.plain(call->arg, err);
    xfree(call);
}

enum err contacts_drop(struct redis *redis, const char *account, struct id id, contacts_fn fn,
                       void *arg)
{
    struct args a;
    struct call *call = new_call(arg);
    call->fn.plain = fn;
    directory_begin(&a, account);
    directory_add_id(&a, id);
    return directory_give(redis, &script_contacts_drop, &a, on_dropped, call);
}
