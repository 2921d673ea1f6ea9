#include "workers/api/send.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/io/crypto.h"
#include "common/io/kafka_topics.h"
#include "workers/api/api.h"
#include "workers/api/problem.h"
#include "workers/api/send_request.h"

#include <stdio.h>

enum { RECORD_CAP = 64 * 1024, ANSWER_CAP = 64 * 1024 };

/* A send between its request and its answer. */
struct accept {
    struct api *api;
    struct httpd_req *req;
    struct view view; /* its chunk is the send */
    size_t duplicates;
};

static void forget(struct accept *own_accept)
{
    own_accept->api->sends_open--;
    chunk_done(&own_accept->view.chunk);
    xfree(own_accept);
}

static void write_schedule(struct buf *out, const struct chunk *chunk)
{
    char at[CLOCK_TEXT_SIZE];
    if (chunk->due_ms == 0) {
        buf_text(out, "],\"status\":\"QUEUED\",\"scheduled_at\":null");
        return;
    }
    clock_format_s(at, chunk->due_ms);
    buf_printf(out, "],\"status\":\"SCHEDULED\",\"scheduled_at\":\"%s\"", at);
}

static void write_answer(struct buf *out, const struct accept *accept)
{
    const struct chunk *chunk = &accept->view.chunk;
    char id[ID_TEXT_SIZE];
    id_format(id, chunk->send);
    buf_printf(out, "{\"sms_message_id\":\"%s\",\"to\":[", id);
    for (size_t i = 0; i < chunk->to_count; i++)
        buf_printf(out, "%s\"+%s\"", i > 0 ? "," : "", chunk->to[i].digits);
    write_schedule(out, chunk);
    buf_printf(out, ",\"units_estimate\":%zu,\"customer_ref\":", chunk->parts * chunk->to_count);
    if (chunk->ref.p != NULL)
        buf_json(out, chunk->ref);
    else
        buf_text(out, "null");
    buf_printf(out, ",\"recipients\":%zu,\"duplicates\":%zu}", chunk->to_count, accept->duplicates);
}

static void on_view(void *arg, bool made)
{
    struct accept *accept = arg;
    static struct buf body = {.cap = ANSWER_CAP}; /* scratch: the answer copies it */
    if (!made)
        metrics_add(accept->api->ctx->metrics, API_VIEWS_LEFT, 1);
    buf_clear(&body);
    write_answer(&body, accept);
    metrics_observe_ms(accept->api->ctx->metrics, API_ACCEPT,
                       clock_mono_ms() - httpd_received_mono_ms(accept->req));
    httpd_answer(accept->req, &(struct httpd_answer){.status = 200,
                                                     .content_type = "application/json",
                                                     .body = buf_view(&body)});
    forget(accept);
}

static void answer_unknown(struct accept *accept)
{
    char detail[300], id[ID_TEXT_SIZE];
    id_format(id, accept->view.chunk.send);
    (void)snprintf(detail, sizeof(detail),
                   "Kafka's acknowledgement was lost. Whether the send %s was accepted shows at "
                   "/v1/sms/messages/%s within some minutes; sending it again may send it twice.",
                   id, id);
    problem_simple(accept->req, 500, detail);
}

static void on_produced(void *arg, enum kafka_outcome outcome)
{
    struct accept *accept = arg;
    const struct chunk *chunk = &accept->view.chunk;
    switch (outcome) {
    case KAFKA_PERSISTED:
        metrics_add(accept->api->ctx->metrics, API_ACCEPTED, (int64_t)chunk->to_count);
        LOG(LOG_INFO, EV("accepted"), KSTR("account", chunk->account), KID("send", chunk->send),
            KINT("recipients", chunk->to_count), KINT("parts", chunk->parts));
        views_make(accept->api->views, &accept->view);
        return;
    case KAFKA_NOT_PERSISTED:
        problem_unavailable(accept->req,
                            "The send was not accepted: Kafka can't be reached. Try again.");
        break;
    case KAFKA_UNKNOWN:
        LOG(LOG_WARN, EV("accept_unknown"), KSTR("account", chunk->account),
            KID("send", chunk->send));
        answer_unknown(accept);
        break;
    }
    metrics_add(accept->api->ctx->metrics, API_NOT_ACCEPTED, 1);
    forget(accept);
}

/* The chunk keeps copies of the texts: the request's die with it. */
static void fill_chunk(struct chunk *chunk, const struct api *api, const struct account *account,
                       const struct send_request *request)
{
    uint8_t random[ID_RANDOM_SIZE];
    crypto_random(random, sizeof(random));
    chunk->at_ms = clock_wall_ms();
    chunk->due_ms = request->due_ms;
    chunk->until_ms = chunk_counted_ms(chunk) + api->ctx->settings->message_validity_ms;
    chunk->send = id_new(chunk->at_ms, random);
    memcpy(chunk->account, account->id, sizeof(chunk->account));
    chunk->single = request->to_count == 1;
    chunk->encoding = request->segments.encoding;
    chunk->parts = (unsigned)request->segments.part_count;
    chunk->to_count = request->to_count;
    memcpy(chunk->to, request->to, request->to_count * sizeof(chunk->to[0]));
    chunk->own_text = xalloc(request->message.n + request->ref.n + 1);
    memcpy(chunk->own_text, request->message.p, request->message.n);
    chunk->body = (struct str){chunk->own_text, request->message.n};
    if (request->ref.p != NULL) {
        memcpy(chunk->own_text + request->message.n, request->ref.p, request->ref.n);
        chunk->ref = (struct str){chunk->own_text + request->message.n, request->ref.n};
    }
}

static void publish(struct accept *accept)
{
    static struct buf record = {.cap = RECORD_CAP}; /* scratch: Kafka's client copies it */
    char key[ID_TEXT_SIZE];
    buf_clear(&record);
    chunk_write(&record, &accept->view.chunk);
    id_format(key, accept->view.chunk.send);
    if (kafka_produce(accept->api->links.producer, TOPIC_DISPATCH_FAST, str_of(key),
                      buf_view(&record), on_produced, accept) != ERR_OK)
        on_produced(accept, KAFKA_NOT_PERSISTED);
}

void send_accept(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct send_request request;
    struct problem problem;
    if (!send_request_read(&request, httpd_body(own_req), clock_wall_ms(), &problem)) {
        problem_answer(own_req, &problem);
        return;
    }
    if (!kafka_producer_connected(api->links.producer) ||
        api->sends_open >= api->ctx->settings->api_max_pending) {
        send_request_done(&request);
        metrics_add(api->ctx->metrics, API_NOT_ACCEPTED, 1);
        problem_unavailable(own_req,
                            "The send was not accepted: Kafka can't be reached. Try again.");
        return;
    }
    struct accept *accept = xalloc(sizeof(*accept));
    *accept = (struct accept){.api = api, .req = own_req, .duplicates = request.duplicates};
    accept->view.fn = on_view;
    accept->view.arg = accept;
    fill_chunk(&accept->view.chunk, api, caller->account, &request);
    send_request_done(&request);
    api->sends_open++;
    publish(accept);
}
