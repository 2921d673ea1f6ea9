#include "common/store/messages.h"

#include "common/store/args.h"
#include "common/store/judge.h"
#include "common/store/keys.h"
#include "common/store/message_row.h"
#include "common/store/scripts.h"

struct get {
    struct id id;
    message_fn fn;
    void *arg;
};

/* The least advanced status while any message is not final; then delivered before failed before
 * cancelled. */
static enum status summarise(const int64_t counts[STATUS_COUNT + 1])
{
    static const enum status order[] = {STATUS_SCHEDULED, STATUS_QUEUED,    STATUS_SENDING,
                                        STATUS_SENT,      STATUS_DELIVERED, STATUS_FAILED,
                                        STATUS_CANCELLED};
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        if (counts[order[i]] > 0)
            return order[i];
    }
    return STATUS_QUEUED;
}

/* A send of which not all chunks are made has a status beside those of its messages. */
static void add_job(int64_t counts[STATUS_COUNT + 1], struct str letter)
{
    enum status status = letter.n == 1 ? status_of_letter(letter.p[0]) : STATUS_COUNT;
    if (status != STATUS_COUNT)
        counts[status]++;
}

/* What a send of many looks like as if it were one message. */
static void read_summary(struct line *line, const struct redisReply *reply, unsigned parts)
{
    int64_t counts[STATUS_COUNT + 1] = {0}, all = 0;
    struct str job = {0};
    for (size_t i = 3; i + 1 < redis_reply_count(reply); i += 2) {
        struct str field = redis_reply_str(redis_reply_at(reply, i));
        struct str value = redis_reply_str(redis_reply_at(reply, i + 1));
        unsigned long long n = 0;
        if (field.n == 1 && status_of_letter(field.p[0]) != STATUS_COUNT &&
            str_to_uint(value, INT64_MAX, &n)) {
            counts[status_of_letter(field.p[0])] += (int64_t)n;
            all += (int64_t)n;
        } else if (str_eq(field, STR("job"))) {
            job = value;
        }
    }
    add_job(counts, job);
    line->status = summarise(counts);
    line->parts = parts * (unsigned)all;
}

static enum err read_message(struct message *message, struct description *description,
                             const struct redisReply *reply)
{
    struct str rest = redis_reply_str(redis_reply_at(reply, 0));
    struct str line = message_cut_line(&rest);
    struct str text = rest.n > 0 ? rest : redis_reply_str(redis_reply_at(reply, 1));
    enum err err = description_parse(description, text);
    if (err == ERR_OK && line.n > 0)
        err = line_parse(&message->line, line);
    if (err != ERR_OK)
        return err;
    if (line.n == 0)
        read_summary(&message->line, reply, description->parts);
    message_describe(message, description, redis_reply_str(redis_reply_at(reply, 2)));
    return ERR_OK;
}

static void on_reply(void *arg, enum err err, const struct redisReply *reply)
{
    struct get *get = arg;
    struct message message = {.id = get->id};
    struct description description = {0};
    err = judge_script(err, reply);
    bool found = err == ERR_OK && redis_reply_count(reply) > 0;
    if (found)
        err = read_message(&message, &description, reply);
    get->fn(get->arg, err, found && err == ERR_OK ? &message : NULL);
    description_done(&description);
    xfree(get);
}

enum err messages_get(struct redis *redis, const char *account, struct id id, message_fn fn,
                      void *arg)
{
    struct args a;
    uint32_t chunk, place;
    struct get *get = xalloc(sizeof(*get));
    *get = (struct get){id, fn, arg};
    chunk_place(id, &chunk, &place);
    args_init(&a);
    keys_lines(args_begin(&a), account, id, place == 0, chunk);
    args_end(&a);
    keys_send(args_begin(&a), 's', account, id);
    args_end(&a);
    keys_send(args_begin(&a), 'b', account, id);
    args_end(&a);
    keys_texts(args_begin(&a), account, id, chunk);
    args_end(&a);
    args_int(&a, place);
    enum err err = redis_eval(redis, &script_get, 4, (int)a.count, args_list(&a), on_reply, get);
    args_done(&a);
    if (err != ERR_OK)
        xfree(get);
    return err;
}
