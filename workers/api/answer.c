#include "workers/api/answer.h"

#include "common/base/clock.h"

void answer_json(struct httpd_req *own_req, int status, struct buf *own_body)
{
    httpd_answer(own_req, &(struct httpd_answer){.status = status,
                                                 .content_type = "application/json",
                                                 .body = buf_view(own_body)});
    buf_done(own_body);
}

void answer_nothing(struct httpd_req *own_req)
{
    httpd_answer(own_req, &(struct httpd_answer){.status = 204});
}

void answer_text(struct buf *out, const char *name, struct str text)
{
    buf_printf(out, ",\"%s\":", name);
    if (text.p == NULL)
        buf_text(out, "null");
    else
        buf_json(out, text);
}

void answer_time(struct buf *out, const char *name, int64_t at_ms)
{
    char text[CLOCK_TEXT_SIZE];
    if (at_ms == 0) {
        buf_printf(out, ",\"%s\":null", name);
        return;
    }
    clock_format_s(text, at_ms);
    buf_printf(out, ",\"%s\":\"%s\"", name, text);
}

void answer_bool(struct buf *out, const char *name, bool value)
{
    buf_printf(out, ",\"%s\":%s", name, value ? "true" : "false");
}
