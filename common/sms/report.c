#include "common/sms/report.h"

#include <jansson.h>

enum { VERSION = 1 };

static const char *const states[] = {[REPORT_DELIVERED] = "delivered", [REPORT_FAILED] = "failed"};

static enum err read_root(struct report *r, const json_t *root)
{
    const json_t *account = json_object_get(root, "account"),
                 *message = json_object_get(root, "message");
    const json_t *attempt = json_object_get(root, "attempt"),
                 *error = json_object_get(root, "error");
    const json_t *at = json_object_get(root, "at");
    const char *state = json_string_value(json_object_get(root, "state"));
    if (json_integer_value(json_object_get(root, "v")) != VERSION)
        return json_is_integer(json_object_get(root, "v")) ? ERR_VERSION : ERR_SYNTAX;
    struct str name = {json_string_value(account), json_string_length(account)};
    struct str id = {json_string_value(message), json_string_length(message)};
    if (!chunk_account_valid(name) || id_parse(&r->message, id) != ERR_OK || state == NULL ||
        !json_is_integer(attempt) || json_integer_value(attempt) < 0 ||
        json_integer_value(attempt) > UINT16_MAX || !json_is_integer(at) ||
        json_integer_value(at) < 0)
        return ERR_SYNTAX;
    memcpy(r->account, name.p, name.n);
    r->attempt = (unsigned)json_integer_value(attempt);
    r->at_ms = json_integer_value(at);
    r->state = strcmp(state, states[REPORT_DELIVERED]) == 0 ? REPORT_DELIVERED : REPORT_FAILED;
    if (strcmp(state, states[r->state]) != 0)
        return ERR_SYNTAX;
    if (r->state == REPORT_FAILED)
        r->error = error_of_code((struct str){json_string_value(error), json_string_length(error)});
    return ERR_OK;
}

enum err report_parse(struct report *ret_report, struct str record)
{
    json_t *root =
        json_loadb(record.p != NULL ? record.p : "", record.n, JSON_REJECT_DUPLICATES, NULL);
    struct report report = {.attempt = 0};
    enum err err = json_is_object(root) ? read_root(&report, root) : ERR_SYNTAX;
    json_decref(root);
    if (err == ERR_OK)
        *ret_report = report;
    return err;
}

void report_write(struct buf *out, const struct report *report)
{
    char message[ID_TEXT_SIZE];
    id_format(message, report->message);
    buf_printf(out,
               "{\"v\":%d,\"account\":\"%s\",\"message\":\"%s\",\"attempt\":%u,\"state\":\"%s\"",
               VERSION, report->account, message, report->attempt, states[report->state]);
    if (report->error != ERROR_NONE)
        buf_printf(out, ",\"error\":\"%s\"", error_code(report->error));
    /* carriers that have no time may send the year 1 */
    buf_printf(out, ",\"at\":%lld}", (long long)(report->at_ms > 0 ? report->at_ms : 0));
}
