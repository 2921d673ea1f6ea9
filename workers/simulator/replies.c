#include "workers/simulator/replies.h"

#include <stdio.h>

struct held {
    struct held *prev, *next;
    struct replies *replies;
    struct loop_timer timer;
    struct httpd_req *req;
    struct reply reply;
};

struct replies {
    struct loop *loop;
    struct held all; /* a ring; this one is its end */
};

struct replies *replies_new(struct loop *loop)
{
    struct replies *replies = xalloc(sizeof *replies);
    replies->loop = loop;
    replies->all.prev = replies->all.next = &replies->all;
    return replies;
}

static void let_go(struct held *own_held)
{
    loop_timer_stop(own_held->replies->loop, &own_held->timer);
    own_held->prev->next = own_held->next;
    own_held->next->prev = own_held->prev;
    xfree(own_held);
}

void replies_free(struct replies *own_replies)
{
    if (own_replies == NULL)
        return;
    while (own_replies->all.next != &own_replies->all) {
        httpd_hang_up(own_replies->all.next->req);
        let_go(own_replies->all.next);
    }
    xfree(own_replies);
}

void replies_refuse(struct httpd_req *own_req, int status, const char *text,
                    const struct httpd_header *header)
{
    struct buf body = {.cap = 1024};
    buf_text(&body, "{\"error\":");
    buf_json(&body, str_of(text));
    buf_char(&body, '}');
    struct httpd_answer answer = {
        .status = status,
        .content_type = "application/json",
        .body = buf_view(&body),
    };
    if (header != NULL)
        answer.headers[0] = *header;
    httpd_answer(own_req, &answer);
    buf_done(&body);
}

static void answer_accepted(struct httpd_req *own_req, uint64_t message, bool whole)
{
    char body[64];
    int n = snprintf(body, sizeof body, "{\"id\":\"sim-%llu%s", (unsigned long long)message,
                     whole ? "\"}" : "");
    const struct httpd_answer answer = {
        .status = 202,
        .content_type = "application/json",
        .body = {body, (size_t)n},
    };
    httpd_answer(own_req, &answer);
}

static void give_now(struct httpd_req *own_req, const struct reply *reply)
{
    switch (reply->fate) {
    case FATE_ACCEPT:
    case FATE_BAD_JSON:
        answer_accepted(own_req, reply->message, reply->fate == FATE_ACCEPT);
        break;
    case FATE_FAIL:
    case FATE_ACCEPT_AND_FAIL:
        replies_refuse(own_req, reply->status, "failed on purpose", NULL);
        break;
    case FATE_REJECT:
        replies_refuse(own_req, 400, reply->error, NULL);
        break;
    case FATE_THROTTLE:
        replies_refuse(own_req, 429, "throttled", &(struct httpd_header){"Retry-After", "1"});
        break;
    case FATE_HANG_UP:
    case FATE_ACCEPT_AND_HANG_UP:
    case FATE_NEVER_ANSWER:
        httpd_hang_up(own_req);
        break;
    }
}

static void on_due(void *arg)
{
    struct held *held = arg;
    give_now(held->req, &held->reply);
    let_go(held);
}

void replies_give(struct replies *replies, struct httpd_req *own_req, const struct reply *reply,
                  int64_t wait_ms)
{
    if (reply->fate == FATE_NEVER_ANSWER)
        wait_ms = REPLIES_NEVER_MS;
    if (wait_ms == 0) {
        give_now(own_req, reply);
        return;
    }
    struct held *held = xalloc(sizeof *held);
    *held = (struct held){
        .prev = replies->all.prev,
        .next = &replies->all,
        .replies = replies,
        .timer = {.fn = on_due, .arg = held},
        .req = own_req,
        .reply = *reply,
    };
    held->prev->next = held->next->prev = held;
    loop_timer_set(replies->loop, &held->timer, loop_now_ms(replies->loop) + wait_ms);
}

void replies_drain(struct replies *replies)
{
    for (struct held *held = replies->all.next; held != &replies->all;) {
        struct held *next = held->next;
        if (held->reply.fate == FATE_NEVER_ANSWER)
            on_due(held);
        held = next;
    }
}
