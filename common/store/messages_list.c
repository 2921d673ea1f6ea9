#include "common/store/messages_list.h"

#include "common/store/args.h"
#include "common/store/judge.h"
#include "common/store/keys.h"
#include "common/store/list_args.h"
#include "common/store/message_row.h"
#include "common/store/scripts.h"

enum { HEAD = 4 }; /* elements of a reply before its pairs */

struct call {
    listed_fn fn;
    void *arg;
};

/* --- the answer --- */

/* The messages of an answer, and the descriptions that hold their texts. */
struct rows {
    struct message *messages;
    struct description *descriptions; /* the last is that of the present send of many */
    size_t count, described;
    struct str body; /* of the present send of many */
};

static void rows_done(struct rows *rows)
{
    for (size_t i = 0; i < rows->described; i++)
        description_done(&rows->descriptions[i]);
    xfree(rows->descriptions);
    xfree(rows->messages);
}

/* One that can't be read is empty: its messages are shown all the same. */
static void describe(struct rows *rows, struct str text)
{
    if (description_parse(&rows->descriptions[rows->described], text) != ERR_OK)
        rows->descriptions[rows->described] = (struct description){.at_ms = 0};
    rows->described++;
}

/* The line of a send that has no messages yet is the letter of its status. */
static enum err read_line(struct message *message, struct str line)
{
    if (line.n != 1)
        return line_parse(&message->line, line);
    message->line = (struct line){.status = status_of_letter(line.p[0]), .digits = STR("")};
    return message->line.status == STATUS_COUNT ? ERR_SYNTAX : ERR_OK;
}

static void read_row(struct rows *rows, struct str id, struct str text)
{
    struct str line = message_cut_line(&text);
    struct message *message = &rows->messages[rows->count];
    if (text.n > 0)
        describe(rows, text);
    if (rows->described == 0)
        return;
    const struct description *description = &rows->descriptions[rows->described - 1];
    *message = (struct message){.at_ms = 0};
    memcpy(message->id.b, id.p, sizeof(message->id.b));
    if (read_line(message, line) != ERR_OK)
        return; /* nothing can be said of it, and others must not suffer */
    message_describe(message, description, rows->body);
    rows->count++;
}

static void read_pair(struct rows *rows, struct str id, struct str text)
{
    if (id.n == sizeof(struct id))
        read_row(rows, id, text);
    else if (id.n == KEYS_SEND_BYTES)
        describe(rows, text);
    else
        rows->body = text;
}

static void read_rows(struct rows *rows, const struct redisReply *reply)
{
    size_t elements = redis_reply_count(reply);
    rows->messages = xalloc_array(elements / 2 + 1, sizeof(rows->messages[0]));
    rows->descriptions = xalloc_array(elements / 2 + 1, sizeof(rows->descriptions[0]));
    for (size_t i = HEAD; i + 1 < elements; i += 2)
        read_pair(rows, redis_reply_str(redis_reply_at(reply, i)),
                  redis_reply_str(redis_reply_at(reply, i + 1)));
}

static void read_head(struct listed *listed, const struct redisReply *reply)
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

static void on_reply(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    struct rows rows = {.count = 0};
    struct listed listed = {.count = 0};
    err = judge_script(err, reply);
    if (err == ERR_OK) {
        read_rows(&rows, reply);
        read_head(&listed, reply);
        listed.count = rows.count;
        listed.messages = rows.messages;
    }
    call->fn(call->arg, err, err == ERR_OK ? &listed : NULL);
    rows_done(&rows);
    xfree(call);
}

/* --- the question --- */

/* Statuses that have a set of their own, one or a few of them. */
static bool has_sets(unsigned statuses)
{
    return (statuses & (LIST_STATUS(STATUS_DELIVERED) | LIST_STATUS(STATUS_RECEIVED))) == 0;
}

static bool walks_list(const struct list_query *query, unsigned statuses)
{
    return !query->of_send && query->ref.p == NULL && query->to.n == 0 && !has_sets(statuses);
}

static void add_list(struct args *a, const struct list_query *query, unsigned statuses)
{
    args_view(a, STR("list"));
    struct buf *name = args_begin(a);
    if (statuses == LIST_STATUS(STATUS_RECEIVED)) {
        buf_text(name, "in");
    } else if (query->from.n > 0) {
        buf_char(name, 'f');
        buf_str(name, query->from);
    } else {
        buf_text(name, "all");
    }
    args_end(a);
}

/* What finds the fewest messages beside those that are asked for. */
static void add_driver(struct args *a, const struct list_query *query, unsigned statuses)
{
    if (query->of_send) {
        args_view(a, STR("send"));
        struct buf *name = args_begin(a);
        buf_add(name, query->send.b, KEYS_SEND_BYTES);
        if (query->ref.p != NULL)
            buf_char(name, '=');
        buf_str(name, query->ref);
        args_end(a);
    } else if (query->ref.p != NULL) {
        args_view(a, STR("ref"));
        keys_hash(args_begin(a), query->ref);
        args_end(a);
    } else if (query->to.n > 0) {
        args_view(a, STR("to"));
        args_view(a, query->to);
    } else if (has_sets(statuses)) {
        args_view(a, STR("status"));
        list_args_letters(a, statuses);
    } else {
        add_list(a, query, statuses);
    }
}

/* Errors are those of FAILED messages; an attempt whose outcome is unknown has one while SENDING. */
static unsigned statuses_of(const struct list_query *query)
{
    unsigned statuses = query->statuses != 0 ? query->statuses : LIST_ANY_STATUS;
    if (query->error == ERROR_OUTCOME)
        return statuses & (LIST_STATUS(STATUS_FAILED) | LIST_STATUS(STATUS_SENDING));
    return query->error != ERROR_NONE ? statuses & LIST_STATUS(STATUS_FAILED) : statuses;
}

static void add_query(struct args *a, const char *account, const struct list_ask *ask)
{
    const struct list_query *query = ask->query;
    unsigned statuses = statuses_of(query);
    bool list_has_from = walks_list(query, statuses) && statuses != LIST_STATUS(STATUS_RECEIVED);
    buf_printf(args_begin(a), "n:{%s}", account);
    args_end(a);
    buf_printf(args_begin(a), "{%s}", account);
    args_end(a);
    add_driver(a, query, statuses);
    list_args_place(a, ask->place);
    list_args_bound(a, query->before_ms, 0xff);
    list_args_bound(a, query->after_ms, 0);
    list_args_letters(a, statuses);
    args_int(a, query->error);
    args_view(a, query->to.p != NULL ? query->to : STR(""));
    args_view(a, query->from.p != NULL && !list_has_from ? query->from : STR(""));
    args_int(a, (int64_t)ask->skip);
    args_int(a, ask->limit);
    args_int(a, LIST_LOOK_AT);
    args_int(a, ask->wants_total);
}

enum err messages_list(struct redis *redis, const char *account, const struct list_ask *ask,
                       listed_fn fn, void *arg)
{
    struct args a;
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){fn, arg};
    args_init(&a);
    add_query(&a, account, ask);
    enum err err = redis_eval(redis, &script_list, 1, (int)a.count, args_list(&a), on_reply, call);
    args_done(&a);
    if (err != ERR_OK)
        xfree(call);
    return err;
}
