#include "common/store/groups.h"

#include "common/store/directory.h"
#include "common/store/judge.h"
#include "common/store/scripts.h"

/* A call on its way: what its answer is handed to. */
struct call {
    union {
        groups_counts_fn counts;
        groups_next_fn next;
        groups_page_fn page;
        groups_add_fn add;
        groups_fn plain;
    } fn;
    void *arg;
};

enum { RECORD_FIELDS = 4 }; /* id, JSON, members, those with a number */

static struct call *new_call(void *arg)
{
    struct call *call = xalloc(sizeof(*call));
    call->arg = arg;
    return call;
}

/* --- reading --- */

static void add_ids(struct args *a, const struct id *ids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        directory_add_id(a, ids[i]);
}

static void on_counts(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_reply(err, reply);
    size_t count = err == ERR_OK ? redis_reply_count(reply) / RECORD_FIELDS : 0;
    int64_t *counts = xalloc_array(count + 1, sizeof(counts[0]));
    for (size_t i = 0; i < count; i++) {
        bool there = redis_reply_str(redis_reply_at(reply, RECORD_FIELDS * i + 1)).n > 0;
        counts[i] = there ? redis_reply_int(redis_reply_at(reply, RECORD_FIELDS * i + 3)) : -1;
    }
    call->fn.counts(call->arg, err, counts, count);
    xfree(counts);
    xfree(call);
}

enum err groups_counts(struct redis *redis, const char *account, const struct id *ids, size_t count,
                       groups_counts_fn fn, void *arg)
{
    struct args a;
    struct call *call = new_call(arg);
    call->fn.counts = fn;
    directory_begin(&a, account);
    add_ids(&a, ids, count);
    return directory_give(redis, &script_groups_get, &a, on_counts, call);
}

static void on_next(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_reply(err, reply);
    size_t count = err == ERR_OK ? redis_reply_count(reply) / 2 : 0;
    struct group_member *members = xalloc_array(count + 1, sizeof(members[0]));
    for (size_t i = 0; i < count; i++) {
        members[i].digits = redis_reply_str(redis_reply_at(reply, 2 * i));
        (void)directory_read_id(&members[i].contact,
                                redis_reply_str(redis_reply_at(reply, 2 * i + 1)));
    }
    call->fn.next(call->arg, err, members, count);
    xfree(members);
    xfree(call);
}

enum err groups_next(struct redis *redis, const char *account, const struct groups_slice *slice,
                     groups_next_fn fn, void *arg)
{
    struct args a;
    struct call *call = new_call(arg);
    call->fn.next = fn;
    directory_begin(&a, account);
    directory_add_id(&a, slice->group);
    args_view(&a, str_of(slice->after_digits));
    args_int(&a, slice->most < GROUPS_NEXT ? slice->most : GROUPS_NEXT);
    return directory_give(redis, &script_groups_next, &a, on_next, call);
}

/* The reply: `before` elements, then the fields of each. */
static void give_records(struct call *own_call, enum err err, const struct redisReply *reply,
                         size_t before)
{
    err = judge_reply(err, reply);
    size_t all = err == ERR_OK ? redis_reply_count(reply) : 0;
    size_t count = all > before ? (all - before) / RECORD_FIELDS : 0;
    struct group_record *records = xalloc_array(count + 1, sizeof(records[0]));
    for (size_t i = 0; i < count; i++) {
        size_t at = before + RECORD_FIELDS * i;
        struct str text = redis_reply_str(redis_reply_at(reply, at + 1));
        (void)directory_read_id(&records[i].id, redis_reply_str(redis_reply_at(reply, at)));
        records[i].text = text.n > 0 ? text : (struct str){0};
        records[i].members = redis_reply_int(redis_reply_at(reply, at + 2));
        records[i].with_phone = redis_reply_int(redis_reply_at(reply, at + 3));
    }
    int64_t total = before > 0 ? redis_reply_int(redis_reply_at(reply, 0)) : (int64_t)count;
    own_call->fn.page(own_call->arg, err, total, records, count);
    xfree(records);
    xfree(own_call);
}

static void on_got(void *arg, enum err err, const struct redisReply *reply)
{
    give_records(arg, err, reply, 0);
}

static void on_page(void *arg, enum err err, const struct redisReply *reply)
{
    give_records(arg, err, reply, 1);
}

enum err groups_get(struct redis *redis, const char *account, const struct id *ids, size_t count,
                    groups_page_fn fn, void *arg)
{
    struct args a;
    struct call *call = new_call(arg);
    call->fn.page = fn;
    directory_begin(&a, account);
    add_ids(&a, ids, count);
    return directory_give(redis, &script_groups_get, &a, on_got, call);
}

enum err groups_page(struct redis *redis, const char *account, int64_t first, size_t most,
                     groups_page_fn fn, void *arg)
{
    struct args a;
    struct call *call = new_call(arg);
    call->fn.page = fn;
    directory_begin(&a, account);
    args_int(&a, first);
    args_int(&a, (int64_t)most);
    return directory_give(redis, &script_groups_page, &a, on_page, call);
}

/* --- writing --- */

static void tell(struct call *own_call, enum err err)
{
    own_call->fn.plain(own_call->arg, err);
    xfree(own_call);
}

static void on_put(void *arg, enum err err, const struct redisReply *reply)
{
    err = judge_reply(err, reply);
    if (err == ERR_OK && redis_reply_int(reply) == 0)
        err = ERR_CONFLICT;
    else if (err == ERR_OK && redis_reply_int(reply) < 0)
        err = ERR_FULL;
    tell(arg, err);
}

enum err groups_put(struct redis *redis, const char *account, const struct group_put *put,
                    groups_fn fn, void *arg)
{
    struct args a;
    struct call *call = new_call(arg);
    call->fn.plain = fn;
    directory_begin(&a, account);
    directory_add_id(&a, put->id);
    args_view(&a, put->before);
    args_view(&a, put->text);
    args_int(&a, GROUPS_MAX);
    return directory_give(redis, &script_groups_put, &a, on_put, call);
}

static void on_gone(void *arg, enum err err, const struct redisReply *reply)
{
    err = judge_reply(err, reply);
    if (err == ERR_OK && redis_reply_int(reply) == 0)
        err = ERR_NOT_FOUND;
    tell(arg, err);
}

enum err groups_drop(struct redis *redis, const char *account, struct id id, groups_fn fn,
                     void *arg)
{
    struct args a;
    struct call *call = new_call(arg);
    call->fn.plain = fn;
    directory_begin(&a, account);
    directory_add_id(&a, id);
    return directory_give(redis, &script_groups_drop, &a, on_gone, call);
}

enum err groups_remove(struct redis *redis, const char *account, struct id group, struct id contact,
                       groups_fn fn, void *arg)
{
    struct args a;
    struct call *call = new_call(arg);
    call->fn.plain = fn;
    directory_begin(&a, account);
    directory_add_id(&a, group);
    directory_add_id(&a, contact);
    return directory_give(redis, &script_groups_remove, &a, on_gone, call);
}

static enum group_add add_of(int64_t value)
{
    return value >= GROUP_ADD_TOO_MANY && value <= GROUP_ADD_FINE ? (enum group_add)value
                                                                  : GROUP_ADD_ABSENT;
}

static void on_added(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_reply(err, reply);
    size_t all = err == ERR_OK ? redis_reply_count(reply) : 0;
    if (err == ERR_OK && all == 0)
        err = ERR_NOT_FOUND;
    size_t count = all > 2 ? all - 2 : 0;
    enum group_add *outcomes = xalloc_array(count + 1, sizeof(outcomes[0]));
    for (size_t i = 0; i < count; i++)
        outcomes[i] = add_of(redis_reply_int(redis_reply_at(reply, i + 2)));
    call->fn.add(call->arg, err, outcomes, count, redis_reply_int(redis_reply_at(reply, 0)),
                 redis_reply_int(redis_reply_at(reply, 1)));
    xfree(outcomes);
    xfree(call);
}

enum err groups_add(struct redis *redis, const char *account, const struct groups_adding *adding,
                    groups_add_fn fn, void *arg)
{
    struct args a;
    struct call *call = new_call(arg);
    call->fn.add = fn;
    directory_begin(&a, account);
    directory_add_id(&a, adding->group);
    args_view(&a, adding->only_check ? STR("1") : STR("0"));
    add_ids(&a, adding->contacts, adding->count);
    return directory_give(redis, &script_groups_add, &a, on_added, call);
}
