#include "workers/api/resend.h"

#include "common/store/sends.h"
#include "workers/api/api.h"
#include "workers/api/fields.h"
#include "workers/api/route.h"
#include "workers/api/send.h"
#include "workers/api/send_flow.h"

#include <jansson.h>
#include <stdio.h>

enum { SEND_ID_SEGMENT = 3, CODES_MOST = 20, POINTER_SIZE = 40 }; /* /v1/sms/sends/{id}/resend */

static const char *const fields[] = {"error_codes", NULL};

/* A request on its way to be a send. */
struct resending {
    struct api *api;
    struct httpd_req *req;
    struct account account;
    struct id own_id; /* that the new send has to take */
    bool idempotent;
    struct id send;
    uint64_t errors; /* a bit for each */
    int64_t count;   /* of messages that failed with them */
    struct send_request request;
};

static void forget(struct resending *own_resending)
{
    send_request_done(&own_resending->request);
    xfree(own_resending);
}

static void unavailable(struct resending *own_resending)
{
    problem_unavailable(own_resending->req, "The send was not accepted: the earlier one can't be "
                                            "read at the moment. Try again.");
    forget(own_resending);
}

/* --- the new send --- */

/* All that it shares is known: it becomes a job. */
static void on_found(struct send_flow *flow)
{
    struct send_made *made = &flow->made;
    struct chunk *shared = &made->job.shared;
    struct segments segments;
    send_fill_shared(shared, flow);
    shared->body = flow->request.message;
    shared->parts = 1;
    if (segments_split(&segments, shared->body.p, shared->body.n) == ERR_OK) {
        shared->parts = (unsigned)segments.part_count;
        shared->encoding = segments.encoding;
    }
    send_pace_set(shared, &flow->request.pace, flow->resend_count);
    made->is_job = true;
    made->members = flow->resend_count;
    made->units = flow->resend_count * shared->parts;
    made->job.resend_of = flow->resend_of;
    made->job.resend_errors = flow->resend_errors;
    send_carry_out(flow);
}

static void go_on(struct resending *own_resending)
{
    struct resending *r = own_resending;
    const struct caller caller = {
        .account = &r->account, .send = r->own_id, .idempotent = r->idempotent};
    struct send_flow *flow = send_flow_new(r->api, r->req, &caller, &r->request);
    flow->resend_of = r->send;
    flow->resend_errors = r->errors;
    flow->resend_count = r->count;
    xfree(r);
    send_flow_find(flow, on_found);
}

/* --- the earlier one --- */

static struct str keep(struct resending *r, const char *name, struct str text)
{
    if (text.p == NULL)
        return (struct str){0};
    json_t *copy = json_stringn_nocheck(text.p, text.n);
    (void)json_object_set_new(r->request.own_root, name, copy);
    return (struct str){json_string_value(copy), json_string_length(copy)};
}

static void on_body(void *arg, enum err err, const struct message *message)
{
    struct resending *r = arg;
    if (err != ERR_OK || message == NULL) {
        unavailable(r);
        return;
    }
    r->request.message = keep(r, "message", message->body.p != NULL ? message->body : STR(""));
    go_on(r);
}

/* What the new send takes over. */
static void take_over(struct resending *r, const struct send_view *send)
{
    const struct description *d = &send->description;
    struct send_request *request = &r->request;
    request->own_root = json_object();
    request->type = d->type;
    request->ref = keep(r, "ref", d->ref);
    request->callback = keep(r, "callback", d->callback);
    request->profile = keep(r, "profile", d->profile);
    request->allow_reply = d->allow_reply ? SEND_YES : SEND_NO;
    request->validity_ms = d->until_ms - (d->due_ms > 0 ? d->due_ms : d->at_ms);
    request->pace.rate_milli = send->rate_milli;
    request->pace.quiet = d->quiet;
    for (unsigned i = 0; i < 64; i++)
        r->count += (r->errors & UINT64_C(1) << i) != 0 ? send->errors[i] : 0;
}

static void on_send(void *arg, enum err err, const struct sends_listed *listed)
{
    struct resending *r = arg;
    if (err != ERR_OK) {
        unavailable(r);
        return;
    }
    if (listed->count == 0) {
        problem_simple(r->req, 404, "There is no send with this id.");
        forget(r);
        return;
    }
    take_over(r, &listed->sends[0]);
    if (r->count == 0) {
        problem_simple(r->req, 422, "No message of this send FAILED with these error codes.");
        forget(r);
        return;
    }
    if (messages_get(r->api->links.redis, r->account.id, r->send, on_body, r) != ERR_OK)
        unavailable(r);
}

/* --- the request --- */

/* Why messages that failed so can't be sent again; NULL: they can. */
static const char *refusal_of(enum error error)
{
    switch ((int)error) {
    case ERROR_OUTCOME:
        return "Messages whose outcome is unknown may have arrived; they are never sent again.";
    case ERROR_OPTED_OUT:
        return "Who opted out is not sent to.";
    case ERROR_VARIABLE:
    case ERROR_TOO_LONG:
        return "These messages have no text that could be sent.";
    default:
        return NULL;
    }
}

static uint64_t read_code(const json_t *value, size_t i, struct problem *problem)
{
    char pointer[POINTER_SIZE];
    struct str code = {json_string_value(value), json_string_length(value)};
    (void)snprintf(pointer, sizeof(pointer), "/error_codes/%zu", i);
    enum error error = code.p != NULL ? error_of_code(code) : ERROR_NONE;
    if (code.p == NULL || !str_eq(code, str_of(error_code(error)))) {
        problem_error(problem, pointer, "invalid", "There is no such error code.");
        return 0;
    }
    const char *refusal = refusal_of(error);
    if (refusal != NULL)
        problem_error(problem, pointer, "never_resent", "%s", refusal);
    return UINT64_C(1) << error;
}

static uint64_t read_codes(struct str body, struct problem *problem)
{
    uint64_t errors = 0;
    json_auto_t *root = fields_read(body, false, fields, problem);
    if (!json_is_object(root))
        return 0;
    const json_t *codes = fields_required(root, "error_codes", problem);
    if (codes == NULL)
        return 0;
    size_t count = json_array_size(codes);
    if (count == 0 || count > CODES_MOST)
        problem_error(problem, "/error_codes", "invalid",
                      "\"error_codes\" must be a list of 1 to %d error codes.", CODES_MOST);
    for (size_t i = 0; i < count && i < CODES_MOST; i++)
        errors |= read_code(json_array_get(codes, i), i, problem);
    return errors;
}

void resend_post(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct problem problem;
    struct id id;
    uint64_t errors = read_codes(httpd_body(own_req), &problem);
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        return;
    }
    problem_done(&problem);
    if (id_parse(&id, route_segment(httpd_path(own_req), SEND_ID_SEGMENT)) != ERR_OK ||
        id_number(id) != 0) {
        problem_simple(own_req, 404, "There is no send with this id.");
        return;
    }
    if (send_refused(api, own_req, caller->account))
        return;
    struct resending *r = xalloc(sizeof(*r));
    *r = (struct resending){.api = api,
                            .req = own_req,
                            .account = *caller->account,
                            .own_id = caller->send,
                            .idempotent = caller->idempotent,
                            .send = id,
                            .errors = errors};
    if (sends_get(api->links.redis, r->account.id, id, on_send, r) != ERR_OK)
        unavailable(r);
}
