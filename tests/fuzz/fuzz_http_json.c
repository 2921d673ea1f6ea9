#include "common/sms/utf8.h"
#include "workers/sender/carrier/carrier.h"

#include <jansson.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 3, CAP = 1 << 22 };

static void require(bool ok)
{
    if (!ok)
        abort();
}

static bool has_id(struct str body)
{
    json_t *root = json_loadb(body.p, body.n, 0, NULL);
    bool has = json_is_string(json_object_get(root, "id"));
    json_decref(root);
    return has;
}

/* Accepted is said only by a 2xx with an id, rejected only by a 4xx. */
static void check_judge(int status, int64_t retry_after_ms, struct str body)
{
    const struct httpc_answer answer = {.result = HTTPC_ANSWERED,
                                        .status = status,
                                        .body = body,
                                        .retry_after_ms = retry_after_ms,
                                        .reason = ""};
    struct outcome outcome;
    carrier_http_json.judge(&answer, &(struct id){.b = {0}}, 1, &outcome);
    bool accepted = outcome.verdict == VERDICT_ACCEPTED;
    require(accepted == (status >= 200 && status < 300 && has_id(body)));
    require(outcome.verdict != VERDICT_REJECTED || (status >= 400 && status < 500));
    require((outcome.verdict == VERDICT_REJECTED) == (outcome.error != ERROR_NONE));
    require(outcome.verdict != VERDICT_THROTTLED || status == 429 || status == 503);
    require(strnlen(outcome.ref, sizeof(outcome.ref)) < sizeof(outcome.ref));
    require(accepted || outcome.ref[0] == '\0');
    require(outcome.reason != NULL && outcome.reason[0] != '\0');
}

/* In a call with several, none is rejected for another, and what is accepted has its own result. */
static void check_batch(int status, struct str body)
{
    const struct id messages[2] = {{.b = {1}}, {.b = {2}}};
    const struct httpc_answer answer = {.result = HTTPC_ANSWERED,
                                        .status = status,
                                        .body = body,
                                        .retry_after_ms = -1,
                                        .reason = ""};
    struct outcome outcomes[2];
    carrier_http_json_batch.judge(&answer, messages, 2, outcomes);
    for (size_t i = 0; i < 2; i++) {
        bool success = status >= 200 && status < 300;
        require(success || outcomes[i].verdict != VERDICT_ACCEPTED);
        require(success || outcomes[i].verdict != VERDICT_REJECTED);
        require((outcomes[i].verdict == VERDICT_REJECTED) == (outcomes[i].error != ERROR_NONE));
        require(outcomes[i].reason != NULL && outcomes[i].reason[0] != '\0');
    }
}

/* Any text goes to the carrier as it is. */
static void check_write(const struct carrier_kind *kind, struct str text)
{
    struct phone to = {"4799999999"};
    const struct submit submit = {.to = &to, .body = text, .parts = 1, .report_url = text};
    struct buf out = {.cap = CAP};
    if (kind->open != NULL)
        kind->open(&out, &submit);
    kind->write(&out, &submit, &submit);
    if (kind->close != NULL)
        kind->close(&out);
    json_t *root = json_loadb(out.p, out.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    const json_t *sent = json_object_get(root, "text");
    require(str_eq((struct str){json_string_value(sent), json_string_length(sent)}, text));
    json_decref(root);
    buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD)
        return 0;
    struct str text = {(const char *)data + HEAD, size - HEAD};
    check_judge(((int)data[0] << 8 | data[1]) % 1000, (int64_t)data[2] - 1, text);
    check_judge(200, -1, text);
    check_batch(((int)data[0] << 8 | data[1]) % 1000, text);
    check_batch(200, text);
    if (!utf8_valid(text.p, text.n))
        return 0;
    check_write(&carrier_http_json, text);
    check_write(&carrier_http_json_batch, text);
    return 0;
}
