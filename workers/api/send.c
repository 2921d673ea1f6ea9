#include "workers/api/send.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/io/crypto.h"
#include "common/io/kafka_topics.h"
#include "common/sms/money.h"
#include "common/store/jobs.h"
#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/problem.h"
#include "workers/api/quota.h"
#include "workers/api/send_dry_run.h"
#include "workers/api/send_flow.h"

#include <stdio.h>

enum { RECORD_CAP = 64 * 1024 * 1024, ANSWER_CAP = 4 * 1024 * 1024, UNCERTAIN_SIZE = 300 };

/* What all messages of the send share, whether it is a chunk or a job. */
static const struct chunk *shared_of(const struct send_flow *flow)
{
    return flow->made.is_job ? &flow->made.job.shared : &flow->made.chunk;
}

/* --- answers --- */

static void write_schedule(struct buf *out, const struct chunk *shared)
{
    answer_text(out, "status", shared->due_ms > 0 ? STR("SCHEDULED") : STR("QUEUED"));
    answer_time(out, "scheduled_at", shared->due_ms);
}

static void write_answer(struct buf *out, const struct send_flow *flow)
{
    const struct chunk *shared = shared_of(flow);
    const struct send_made *made = &flow->made;
    char id[ID_TEXT_SIZE];
    id_format(id, shared->send);
    buf_printf(out, "{\"sms_message_id\":\"%s\",\"to\":[", id);
    for (size_t i = 0; i < made->to_count; i++)
        buf_printf(out, "%s\"+%s\"", i > 0 ? "," : "", made->to[i].digits);
    buf_char(out, ']');
    write_schedule(out, shared);
    buf_printf(out, ",\"units_estimate\":%lld", (long long)made->units);
    answer_text(out, "customer_ref", shared->ref);
    buf_printf(out, ",\"recipients\":%lld,\"duplicates\":%zu",
               (long long)send_make_recipients(made), flow->request.duplicates);
    send_request_write_invalid(out, &flow->request);
    buf_text(out, ",\"price_estimate\":");
    money_write(out, flow->cost_milli);
    if (made->is_job && job_is_resend(&made->job)) {
        id_format(id, made->job.resend_of);
        buf_printf(out, ",\"resend_of\":\"%s\"", id);
    }
    buf_char(out, '}');
}

static void accepted(struct send_flow *flow, bool made)
{
    struct buf body = {.cap = ANSWER_CAP};
    if (!made)
        metrics_add(flow->api->ctx->metrics, API_VIEWS_LEFT, 1);
    write_answer(&body, flow);
    metrics_observe_ms(flow->api->ctx->metrics, API_ACCEPT,
                       clock_mono_ms() - httpd_received_mono_ms(flow->req));
    answer_json(flow->req, 200, &body);
    send_flow_forget(flow);
}

static void on_view(void *arg, bool made)
{
    accepted(arg, made);
}

static void on_job_view(void *arg, enum err err, const struct job_state *state)
{
    (void)state;
    accepted(arg, err == ERR_OK);
}

/* Who can repeat the request without harm is told to. */
static void answer_unknown(const struct send_flow *flow)
{
    char detail[UNCERTAIN_SIZE], id[ID_TEXT_SIZE];
    id_format(id, shared_of(flow)->send);
    if (flow->idempotent) {
        problem_undecided(flow->req,
                          "Kafka's acknowledgement was lost. Repeat the request under the "
                          "same Idempotency-Key: it is sent at most once.");
        return;
    }
    (void)snprintf(detail, sizeof(detail),
                   "Kafka's acknowledgement was lost. Whether the send %s was accepted shows at "
                   "/v1/sms/messages/%s within some minutes; sending it again may send it twice.",
                   id, id);
    problem_simple(flow->req, 500, detail);
}

/* --- publishing --- */

static void make_view(struct send_flow *flow)
{
    struct job *job = &flow->made.job;
    if (!flow->made.is_job) {
        flow->view = (struct view){.chunk = &flow->made.chunk, .fn = on_view, .arg = flow};
        views_make(flow->api->views, &flow->view);
        return;
    }
    if (jobs_open(flow->api->links.redis, job, (size_t)send_make_recipients(&flow->made),
                  job->shared.due_ms > 0, on_job_view, flow) != ERR_OK)
        accepted(flow, false);
}

static void on_produced(void *arg, enum kafka_outcome outcome)
{
    struct send_flow *flow = arg;
    const struct chunk *shared = shared_of(flow);
    struct metrics *m = flow->api->ctx->metrics;
    switch (outcome) {
    case KAFKA_PERSISTED:
        metrics_add(m, API_ACCEPTED, send_make_recipients(&flow->made));
        if (!flow->made.is_job && shared->due_ms == 0)
            tenant_accepted(flow->api, &flow->account, (int64_t)flow->made.chunk.to_count);
        LOG(LOG_INFO, EV("accepted"), KSTR("account", shared->account), KID("send", shared->send),
            KINT("recipients", send_make_recipients(&flow->made)), KINT("units", flow->made.units));
        make_view(flow);
        return;
    case KAFKA_NOT_PERSISTED:
        quota_give_back(flow->api, &flow->taken);
        problem_unavailable(flow->req,
                            "The send was not accepted: Kafka can't be reached. Try again.");
        break;
    case KAFKA_UNKNOWN:
        LOG(LOG_WARN, EV("accept_unknown"), KSTR("account", shared->account),
            KID("send", shared->send));
        if (flow->idempotent) /* its repeat takes it again, for the same send */
            quota_give_back(flow->api, &flow->taken);
        answer_unknown(flow);
        break;
    }
    metrics_add(m, API_NOT_ACCEPTED, 1);
    send_flow_forget(flow);
}

static void too_large(struct send_flow *flow)
{
    quota_give_back(flow->api, &flow->taken);
    problem_simple(flow->req, 413,
                   "The send is too large: split its recipients or their variables over several.");
    send_flow_forget(flow);
}

/* A chunk goes fast as far as its account's share of the fast lane reaches. */
static const char *topic_of(struct send_flow *flow)
{
    const struct chunk *chunk = &flow->made.chunk;
    if (flow->made.is_job)
        return TOPIC_JOBS;
    bool fast = tenant_goes_fast(flow->api, &flow->account, chunk->type, (int64_t)chunk->to_count);
    metrics_add(flow->api->ctx->metrics, fast ? API_FAST : API_BULK, 1);
    return fast ? TOPIC_DISPATCH_FAST : TOPIC_DISPATCH_BULK;
}

static void publish(struct send_flow *flow)
{
    static struct buf record = {.cap = RECORD_CAP}; /* scratch: Kafka's client copies it */
    char key[ID_TEXT_SIZE];
    const char *topic = topic_of(flow);
    buf_clear(&record);
    if (flow->made.is_job)
        job_write(&record, &flow->made.job);
    else
        chunk_write(&record, &flow->made.chunk);
    id_format(key, shared_of(flow)->send);
    enum err err = kafka_produce(flow->api->links.producer, topic, str_of(key), buf_view(&record),
                                 on_produced, flow);
    if (err == ERR_TOO_LONG)
        too_large(flow);
    else if (err != ERR_OK)
        on_produced(flow, KAFKA_NOT_PERSISTED);
}

/* --- the request --- */

static void on_quota(void *arg, const struct quota_result *result)
{
    struct send_flow *flow = arg;
    if (result->err != ERR_OK || result->exceeded != QUOTA_NONE) {
        quota_refuse(flow->req, result);
        send_flow_forget(flow);
        return;
    }
    flow->taken = result->taken;
    publish(flow);
}

/* As the request says, else as the profile does; nobody can reply to a name. */
static bool may_be_replied_to(const struct send_flow *flow)
{
    struct phone number;
    if (phone_parse_digits(&number, str_of(flow->sender.text)) != ERR_OK)
        return false;
    return flow->request.allow_reply == SEND_ABSENT ? flow->sender.allow_reply
                                                    : flow->request.allow_reply == SEND_YES;
}

void send_fill_shared(struct chunk *shared, const struct send_flow *flow)
{
    const struct send_request *r = &flow->request;
    const struct settings *s = flow->api->ctx->settings;
    uint8_t random[ID_RANDOM_SIZE];
    bool named = !id_eq(flow->id, (struct id){{0}});
    *shared = (struct chunk){.type = r->type};
    memcpy(shared->account, flow->account.id, sizeof(shared->account));
    crypto_random(random, sizeof(random));
    shared->at_ms = named ? id_at_ms(flow->id) : clock_wall_ms();
    shared->send = named ? flow->id : id_new(shared->at_ms, random);
    shared->due_ms = r->due_ms;
    shared->until_ms =
        chunk_counted_ms(shared) + (r->validity_ms > 0 ? r->validity_ms : s->message_validity_ms);
    shared->ref = r->ref;
    shared->callback = r->callback;
    if (flow->sender.profile[0] != '\0') {
        shared->profile = str_of(flow->sender.profile);
        shared->from = str_of(flow->sender.text);
        shared->allow_reply = may_be_replied_to(flow);
    }
}

/* The account's where the send has none; one-time codes wait for nobody's morning. */
static void set_quiet_hours(struct send_flow *flow)
{
    struct chunk *shared = flow->made.is_job ? &flow->made.job.shared : &flow->made.chunk;
    if (shared->type == MESSAGE_VERIFY)
        shared->quiet = (struct quiet){.given = false};
    else if (!shared->quiet.given)
        shared->quiet = flow->account.quiet;
}

void send_carry_out(struct send_flow *own_flow)
{
    struct send_flow *flow = own_flow;
    set_quiet_hours(flow);
    flow->cost_milli =
        money_cost(flow->made.units, prices_unit_milli(flow->api, flow->account.currency));
    if (flow->request.dry_run) {
        send_dry_run_answer(flow);
        send_flow_forget(flow);
        return;
    }
    quota_take(flow->api, &flow->account, send_make_recipients(&flow->made), flow->cost_milli,
               on_quota, flow);
}

/* All that the request names is known. */
static void on_found(struct send_flow *flow)
{
    struct chunk shared;
    send_fill_shared(&shared, flow);
    send_make(&flow->made, &flow->request, &shared, flow->members, &flow->problem);
    send_pace_set(flow->made.is_job ? &flow->made.job.shared : &flow->made.chunk,
                  &flow->request.pace, send_make_recipients(&flow->made));
    if (flow->problem.errors == 0 && flow->made.to_count + flow->request.group_count == 0)
        problem_error(&flow->problem, "", "no_recipients",
                      "No recipient is left: all that were named are invalid.");
    if (flow->problem.errors > 0) {
        problem_answer(flow->req, &flow->problem);
        send_flow_forget(flow);
        return;
    }
    send_carry_out(flow);
}

bool send_refused(struct api *api, struct httpd_req *own_req, const struct account *account)
{
    if (!kafka_producer_connected(api->links.producer) ||
        api->sends_open >= api->ctx->settings->api_max_pending) {
        metrics_add(api->ctx->metrics, API_NOT_ACCEPTED, 1);
        problem_unavailable(own_req,
                            "The send was not accepted: Kafka can't be reached. Try again.");
        return true;
    }
    return tenant_refused(api, own_req, account);
}

void send_accept(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct send_request request;
    struct problem problem;
    if (!send_request_read(&request, httpd_body(own_req), clock_wall_ms(), &problem)) {
        problem_answer(own_req, &problem);
        return;
    }
    if (!request.dry_run && send_refused(api, own_req, caller->account)) {
        send_request_done(&request);
        return;
    }
    send_flow_find(send_flow_new(api, own_req, caller, &request), on_found);
}
