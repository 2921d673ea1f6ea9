#include "common/store/sender_use.h"

#include "common/base/buf.h"
#include "common/store/messages_list.h"

#include <stdio.h>

struct call {
    struct redis *redis;
    sender_use_fn fn;
    void *arg;
    char account[CHUNK_ACCOUNT_MAX + 1];
    char profile[ID_TEXT_SIZE], sender[SENDER_ID_SIZE];
    unsigned sends, most;
    struct id last; /* of the sends that were counted */
    struct list_place place;
};

static void end(struct call *own_call, enum err err)
{
    own_call->fn(own_call->arg, err, own_call->sends);
    xfree(own_call);
}

/* Messages of one send come together. */
static void count(struct call *call, const struct message *message)
{
    struct id send = id_send(message->id);
    if (!str_eq(message->profile, str_of(call->profile)) || id_eq(send, call->last))
        return;
    call->last = send;
    call->sends++;
}

/* Goes on behind the last send's messages, however many there are. */
static void advance(struct call *call, const struct listed *listed)
{
    call->place = listed->next;
    if (listed->count == 0)
        return;
    struct id send = id_send(listed->messages[listed->count - 1].id);
    if (memcmp(send.b, call->place.below.b, sizeof(send.b)) < 0)
        call->place.below = send;
}

static enum err ask(struct call *call);

static void on_listed(void *arg, enum err err, const struct listed *listed)
{
    struct call *call = arg;
    for (size_t i = 0; err == ERR_OK && i < listed->count && call->sends < call->most; i++)
        count(call, &listed->messages[i]);
    if (err == ERR_OK && !listed->done && call->sends < call->most) {
        advance(call, listed);
        err = ask(call);
        if (err == ERR_OK)
            return;
    }
    end(call, err);
}

static enum err ask(struct call *call)
{
    const struct list_query query = {.statuses =
                                         LIST_STATUS(STATUS_QUEUED) | LIST_STATUS(STATUS_SCHEDULED),
                                     .from = str_of(call->sender)};
    const struct list_ask list = {.query = &query, .place = &call->place, .limit = LIST_MOST};
    return messages_list(call->redis, call->account, &list, on_listed, call);
}

enum err sender_use_count(struct redis *redis, const char *account, const struct profile *profile,
                          unsigned most, sender_use_fn fn, void *arg)
{
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){.redis = redis, .fn = fn, .arg = arg, .most = most};
    (void)snprintf(call->account, sizeof(call->account), "%s", account);
    memcpy(call->profile, profile->id, sizeof(call->profile));
    memcpy(call->sender, profile->sender.text, sizeof(call->sender));
    enum err err = ask(call);
    if (err != ERR_OK)
        xfree(call);
    return err;
}
