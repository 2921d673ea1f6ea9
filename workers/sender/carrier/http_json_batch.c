/*
 * The kind "http_json_batch": up to a hundred messages in one POST of JSON, as the simulator takes it.
 *
 *     {"from","text","encoding","parts", "messages": [{"reference","to","report_url"}, ...]}
 *
 * What is outside of `messages` holds for those that don't have it themselves; "from": null is the
 * carrier's default. It is answered with 2xx and a result for each reference, in any order:
 *
 *     {"results": [{"reference", "status": 202, "id"}, {"reference", "status": 400, "error"},
 *                  {"reference", "status": 429, "retry_after": 1}, ...]}
 *
 * in which a status means what it means for a call with one message (http_status.h).
 */
#include "workers/sender/carrier/http_status.h"

#include <jansson.h>
#include <stdio.h>

static bool same(struct str a, struct str b)
{
    return (a.p == NULL) == (b.p == NULL) && (a.p == b.p || str_eq(a, b));
}

static void add_from(struct buf *out, struct str from)
{
    buf_text(out, "\"from\":");
    if (from.p == NULL)
        buf_text(out, "null");
    else
        buf_json(out, from);
    buf_char(out, ',');
}

static void add_text(struct buf *out, const struct submit *submit)
{
    buf_text(out, "\"text\":");
    buf_json(out, submit->body);
    buf_text(out, ",\"encoding\":\"");
    buf_text(out, chunk_encoding_name(submit->encoding));
    buf_text(out, "\",\"parts\":");
    buf_uint(out, submit->parts);
    buf_char(out, ',');
}

static void open(struct buf *out, const struct submit *first)
{
    buf_char(out, '{');
    add_from(out, first->from);
    add_text(out, first);
    buf_text(out, "\"messages\":[");
}

static void write(struct buf *out, const struct submit *submit, const struct submit *first)
{
    char id[ID_TEXT_SIZE];
    buf_text(out, submit == first ? "{" : ",{");
    if (!same(submit->from, first->from))
        add_from(out, submit->from);
    if (!same(submit->body, first->body) || submit->encoding != first->encoding ||
        submit->parts != first->parts)
        add_text(out, submit);
    id_format(id, submit->message);
    buf_text(out, "\"reference\":\"");
    buf_text(out, id);
    buf_text(out, "\",\"to\":\"+");
    buf_text(out, submit->to->digits);
    buf_text(out, "\",\"report_url\":");
    buf_json(out, submit->report_url);
    buf_char(out, '}');
}

static void close(struct buf *out)
{
    buf_text(out, "]}");
}

/* --- the answer --- */

/* Mostly results come in the order of the messages: it is looked for from `at` on. */
static size_t find(const struct id *messages, size_t count, size_t at, const json_t *result)
{
    struct id id;
    const json_t *reference = json_object_get(result, "reference");
    struct str text = {json_string_value(reference), json_string_length(reference)};
    if (text.p == NULL || id_parse(&id, text) != ERR_OK)
        return count;
    for (size_t i = 0; i < count; i++) {
        size_t place = (at + i) % count;
        if (memcmp(&messages[place], &id, sizeof(id)) == 0)
            return place;
    }
    return count;
}

static struct outcome accepted(const json_t *result)
{
    const char *ref = json_string_value(json_object_get(result, "id"));
    struct outcome outcome = {
        .verdict = VERDICT_UNKNOWN, .retry_after_ms = -1, .reason = "unreadable answer"};
    if (ref == NULL)
        return outcome;
    (void)snprintf(outcome.ref, sizeof(outcome.ref), "%s", ref);
    outcome.verdict = VERDICT_ACCEPTED;
    outcome.reason = "ok";
    return outcome;
}

static struct outcome judge_result(const json_t *result)
{
    const json_t *wish = json_object_get(result, "retry_after");
    json_int_t status = json_integer_value(json_object_get(result, "status"));
    json_int_t wish_s = json_integer_value(wish);
    if (status >= 200 && status < 300)
        return accepted(result);
    if (!json_is_integer(wish) || wish_s < 0 || wish_s > 86400)
        wish_s = -1;
    int status_n = status > 0 && status < 1000 ? (int)status : 0;
    return http_status_judge(status_n, wish_s < 0 ? -1 : (int64_t)wish_s * 1000);
}

static void judge_results(const json_t *results, const struct id *messages, size_t count,
                          struct outcome *outcomes)
{
    bool told[CARRIER_MOST_MESSAGES] = {false};
    for (size_t i = 0; i < json_array_size(results); i++) {
        const json_t *result = json_array_get(results, i);
        size_t at = find(messages, count, i, result);
        if (at == count)
            continue;
        if (told[at])
            outcomes[at] = (struct outcome){.verdict = VERDICT_UNKNOWN,
                                            .retry_after_ms = -1,
                                            .reason = "two results for one message"};
        else
            outcomes[at] = judge_result(result);
        told[at] = true;
    }
}

/* Which of several is to blame for a call that was refused, nobody knows. */
static struct outcome judge_whole(const struct httpc_answer *answer, size_t count)
{
    struct outcome outcome = http_status_judge(answer->status, answer->retry_after_ms);
    if (outcome.verdict != VERDICT_REJECTED || count == 1)
        return outcome;
    return (struct outcome){
        .verdict = VERDICT_NOT_SENT, .retry_after_ms = -1, .reason = "the whole call was refused"};
}

static void judge(const struct httpc_answer *answer, const struct id *messages, size_t count,
                  struct outcome *outcomes)
{
    bool success = answer->status >= 200 && answer->status < 300;
    const struct outcome untold = {
        .verdict = VERDICT_UNKNOWN, .retry_after_ms = -1, .reason = "no result for it"};
    const struct outcome all = success ? untold : judge_whole(answer, count);
    for (size_t i = 0; i < count; i++)
        outcomes[i] = all;
    if (!success)
        return;
    json_auto_t *root =
        json_loadb(answer->body.p != NULL ? answer->body.p : "", answer->body.n, 0, NULL);
    judge_results(json_object_get(root, "results"), messages, count, outcomes);
}

const struct carrier_kind carrier_http_json_batch = {
    .name = "http_json_batch",
    .most_messages = CARRIER_MOST_MESSAGES,
    .open = open,
    .write = write,
    .close = close,
    .judge = judge,
};
