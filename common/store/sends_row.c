#include "common/store/sends_row.h"

#include "common/io/redis.h"
#include "common/sms/pace.h"
#include "common/store/message_row.h"

#include <stddef.h>

enum { FIELDS_AT = 2 }; /* behind the letters of its status and its state */

static const struct {
    char letter;
    const char *name;
} states[] = {
#define ROW(member, letter, name) [SEND_STATE_##member] = {letter, name},
    SEND_STATE_LIST(ROW)
#undef ROW
};

const char *send_state_name(enum send_state state)
{
    return states[state].name;
}

enum send_state send_state_of(struct str name)
{
    enum send_state state = 0;
    while (state < SEND_STATE_COUNT && !str_eq(name, str_of(states[state].name)))
        state++;
    return state;
}

static enum send_state state_of_letter(struct str letter)
{
    enum send_state state = 0;
    while (state < SEND_STATE_COUNT && !(letter.n == 1 && letter.p[0] == states[state].letter))
        state++;
    return state;
}

/* --- a send of many: fields of s: --- */

/* What needs more than its own field. */
struct reading {
    struct send_view *send;
    struct str text;
    struct pace pace;
    int64_t may, last_s;
    bool has_rate;
    int64_t rate_milli;
};

static int64_t number_of(struct str value)
{
    unsigned long long number = 0;
    return str_to_uint(value, INT64_MAX, &number) ? (int64_t)number : 0;
}

/* e<error> */
static bool read_error(struct send_view *send, struct str field, struct str value)
{
    unsigned long long error;
    if (field.n < 2 || field.p[0] != 'e' ||
        !str_to_uint((struct str){field.p + 1, field.n - 1}, UINT8_MAX, &error))
        return false;
    send->errors[error] = number_of(value);
    return true;
}

static void read_time(struct send_view *send, struct str field, struct str value)
{
    static const struct {
        const char *name;
        size_t offset;
    } times[] = {{"due", offsetof(struct send_view, due_ms)},
                 {"until", offsetof(struct send_view, until_ms)},
                 {"paused", offsetof(struct send_view, paused_ms)},
                 {"cancelled", offsetof(struct send_view, cancelled_ms)}};
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        if (str_eq(field, str_of(times[i].name)))
            *(int64_t *)(void *)((char *)send + times[i].offset) = number_of(value);
    }
}

static void read_field(struct reading *r, struct str field, struct str value)
{
    struct send_view *send = r->send;
    if (field.n == 1) {
        counts_read(&send->counts, field, value);
    } else if (str_eq(field, STR("send"))) {
        r->text = value;
    } else if (str_eq(field, STR("pace"))) {
        (void)(pace_parse(&r->pace, value) == ERR_OK); /* else there is none */
    } else if (str_eq(field, STR("may"))) {
        r->may = number_of(value);
    } else if (str_eq(field, STR("last"))) {
        r->last_s = number_of(value);
    } else if (str_eq(field, STR("rate"))) {
        r->has_rate = true;
        r->rate_milli = number_of(value);
    } else if (str_eq(field, STR("job"))) {
        send->expanding = str_eq(value, STR("W")) || str_eq(value, STR("Q"));
    } else if (!read_error(send, field, value)) {
        read_time(send, field, value);
    }
}

static enum err describe(struct send_view *send, struct str text)
{
    enum err err = description_parse(&send->description, text);
    if (err != ERR_OK)
        return err;
    if (send->due_ms == 0)
        send->due_ms = send->description.due_ms;
    if (send->until_ms == 0)
        send->until_ms = send->description.until_ms;
    send->rate_milli = send->description.rate_milli;
    return ERR_OK;
}

static int64_t messages_of(const struct counts *counts)
{
    int64_t all = 0;
    for (size_t i = 0; i < STATUS_COUNT; i++)
        all += counts->by_status[i];
    return all;
}

static enum err read_many(struct send_view *send, const struct redisReply *row, int64_t now_ms)
{
    struct reading r = {.send = send};
    for (size_t i = FIELDS_AT; i + 1 < redis_reply_count(row); i += 2)
        read_field(&r, redis_reply_str(redis_reply_at(row, i)),
                   redis_reply_str(redis_reply_at(row, i + 1)));
    enum err err = describe(send, r.text);
    if (err != ERR_OK)
        return err;
    if (r.has_rate)
        send->rate_milli = r.rate_milli;
    send->expanding = send->expanding && send->cancelled_ms == 0;
    send->estimate = messages_of(&send->counts);
    if (send->expanding && r.may > send->estimate)
        send->estimate = r.may;
    send->counts.units = r.pace.units;
    send->began_ms = r.pace.began_ms;
    send->pace_milli = pace_milli(&r.pace, now_ms);
    if (status_final(send->status) && !send->expanding)
        send->ended_ms =
            r.last_s * 1000 > send->cancelled_ms ? r.last_s * 1000 : send->cancelled_ms;
    return ERR_OK;
}

/* --- a single --- */

static enum err read_single(struct send_view *send, struct str text)
{
    struct line line;
    struct str bytes = message_cut_line(&text);
    enum err err = line_parse(&line, bytes);
    if (err == ERR_OK)
        err = describe(send, text);
    if (err != ERR_OK)
        return err;
    send->single = true;
    send->estimate = 1;
    send->counts.by_status[line.status] = 1;
    send->counts.units = (line.flags & LINE_COUNTED) != 0 ? (int64_t)line.parts : 0;
    if (line.status == STATUS_FAILED)
        send->errors[line.error] = 1;
    send->began_ms = line.sent_at_ms;
    send->ended_ms = status_final(line.status) ? line.final_at_ms : 0;
    return ERR_OK;
}

enum err sends_row_read(struct send_view *ret_send, struct str id, const struct redisReply *row,
                        int64_t now_ms)
{
    struct send_view send = {.state = state_of_letter(redis_reply_str(redis_reply_at(row, 1)))};
    struct str status = redis_reply_str(redis_reply_at(row, 0));
    send.status = status.n == 1 ? status_of_letter(status.p[0]) : STATUS_COUNT;
    if (id.n != sizeof(send.id.b) || send.status == STATUS_COUNT || send.state == SEND_STATE_COUNT)
        return ERR_SYNTAX;
    memcpy(send.id.b, id.p, sizeof(send.id.b));
    bool single = redis_reply_str(redis_reply_at(row, FIELDS_AT)).n == 0;
    enum err err = single ? read_single(&send, redis_reply_str(redis_reply_at(row, FIELDS_AT + 1)))
                          : read_many(&send, row, now_ms);
    if (err == ERR_OK)
        *ret_send = send;
    return err;
}

void sends_row_done(struct send_view *send)
{
    description_done(&send->description);
}
