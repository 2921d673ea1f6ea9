#include "workers/api/problem.h"

#include "common/sms/utf8.h"

#include <stdarg.h>
#include <stdio.h>

enum {
    DETAIL_SIZE = 600,
    WHERE_SIZE = 200,
    DETAIL_CAP = 2000,
    LIST_CAP = 64 * 1024,
    BODY_CAP = 80 * 1024,
    RETRY_AFTER_S = 2
};

static const char TYPE[] = "application/problem+json";

static const struct {
    int status;
    const char *title;
} titles[] = {
    {400, "Bad Request"},       {401, "Unauthorized"},           {403, "Forbidden"},
    {404, "Not Found"},         {405, "Method Not Allowed"},     {409, "Conflict"},
    {413, "Content Too Large"}, {415, "Unsupported Media Type"}, {422, "Unprocessable Content"},
    {429, "Too Many Requests"}, {500, "Internal Server Error"},  {503, "Service Unavailable"},
};

static const char *title_of(int status)
{
    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
        if (titles[i].status == status)
            return titles[i].title;
    }
    return "Error";
}

void problem_init(struct problem *p, int status)
{
    *p = (struct problem){
        .status = status, .detail = {.cap = DETAIL_CAP}, .list = {.cap = LIST_CAP}};
}

void problem_done(struct problem *p)
{
    buf_done(&p->detail);
    buf_done(&p->list);
}

/* A text that was cut to fit may end inside a character: what is no UTF-8 in it goes. */
static void mend(char *text)
{
    const char *at = text, *end = text + strlen(text);
    char *to = text;
    while (at < end) {
        const char *from = at;
        uint32_t cp;
        if (!utf8_next(&at, end, &cp)) {
            at = from + 1;
            continue;
        }
        memmove(to, from, (size_t)(at - from));
        to += at - from;
    }
    *to = '\0';
}

/* An error at what member names: a pointer, or a parameter. */
static void add_error(struct problem *p, const char *member, const char *name, const char *code,
                      char *detail)
{
    char where[WHERE_SIZE];
    if (p->errors++ >= PROBLEM_MAX_ERRORS)
        return;
    (void)snprintf(where, sizeof(where), "%s", name);
    mend(where);
    mend(detail);
    if (p->detail.n == 0)
        buf_text(&p->detail, detail);
    if (p->list.n > 0)
        buf_char(&p->list, ',');
    buf_printf(&p->list, "{\"%s\":", member);
    buf_json(&p->list, str_of(where));
    buf_printf(&p->list, ",\"code\":\"%s\",\"detail\":", code);
    buf_json(&p->list, str_of(detail));
    buf_char(&p->list, '}');
}

void problem_error(struct problem *p, const char *pointer, const char *code, const char *format,
                   ...)
{
    char detail[DETAIL_SIZE];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(detail, sizeof(detail), format, args);
    va_end(args);
    add_error(p, "pointer", pointer, code, detail);
}

void problem_parameter(struct problem *p, const char *name, const char *code, const char *format,
                       ...)
{
    char detail[DETAIL_SIZE];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(detail, sizeof(detail), format, args);
    va_end(args);
    add_error(p, "parameter", name, code, detail);
}

static void write_body(struct buf *out, int status, struct str detail)
{
    buf_printf(out, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":",
               title_of(status), status);
    buf_json(out, detail);
}

void problem_answer(struct httpd_req *own_req, struct problem *own_problem)
{
    struct problem *p = own_problem;
    struct buf body = {.cap = BODY_CAP};
    write_body(&body, p->status, buf_view(&p->detail));
    if (p->errors > 0) {
        buf_text(&body, ",\"errors\":[");
        buf_str(&body, buf_view(&p->list));
        buf_char(&body, ']');
    }
    if (p->errors > PROBLEM_MAX_ERRORS)
        buf_printf(&body, ",\"more_errors\":%u", p->errors - PROBLEM_MAX_ERRORS);
    buf_char(&body, '}');
    httpd_answer(own_req, &(struct httpd_answer){
                              .status = p->status, .content_type = TYPE, .body = buf_view(&body)});
    buf_done(&body);
    problem_done(p);
}

static void answer_with(struct httpd_req *own_req, const struct httpd_answer *how,
                        const char *detail, const char *members)
{
    struct buf body = {.cap = BODY_CAP};
    struct httpd_answer answer = *how;
    write_body(&body, how->status, str_of(detail));
    if (members[0] != '\0')
        buf_char(&body, ',');
    buf_text(&body, members);
    buf_char(&body, '}');
    answer.content_type = TYPE;
    answer.body = buf_view(&body);
    httpd_answer(own_req, &answer);
    buf_done(&body);
}

static void answer_header(struct httpd_req *own_req, int status, const char *detail,
                          const char *name, const char *value)
{
    answer_with(own_req, &(struct httpd_answer){.status = status, .headers = {{name, value}}},
                detail, "");
}

void problem_simple(struct httpd_req *own_req, int status, const char *detail)
{
    answer_with(own_req, &(struct httpd_answer){.status = status}, detail, "");
}

void problem_extended(struct httpd_req *own_req, int status, const char *detail,
                      const char *members)
{
    answer_with(own_req, &(struct httpd_answer){.status = status}, detail, members);
}

void problem_later_extended(struct httpd_req *own_req, int status, const char *detail,
                            const char *members, unsigned retry_after_s)
{
    char value[16];
    (void)snprintf(value, sizeof(value), "%u", retry_after_s);
    answer_with(own_req,
                &(struct httpd_answer){.status = status, .headers = {{"Retry-After", value}}},
                detail, members);
}

void problem_later(struct httpd_req *own_req, int status, const char *detail,
                   unsigned retry_after_s)
{
    char value[16];
    (void)snprintf(value, sizeof(value), "%u", retry_after_s);
    answer_header(own_req, status, detail, "Retry-After", value);
}

void problem_unavailable(struct httpd_req *own_req, const char *detail)
{
    problem_later(own_req, 503, detail, RETRY_AFTER_S);
}

void problem_undecided(struct httpd_req *own_req, const char *detail)
{
    char value[16];
    (void)snprintf(value, sizeof(value), "%d", RETRY_AFTER_S);
    answer_with(own_req,
                &(struct httpd_answer){
                    .status = 503, .headers = {{"Retry-After", value}}, .undecided = true},
                detail, "");
}

void problem_unauthorized(struct httpd_req *own_req, const char *scheme, const char *detail)
{
    answer_header(own_req, 401, detail, "WWW-Authenticate", scheme);
}

void problem_method(struct httpd_req *own_req, const char *allow)
{
    char detail[200];
    (void)snprintf(detail, sizeof(detail), "This address takes %s.", allow);
    answer_header(own_req, 405, detail, "Allow", allow);
}
