/*
 * The kind "http_json": one POST of JSON for each message, as the simulator takes it.
 *
 *     {"reference","to","from","text","encoding","parts","report_url"}    answered with 2xx {"id": "..."}
 *
 * What another status means is told in http_status.h.
 */
#include "workers/sender/carrier/http_status.h"

#include <jansson.h>
#include <stdio.h>

static void write(struct buf *out, const struct submit *submit, const struct submit *first)
{
    (void)first;
    char id[ID_TEXT_SIZE];
    id_format(id, submit->message);
    buf_text(out, "{\"reference\":\"");
    buf_text(out, id);
    buf_text(out, "\",\"to\":\"+");
    buf_text(out, submit->to->digits);
    if (submit->from.p != NULL) {
        buf_text(out, "\",\"from\":");
        buf_json(out, submit->from);
        buf_text(out, ",\"encoding\":\"");
    } else {
        buf_text(out, "\",\"encoding\":\"");
    }
    buf_text(out, chunk_encoding_name(submit->encoding));
    buf_text(out, "\",\"parts\":");
    buf_uint(out, submit->parts);
    buf_text(out, ",\"report_url\":");
    buf_json(out, submit->report_url);
    buf_text(out, ",\"text\":");
    buf_json(out, submit->body);
    buf_char(out, '}');
}

static struct outcome accepted(struct str body)
{
    struct outcome outcome = {
        .verdict = VERDICT_UNKNOWN, .retry_after_ms = -1, .reason = "unreadable answer"};
    json_auto_t *root = json_loadb(body.p != NULL ? body.p : "", body.n, 0, NULL);
    const char *id = json_string_value(json_object_get(root, "id"));
    if (id == NULL)
        return outcome;
    (void)snprintf(outcome.ref, sizeof(outcome.ref), "%s", id);
    outcome.verdict = VERDICT_ACCEPTED;
    outcome.reason = "ok";
    return outcome;
}

static void judge(const struct httpc_answer *answer, const struct id *messages, size_t count,
                  struct outcome *outcomes)
{
    (void)messages;
    (void)count; /* it is 1 */
    outcomes[0] = answer->status >= 200 && answer->status < 300
                      ? accepted(answer->body)
                      : http_status_judge(answer->status, answer->retry_after_ms);
}

const struct carrier_kind carrier_http_json = {
    .name = "http_json", .most_messages = 1, .write = write, .judge = judge};
