/*
 * The kind "http_json": one POST of JSON for each message, as the simulator takes it.
 *
 *     {"reference","to","from","text","encoding","parts","report_url"}    answered with 2xx {"id": "..."}
 *
 * 429, and 503 with Retry-After, are throttling. 401, 403 and 407 mean that the carrier (or a proxy
 * before it) doesn't know us: that is ours to mend, and no reason to fail a message, so it counts
 * as not sent. 408 says that waiting was too long, and not for what. Another 4xx rejects this
 * message. A 5xx may come after the carrier took it.
 */
#include "workers/sender/carrier/carrier.h"

#include <jansson.h>
#include <stdio.h>

static void write(struct buf *out, const struct submit *submit)
{
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

/* Credentials, address, method: what no message is to blame for. */
static bool ours_to_mend(int status)
{
    return status == 401 || status == 403 || status == 404 || status == 405 || status == 407 ||
           status == 415;
}

static struct outcome judge(const struct httpc_answer *answer)
{
    struct outcome outcome = {.retry_after_ms = answer->retry_after_ms, .reason = "server error"};
    int status = answer->status;
    if (status >= 200 && status < 300)
        return accepted(answer->body);
    if (status == 429 || (status == 503 && answer->retry_after_ms >= 0)) {
        outcome.verdict = VERDICT_THROTTLED;
        outcome.reason = "throttled";
    } else if (ours_to_mend(status)) {
        outcome.verdict = VERDICT_NOT_SENT;
        outcome.reason = "the carrier refuses us: check its URL and token";
    } else if (status >= 400 && status < 500 && status != 408) {
        outcome.verdict = VERDICT_REJECTED;
        outcome.error = ERROR_REJECTED;
        outcome.reason = "rejected";
    } else {
        outcome.verdict = VERDICT_UNKNOWN;
    }
    return outcome;
}

const struct carrier_kind carrier_http_json = {.name = "http_json", .write = write, .judge = judge};
