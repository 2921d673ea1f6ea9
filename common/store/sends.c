#include "common/store/sends.h"

#include "common/store/args.h"
#include "common/store/judge.h"
#include "common/store/list_args.h"
#include "common/store/scripts.h"
#include "common/store/sends_row.h"

enum { HEAD = 4, SUM_NOW = 0, SUM_SENDS, SUM_UNITS, SUM_FIRST, SUM_LAST, SUM_COUNTS };

/* As sends.lua counts them. */
static const enum status sum_order[] = {STATUS_SCHEDULED, STATUS_QUEUED,    STATUS_SENDING,
                                        STATUS_SENT,      STATUS_DELIVERED, STATUS_FAILED,
                                        STATUS_CANCELLED};

struct call {
    sends_fn fn;
    void *arg;
};

/* --- the answer --- */

static void read_sums(struct sends_listed *listed, const struct redisReply *sums)
{
    listed->now_ms = redis_reply_int(redis_reply_at(sums, SUM_NOW));
    listed->passed = redis_reply_int(redis_reply_at(sums, SUM_SENDS));
    listed->first_began_ms = redis_reply_int(redis_reply_at(sums, SUM_FIRST)) * 1000;
    listed->last_began_ms = redis_reply_int(redis_reply_at(sums, SUM_LAST)) * 1000;
    listed->sums.units = redis_reply_int(redis_reply_at(sums, SUM_UNITS));
    for (size_t i = 0; i < sizeof(sum_order) / sizeof(sum_order[0]); i++)
        listed->sums.by_status[sum_order[i]] =
            redis_reply_int(redis_reply_at(sums, SUM_COUNTS + i));
}

static void read_head(struct sends_listed *listed, const struct redisReply *reply)
{
    struct str below = redis_reply_str(redis_reply_at(reply, 0));
    listed->done = below.n != sizeof(listed->next.below.b);
    if (!listed->done) {
        listed->next.set = true;
        memcpy(listed->next.below.b, below.p, below.n);
        listed->next.window = (int32_t)redis_reply_int(redis_reply_at(reply, 1));
    }
    listed->skip = (uint64_t)redis_reply_int(redis_reply_at(reply, 2));
    listed->total = redis_reply_int(redis_reply_at(reply, 3));
}

static struct send_view *read_rows(struct sends_listed *listed, const struct redisReply *reply)
{
    size_t elements = redis_reply_count(reply);
    struct send_view *sends = xalloc_array(elements / 2 + 1, sizeof(sends[0]));
    for (size_t i = HEAD; i + 1 < elements; i += 2) {
        struct str id = redis_reply_str(redis_reply_at(reply, i));
        const struct redisReply *row = redis_reply_at(reply, i + 1);
        if (id.n == 0)
            read_sums(listed, row);
        else if (sends_row_read(&sends[listed->count], id, row, listed->now_ms) == ERR_OK)
            listed->count++;
    }
    return sends;
}

static void on_reply(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    struct sends_listed listed = {.count = 0};
    struct send_view *sends = NULL;
    err = judge_script(err, reply);
    if (err == ERR_OK) {
        read_head(&listed, reply);
        sends = read_rows(&listed, reply);
        listed.sends = sends;
    }
    call->fn(call->arg, err, err == ERR_OK ? &listed : NULL);
    for (size_t i = 0; i < listed.count; i++)
        sends_row_done(&sends[i]);
    xfree(sends);
    xfree(call);
}

/* --- the question --- */

static void add_driver(struct args *a, const struct list_query *query)
{
    if (query->of_send) {
        args_view(a, STR("send"));
        buf_add(args_begin(a), query->send.b, KEYS_SEND_BYTES);
        args_end(a);
    } else if (query->ref.p != NULL) {
        args_view(a, STR("ref"));
        keys_hash(args_begin(a), query->ref);
        args_end(a);
    } else {
        args_view(a, STR("list"));
        args_view(a, STR("many"));
    }
}

static void add_states(struct args *a, unsigned wanted)
{
#define STATE_LETTER(member, letter, name)                                                         \
    if (wanted & (1u << SEND_STATE_##member))                                                      \
        buf_char(out, letter);
    struct buf *out = args_begin(a);
    SEND_STATE_LIST(STATE_LETTER)
    args_end(a);
#undef STATE_LETTER
}

static void add_query(struct args *a, const char *account, const struct sends_ask *ask)
{
    const struct sends_query *query = ask->query;
    buf_printf(args_begin(a), "n:{%s}", account);
    args_end(a);
    buf_printf(args_begin(a), "{%s}", account);
    args_end(a);
    add_driver(a, &query->list);
    list_args_place(a, ask->place);
    list_args_bound(a, query->list.before_ms, 0xff);
    list_args_bound(a, query->list.after_ms, 0);
    list_args_letters(a, LIST_ANY_STATUS);
    args_int(a, ERROR_NONE);
    args_view(a, STR("")); /* a recipient's number, */
    args_view(a, STR("")); /* and a sender */
    args_int(a, (int64_t)ask->skip);
    args_int(a, ask->limit);
    args_int(a, LIST_LOOK_AT);
    args_int(a, ask->wants_total);
    list_args_letters(a, query->statuses);
    add_states(a, query->states);
}

enum err sends_list(struct redis *redis, const char *account, const struct sends_ask *ask,
                    sends_fn fn, void *arg)
{
    struct args a;
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){fn, arg};
    args_init(&a);
    add_query(&a, account, ask);
    enum err err = redis_eval(redis, &script_sends, 1, (int)a.count, args_list(&a), on_reply, call);
    args_done(&a);
    if (err != ERR_OK)
        xfree(call);
    return err;
}

enum err sends_get(struct redis *redis, const char *account, struct id send, sends_fn fn, void *arg)
{
    const struct sends_query query = {.list = {.of_send = true, .send = send},
                                      .statuses = LIST_ANY_STATUS};
    const struct sends_ask ask = {.query = &query, .limit = 1};
    return sends_list(redis, account, &ask, fn, arg);
}
