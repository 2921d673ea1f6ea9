#include "common/store/results.h"

#include "common/store/args.h"
#include "common/store/judge.h"
#include "common/store/keys.h"
#include "common/store/list_args.h"
#include "common/store/message_row.h"
#include "common/store/scripts.h"

enum { HEAD = 3, ROW = 3, ERRORS = 64 };

struct call {
    struct id send;
    results_fn fn;
    void *arg;
};

/* --- the answer --- */

struct rows {
    struct message *messages;
    bool *personal;
    size_t count;
    struct description description;
    struct str body;
};

/* One row: a number, a line, the message's own text. */
static enum err read_row(struct rows *rows, struct id send, const struct redisReply *reply,
                         size_t at)
{
    struct message *message = &rows->messages[rows->count];
    struct str line = redis_reply_str(redis_reply_at(reply, at + 1));
    struct str own = redis_reply_str(redis_reply_at(reply, at + 2));
    *message = (struct message){
        .id = id_with_number(send, (uint32_t)redis_reply_int(redis_reply_at(reply, at)))};
    struct str text = line;
    line = message_cut_line(&text);
    if (text.n > 0) { /* a single: its description is behind its line */
        description_done(&rows->description);
        enum err err = description_parse(&rows->description, text);
        if (err != ERR_OK)
            return err;
    }
    enum err err = line_parse(&message->line, line);
    if (err != ERR_OK)
        return err;
    rows->personal[rows->count] = own.n > 0;
    message_describe(message, &rows->description, own.n > 0 ? own : rows->body);
    return ERR_OK;
}

static void read_rows(struct rows *rows, struct id send, const struct redisReply *reply)
{
    size_t elements = redis_reply_count(reply);
    rows->messages = xalloc_array(elements / ROW + 1, sizeof(rows->messages[0]));
    rows->personal = xalloc_array(elements / ROW + 1, sizeof(rows->personal[0]));
    struct str description = redis_reply_str(redis_reply_at(reply, 1));
    rows->body = redis_reply_str(redis_reply_at(reply, 2));
    if (description.n > 0 && description_parse(&rows->description, description) != ERR_OK)
        rows->description = (struct description){.at_ms = 0};
    for (size_t i = HEAD; i + ROW <= elements; i += ROW)
        rows->count += read_row(rows, send, reply, i) == ERR_OK;
}

static void on_reply(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    struct rows rows = {.count = 0};
    struct results results = {.found = false};
    err = judge_script(err, reply);
    if (err == ERR_OK && redis_reply_count(reply) >= HEAD) {
        read_rows(&rows, call->send, reply);
        results = (struct results){.found = true,
                                   .count = rows.count,
                                   .messages = rows.messages,
                                   .personal = rows.personal,
                                   .next = (uint32_t)redis_reply_int(redis_reply_at(reply, 0))};
    }
    call->fn(call->arg, err, err == ERR_OK ? &results : NULL);
    description_done(&rows.description);
    xfree(rows.messages);
    xfree(rows.personal);
    xfree(call);
}

/* --- the question --- */

static void add_key(struct args *a, char letter, const char *account, struct id send)
{
    keys_send(args_begin(a), letter, account, send);
    args_end(a);
}

static void add_errors(struct args *a, uint64_t errors)
{
    struct buf *out = args_begin(a);
    for (unsigned i = 0; i < ERRORS; i++) {
        if ((errors & UINT64_C(1) << i) != 0)
            buf_char(out, (char)i);
    }
    args_end(a);
}

enum err results_read(struct redis *redis, const char *account, const struct results_ask *ask,
                      results_fn fn, void *arg)
{
    struct args a;
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){ask->send, fn, arg};
    args_init(&a);
    add_key(&a, 'm', account, ask->send);
    add_key(&a, 's', account, ask->send);
    add_key(&a, 'b', account, ask->send);
    args_int(&a, ask->from);
    list_args_letters(&a, ask->statuses != 0 ? ask->statuses : LIST_ANY_STATUS);
    add_errors(&a, ask->errors);
    args_int(&a, ask->flags_not);
    args_int(&a, ask->most);
    enum err err =
        redis_eval(redis, &script_results, 3, (int)a.count, args_list(&a), on_reply, call);
    args_done(&a);
    if (err != ERR_OK)
        xfree(call);
    return err;
}
