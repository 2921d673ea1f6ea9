#include "workers/api/message.h"

#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/problem.h"
#include "workers/api/route.h"

#include <stdio.h>

enum { ANSWER_CAP = 64 * 1024, MESSAGE_ID_SEGMENT = 3 }; /* /v1/sms/messages/{id} */

static struct str or_null(const char *text)
{
    return text[0] != '\0' ? str_of(text) : (struct str){0};
}

void message_write_from(struct buf *out, struct str from)
{
    char number[PHONE_MAX_DIGITS + 2] = "+";
    struct phone phone;
    if (from.p != NULL && phone_parse_digits(&phone, from) == ERR_OK) {
        memcpy(number + 1, phone.digits, sizeof(phone.digits));
        from = str_of(number);
    }
    answer_text(out, "from_number", from);
}

void message_write(struct buf *out, const struct message *message)
{
    const struct line *line = &message->line;
    bool erased = (line->flags & LINE_ERASED) != 0;
    struct str text = erased || message->body.p == NULL ? STR("") : message->body;
    char id[ID_TEXT_SIZE], to[PHONE_MAX_DIGITS + 2] = "";
    id_format(id, message->id);
    if (!erased && line->digits.n > 0 && line->digits.n <= PHONE_MAX_DIGITS) {
        to[0] = '+';
        memcpy(to + 1, line->digits.p, line->digits.n);
        to[line->digits.n + 1] = '\0';
    }
    buf_printf(out, "{\"id\":\"%s\",\"direction\":\"OUTBOUND\",\"message_type\":\"%s\"", id,
               message_type_name(message->type));
    message_write_from(out, message->from);
    answer_text(out, "to_number", or_null(to));
    answer_text(out, "body", text);
    buf_printf(out, ",\"status\":\"%s\",\"units_count\":%u", status_name(line->status),
               line->parts);
    answer_text(out, "customer_ref", message->ref);
    answer_time(out, "created_at", message->at_ms);
    answer_time(out, "scheduled_at", message->due_ms);
    answer_time(out, "sent_at", line->sent_at_ms);
    answer_time(out, "delivered_at", line->status == STATUS_DELIVERED ? line->final_at_ms : 0);
    buf_text(out, ",\"related_message_id\":null");
    answer_text(out, "error_message", or_null(error_message(line->error)));
    answer_text(out, "error_code", or_null(error_code(line->error)));
    buf_char(out, '}');
}

static void on_message(void *arg, enum err err, const struct message *message)
{
    struct httpd_req *req = arg;
    if (err != ERR_OK) {
        problem_unavailable(req, "The message can't be read at the moment. Try again.");
        return;
    }
    if (message == NULL) {
        problem_simple(req, 404, "There is no message with this id.");
        return;
    }
    struct buf body = {.cap = ANSWER_CAP};
    message_write(&body, message);
    answer_json(req, 200, &body);
}

void message_get(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct id id;
    if (id_parse(&id, route_segment(httpd_path(own_req), MESSAGE_ID_SEGMENT)) != ERR_OK) {
        problem_simple(own_req, 404, "There is no message with this id.");
        return;
    }
    if (messages_get(api->links.redis, caller->account->id, id, on_message, own_req) != ERR_OK)
        problem_unavailable(own_req, "The message can't be read at the moment. Try again.");
}

static void on_cancelled(void *arg, enum err err, const struct cancelled *cancelled)
{
    struct httpd_req *req = arg;
    struct id id = {{0}};
    char body[200], id_text[ID_TEXT_SIZE];
    if (err != ERR_OK) {
        problem_unavailable(req, "Whether it was cancelled is not known. Try again.");
        return;
    }
    if (cancelled == NULL) {
        problem_simple(req, 404, "There is no message with this id.");
        return;
    }
    if (cancelled->now + cancelled->before == 0) {
        (void)snprintf(body, sizeof(body), "It is too late to cancel: the message is %s.",
                       status_name(cancelled->status));
        problem_simple(req, 409, body);
        return;
    }
    (void)(id_parse(&id, route_segment(httpd_path(req), MESSAGE_ID_SEGMENT)) == ERR_OK);
    id_format(id_text, id); /* as it is written everywhere, whatever its case in the path */
    (void)snprintf(body, sizeof(body),
                   "{\"message\":\"Message cancelled\",\"message_id\":\"%s\",\"cancelled\":%u,"
                   "\"too_late\":%u}",
                   id_text, cancelled->now, cancelled->too_late);
    httpd_answer(req, &(struct httpd_answer){
                          .status = 200, .content_type = "application/json", .body = str_of(body)});
}

void message_cancel(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct id id;
    struct str text = route_segment(httpd_path(own_req), MESSAGE_ID_SEGMENT);
    if (id_parse(&id, text) != ERR_OK) {
        problem_simple(own_req, 404, "There is no message with this id.");
        return;
    }
    if (messages_cancel(api->links.redis, (unsigned)api->ctx->settings->due_shards,
                        caller->account->id, id, on_cancelled, own_req) != ERR_OK)
        problem_unavailable(own_req, "The message was not cancelled. Try again.");
}
