#include "workers/api/send_control.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/milli.h"
#include "common/store/controls.h"
#include "common/store/messages.h"
#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/fields.h"
#include "workers/api/poke.h"
#include "workers/api/route.h"
#include "workers/api/send_pace.h"
#include "workers/api/send_schedule.h"

#include <jansson.h>

enum { ANSWER_CAP = 1000, SEND_SEGMENT = 3 /* /v1/sms/sends/{id} */, TIME_MAX_BYTES = 200 };

struct asked {
    struct api *api;
    struct httpd_req *req;
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct id send;
    struct control control;
};

static const char UNKNOWN[] = "Whether it was done is not known. Try again.";
static const char NO_SEND[] = "There is no send with this id.";

/* False: it was answered. */
static bool read_path(struct asked *ret_asked, struct api *api, struct httpd_req *req,
                      const struct caller *caller)
{
    *ret_asked = (struct asked){.api = api, .req = req};
    struct str text = route_segment(httpd_path(req), SEND_SEGMENT);
    memcpy(ret_asked->account, caller->account->id, sizeof(ret_asked->account));
    if (id_parse(&ret_asked->send, text) == ERR_OK && id_number(ret_asked->send) == 0)
        return true;
    problem_simple(req, 404, NO_SEND);
    return false;
}

static void begin_answer(struct buf *body, const struct asked *asked)
{
    char id[ID_TEXT_SIZE];
    id_format(id, asked->send);
    *body = (struct buf){.cap = ANSWER_CAP};
    buf_printf(body, "{\"id\":\"%s\"", id);
}

/* --- pause, resume, change --- */

static void write_controlled(struct buf *out, const struct controlled *controlled)
{
    answer_bool(out, "paused", controlled->paused);
    answer_time(out, "scheduled_at", controlled->due_ms);
    buf_text(out, ",\"rate_per_second\":");
    if (controlled->rate_milli > 0)
        milli_write(out, controlled->rate_milli);
    else
        buf_text(out, "null");
    buf_printf(out, ",\"waiting\":%lld}", (long long)controlled->waiting);
}

static void refuse(const struct asked *asked, enum control_verdict verdict)
{
    if (verdict == CONTROL_NO_SEND)
        problem_simple(asked->req, 404, NO_SEND);
    else if (verdict == CONTROL_BEGUN)
        problem_simple(asked->req, 409,
                       "Its time can't be changed: it isn't scheduled, or has begun.");
    else
        problem_simple(asked->req, 409, "Nothing of this send is left to be sent.");
}

static void poke(const struct asked *asked)
{
    const struct control *control = &asked->control;
    if (control->action == CONTROL_GO || (control->action == CONTROL_CHANGE && control->sets_rate))
        poke_now(asked->api, asked->account, asked->send);
    if (control->due_ms > 0)
        poke_at(asked->api, asked->account, asked->send, control->due_ms);
}

static void log_done(const struct asked *asked)
{
    static const char *const events[] = {[CONTROL_HOLD] = "send_paused",
                                         [CONTROL_GO] = "send_resumed",
                                         [CONTROL_CHANGE] = "send_changed"};
    LOG(LOG_INFO, EV(events[asked->control.action]), KSTR("account", asked->account),
        KID("send", asked->send));
}

static void on_controlled(void *arg, enum err err, const struct controlled *controlled)
{
    struct asked *asked = arg;
    struct buf body;
    if (err != ERR_OK) {
        problem_unavailable(asked->req, UNKNOWN);
    } else if (controlled->verdict != CONTROL_DONE) {
        refuse(asked, controlled->verdict);
    } else {
        poke(asked);
        log_done(asked);
        begin_answer(&body, asked);
        write_controlled(&body, controlled);
        answer_json(asked->req, 200, &body);
    }
    xfree(asked);
}

static void give(const struct asked *asked)
{
    struct asked *copy = xalloc(sizeof(*copy));
    *copy = *asked;
    if (controls_give(asked->api->links.redis, copy->account, copy->send, &copy->control,
                      on_controlled, copy) != ERR_OK)
        on_controlled(copy, ERR_IO, NULL);
}

static void act(struct api *api, struct httpd_req *own_req, const struct caller *caller,
                enum control_action action)
{
    struct asked asked;
    if (!read_path(&asked, api, own_req, caller))
        return;
    asked.control.action = action;
    give(&asked);
}

void send_control_pause(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    act(api, own_req, caller, CONTROL_HOLD);
}

void send_control_resume(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    act(api, own_req, caller, CONTROL_GO);
}

/* --- change --- */

/* A rate of null takes the limit away. */
static void read_rate(struct control *control, const json_t *root, struct problem *problem)
{
    control->sets_rate = json_object_get(root, "rate") != NULL;
    control->rate_milli = send_pace_read_rate(root, problem);
}

/* As of a send; what is to go at once has the present time. */
static void read_time(struct control *control, const json_t *root, struct problem *problem)
{
    int64_t now_ms = clock_wall_ms();
    struct str at = fields_text(root, "scheduled_at", TIME_MAX_BYTES, problem);
    struct str timezone = fields_text(root, "timezone", TIME_MAX_BYTES, problem);
    control->due_ms = send_schedule_read(at, timezone, now_ms, problem);
    if (at.p != NULL && control->due_ms == 0)
        control->due_ms = now_ms;
}

void send_control_change(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    static const char *const fields[] = {"rate", "scheduled_at", "timezone", NULL};
    struct asked asked;
    struct problem problem;
    if (!read_path(&asked, api, own_req, caller))
        return;
    json_auto_t *root = fields_read(httpd_body(own_req), false, fields, &problem);
    if (json_is_object(root)) {
        asked.control.action = CONTROL_CHANGE;
        read_rate(&asked.control, root, &problem);
        read_time(&asked.control, root, &problem);
        if (problem.errors == 0 && !asked.control.sets_rate && asked.control.due_ms == 0)
            problem_error(&problem, "", "missing", "Give a \"rate\" or a \"scheduled_at\".");
    }
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        return;
    }
    problem_done(&problem);
    give(&asked);
}

/* --- cancel --- */

static void on_cancelled(void *arg, enum err err, const struct cancelled *cancelled)
{
    struct asked *asked = arg;
    struct buf body;
    if (err != ERR_OK) {
        problem_unavailable(asked->req, UNKNOWN);
    } else if (cancelled == NULL) {
        problem_simple(asked->req, 404, NO_SEND);
    } else if (cancelled->now + cancelled->before == 0) {
        problem_simple(asked->req, 409, "It is too late to cancel: nothing of this send waits.");
    } else {
        LOG(LOG_INFO, EV("send_cancelled"), KSTR("account", asked->account),
            KID("send", asked->send), KINT("cancelled", cancelled->now),
            KINT("too_late", cancelled->too_late));
        begin_answer(&body, asked);
        buf_printf(&body, ",\"cancelled\":%u,\"too_late\":%u}", cancelled->now,
                   cancelled->too_late);
        answer_json(asked->req, 200, &body);
    }
    xfree(asked);
}

void send_control_cancel(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct asked asked;
    if (!read_path(&asked, api, own_req, caller))
        return;
    struct asked *copy = xalloc(sizeof(*copy));
    *copy = asked;
    if (messages_cancel(api->links.redis, (unsigned)api->ctx->settings->due_shards, copy->account,
                        copy->send, on_cancelled, copy) != ERR_OK)
        on_cancelled(copy, ERR_IO, NULL);
}
