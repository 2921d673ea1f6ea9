#include "workers/api/send_control_ref.h"

#include "common/base/log.h"
#include "common/store/controls.h"
#include "common/store/messages.h"
#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/fields.h"
#include "workers/api/poke.h"
#include "workers/api/send_request.h"

#include <jansson.h>

enum {
    SENDS_MOST = 2000, /* after so many no more are looked for */
    AT_ONCE = 16,
    ANSWER_CAP = 4000,
    CURSOR_MAX_BYTES = 20
};

enum deed { DEED_PAUSE, DEED_RESUME, DEED_CANCEL };

struct walk {
    struct api *api;
    struct httpd_req *req;
    char account[CHUNK_ACCOUNT_MAX + 1];
    enum deed deed;
    struct json_t *own_root; /* what ref belongs to */
    struct str ref;
    struct id *sends; /* found, and not all done yet */
    size_t count, given;
    unsigned waiting;
    int64_t next; /* where to look for more; -1: there are none */
    enum err err;
    int64_t found, messages, too_late; /* sums */
};

struct step {
    struct walk *walk;
    struct id send;
};

static void go_on(struct walk *walk);

/* --- the answer --- */

static void write_sums(struct buf *out, const struct walk *walk)
{
    buf_printf(out, ",\"sends\":%lld", (long long)walk->found);
    if (walk->deed == DEED_CANCEL)
        buf_printf(out, ",\"cancelled\":%lld,\"too_late\":%lld", (long long)walk->messages,
                   (long long)walk->too_late);
    else
        buf_printf(out, ",\"paused\":%s,\"waiting\":%lld",
                   walk->deed == DEED_PAUSE ? "true" : "false", (long long)walk->messages);
    if (walk->next >= 0)
        buf_printf(out, ",\"cursor\":\"%lld\"}", (long long)walk->next);
    else
        buf_text(out, ",\"cursor\":null}");
}

static void answer(struct walk *own_walk)
{
    static const char *const events[] = {[DEED_PAUSE] = "ref_paused",
                                         [DEED_RESUME] = "ref_resumed",
                                         [DEED_CANCEL] = "ref_cancelled"};
    struct buf body = {.cap = ANSWER_CAP};
    if (own_walk->err != ERR_OK) {
        problem_unavailable(own_walk->req,
                            "Not all of it was done, or it is not known whether. Try again.");
    } else if (own_walk->found == 0 && own_walk->next < 0) {
        problem_simple(own_walk->req, 404, "There is no send with this customer_ref.");
    } else {
        LOG(LOG_INFO, EV(events[own_walk->deed]), KSTR("account", own_walk->account),
            KINT("sends", own_walk->found), KINT("messages", own_walk->messages));
        buf_text(&body, "{\"customer_ref\":");
        buf_json(&body, own_walk->ref);
        write_sums(&body, own_walk);
        answer_json(own_walk->req, 200, &body);
    }
    json_decref(own_walk->own_root);
    xfree(own_walk->sends);
    xfree(own_walk);
}

/* --- one send --- */

static struct walk *end_step(struct step *own_step, enum err err)
{
    struct walk *walk = own_step->walk;
    walk->waiting--;
    if (err != ERR_OK)
        walk->err = err;
    xfree(own_step);
    return walk;
}

static void on_controlled(void *arg, enum err err, const struct controlled *controlled)
{
    struct step *step = arg;
    struct walk *walk = step->walk;
    if (err == ERR_OK && controlled->verdict == CONTROL_DONE) {
        walk->messages += controlled->waiting;
        if (walk->deed == DEED_RESUME)
            poke_now(walk->api, walk->account, step->send);
    }
    go_on(end_step(step, err));
}

static void on_cancelled(void *arg, enum err err, const struct cancelled *cancelled)
{
    struct step *step = arg;
    if (err == ERR_OK && cancelled != NULL) {
        step->walk->messages += cancelled->now;
        step->walk->too_late += cancelled->too_late;
    }
    go_on(end_step(step, err));
}

static enum err give(struct step *step)
{
    struct walk *walk = step->walk;
    struct redis *redis = walk->api->links.redis;
    const struct control control = {.action = walk->deed == DEED_PAUSE ? CONTROL_HOLD : CONTROL_GO};
    if (walk->deed == DEED_CANCEL)
        return messages_cancel(redis, (unsigned)walk->api->ctx->settings->due_shards, walk->account,
                               step->send, on_cancelled, step);
    return controls_give(redis, walk->account, step->send, &control, on_controlled, step);
}

/* --- all of them --- */

static void on_found(void *arg, enum err err, const struct id *sends, size_t count, int64_t next)
{
    struct walk *walk = arg;
    walk->waiting--;
    if (err != ERR_OK) {
        walk->err = err;
    } else {
        xfree(walk->sends);
        walk->sends = xalloc_array(count + 1, sizeof(sends[0]));
        if (count > 0)
            memcpy(walk->sends, sends, count * sizeof(sends[0]));
        walk->count = count;
        walk->given = 0;
        walk->found += (int64_t)count;
        walk->next = next;
    }
    go_on(walk);
}

static void find(struct walk *walk)
{
    enum err err =
        controls_find(walk->api->links.redis, walk->account, walk->ref, walk->next, on_found, walk);
    if (err == ERR_OK) {
        walk->waiting++;
        return;
    }
    walk->err = err;
    answer(walk);
}

static void go_on(struct walk *walk)
{
    while (walk->err == ERR_OK && walk->given < walk->count && walk->waiting < AT_ONCE) {
        struct step *step = xalloc(sizeof(*step));
        *step = (struct step){walk, walk->sends[walk->given++]};
        walk->waiting++;
        enum err err = give(step);
        if (err != ERR_OK)
            (void)end_step(step, err);
    }
    if (walk->waiting > 0)
        return;
    if (walk->err == ERR_OK && walk->next >= 0 && walk->found < SENDS_MOST)
        find(walk);
    else
        answer(walk);
}

/* --- the request --- */

static int64_t read_cursor(const json_t *root, struct problem *problem)
{
    unsigned long long value = 0;
    struct str text = fields_text(root, "cursor", CURSOR_MAX_BYTES, problem);
    if (text.p != NULL && !str_to_uint(text, UINT32_MAX, &value))
        problem_error(problem, "/cursor", "invalid", "This is no cursor of an answer.");
    return (int64_t)value;
}

static void begin(struct api *api, struct httpd_req *own_req, const struct caller *caller,
                  enum deed deed)
{
    static const char *const fields[] = {"customer_ref", "cursor", NULL};
    struct problem problem;
    struct walk walk = {.api = api, .req = own_req, .deed = deed};
    walk.own_root = fields_read(httpd_body(own_req), false, fields, &problem);
    if (json_is_object(walk.own_root)) {
        (void)fields_required(walk.own_root, "customer_ref", &problem);
        walk.ref = fields_text(walk.own_root, "customer_ref", SEND_REF_MAX_BYTES, &problem);
        walk.next = read_cursor(walk.own_root, &problem);
    }
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        json_decref(walk.own_root);
        return;
    }
    problem_done(&problem);
    memcpy(walk.account, caller->account->id, sizeof(walk.account));
    struct walk *copy = xalloc(sizeof(*copy));
    *copy = walk;
    find(copy);
}

void send_control_ref_pause(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    begin(api, own_req, caller, DEED_PAUSE);
}

void send_control_ref_resume(struct api *api, struct httpd_req *own_req,
                             const struct caller *caller)
{
    begin(api, own_req, caller, DEED_RESUME);
}

void send_control_ref_cancel(struct api *api, struct httpd_req *own_req,
                             const struct caller *caller)
{
    begin(api, own_req, caller, DEED_CANCEL);
}
