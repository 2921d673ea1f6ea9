#include "workers/simulator/replies.h"

#include <stdio.h>

enum { CUT_OFF_AT = 5, DRIP_MS = 1000 };

struct held {
    struct held *prev, *next;
    struct replies *replies;
    struct loop_timer timer;
    struct httpd_req *req;
    struct reply reply;
    int dripped; /* bytes of the body */
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

static void done(struct reply *own_reply)
{
    union {
        const char *in;
        char *out;
    } results = {.in = own_reply->own_results.p};
    xfree(results.out);
}

static void let_go(struct held *own_held)
{
    loop_timer_stop(own_held->replies->loop, &own_held->timer);
    own_held->prev->next = own_held->next;
    own_held->next->prev = own_held->prev;
    done(&own_held->reply);
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

/* The body of an accepting answer. */
static struct str accepting(const struct reply *reply, char room[64])
{
    if (reply->own_results.p != NULL)
        return reply->own_results;
    int n = snprintf(room, 64, "{\"id\":\"sim-%llu\"}", (unsigned long long)reply->message);
    return (struct str){room, (size_t)n};
}

static void answer_accepted(struct httpd_req *own_req, const struct reply *reply, bool whole)
{
    char room[64];
    struct str body = accepting(reply, room);
    if (!whole)
        body.n -= 2;
    const struct httpd_answer answer = {
        .status = 202,
        .content_type = "application/json",
        .body = body,
    };
    httpd_answer(own_req, &answer);
}

/* The head of an accepting answer, and the first bytes of its body, past the library. */
static void begin_raw(struct httpd_req *req, const struct reply *reply, int body_bytes)
{
    char room[64], head[192];
    struct str body = accepting(reply, room);
    int head_n = snprintf(head, sizeof head,
                          "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\n"
                          "Content-Length: %zu\r\n\r\n%.*s",
                          body.n, body_bytes, body.p);
    httpd_write_raw(req, (struct str){head, (size_t)head_n});
}

static void give_now(struct httpd_req *own_req, const struct reply *reply)
{
    switch (reply->fate) {
    case FATE_ACCEPT:
    case FATE_LATE:
    case FATE_BAD_JSON:
        answer_accepted(own_req, reply, reply->fate != FATE_BAD_JSON);
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
    case FATE_CUT_OFF:
        begin_raw(own_req, reply, CUT_OFF_AT);
        httpd_reset(own_req);
        break;
    case FATE_HANG_UP:
    case FATE_ACCEPT_AND_HANG_UP:
    case FATE_NEVER_ANSWER:
    case FATE_DRIP: /* it was let drip before */
    case FATE_COUNT:
        httpd_hang_up(own_req);
        break;
    }
}

/* A byte a second: true while there are more. */
static bool drip(struct held *held)
{
    char room[64];
    struct str body = accepting(&held->reply, room);
    if (held->dripped == 0)
        begin_raw(held->req, &held->reply, 1);
    else
        httpd_write_raw(held->req, (struct str){&body.p[held->dripped], 1});
    held->dripped++;
    if ((size_t)held->dripped >= body.n)
        return false;
    loop_timer_set(held->replies->loop, &held->timer, loop_now_ms(held->replies->loop) + DRIP_MS);
    return true;
}

static void on_due(void *arg)
{
    struct held *held = arg;
    if (held->reply.fate == FATE_DRIP && drip(held))
        return;
    give_now(held->req, &held->reply);
    let_go(held);
}

void replies_give(struct replies *replies, struct httpd_req *own_req, struct reply *own_reply,
                  int64_t wait_ms)
{
    if (own_reply->fate == FATE_NEVER_ANSWER)
        wait_ms = REPLIES_NEVER_MS;
    if (wait_ms == 0 && own_reply->fate != FATE_DRIP) {
        give_now(own_req, own_reply);
        done(own_reply);
        return;
    }
    struct held *held = xalloc(sizeof *held);
    *held = (struct held){
        .prev = replies->all.prev,
        .next = &replies->all,
        .replies = replies,
        .timer = {.fn = on_due, .arg = held},
        .req = own_req,
        .reply = *own_reply,
    };
    held->prev->next = held->next->prev = held;
    loop_timer_set(replies->loop, &held->timer, loop_now_ms(replies->loop) + wait_ms);
}

void replies_drain(struct replies *replies)
{
    for (struct held *held = replies->all.next; held != &replies->all;) {
        struct held *next = held->next;
        if (held->reply.fate == FATE_NEVER_ANSWER || held->reply.fate == FATE_DRIP) {
            httpd_hang_up(held->req);
            let_go(held);
        }
        held = next;
    }
}
