#include "common/io/httpd_response.h"

#include <stdio.h>

enum { PIECE_BYTES = 16 * 1024 };

static void add_headers(struct MHD_Response *r, const struct httpd_answer *answer, bool close)
{
    if (answer->content_type != NULL)
        (void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, answer->content_type);
    for (size_t i = 0; i < HTTPD_MAX_HEADERS && answer->headers[i].name != NULL; i++)
        (void)MHD_add_response_header(r, answer->headers[i].name, answer->headers[i].value);
    if (answer->close || close)
        (void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONNECTION, "close");
}

struct MHD_Response *httpd_response_pieces(const struct httpd_answer *answer, bool close,
                                           MHD_ContentReaderCallback read, void *arg)
{
    struct MHD_Response *r =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE_BYTES, read, arg, NULL);
    if (r != NULL)
        add_headers(r, answer, close);
    return r;
}

struct MHD_Response *httpd_response_new(const struct httpd_answer *answer, bool close)
{
    union {
        const void *in;
        void *out;
    } bytes = {.in = answer->body.n > 0 ? answer->body.p : ""}; /* it is only read */
    struct MHD_Response *r =
        MHD_create_response_from_buffer(answer->body.n, bytes.out, MHD_RESPMEM_MUST_COPY);
    if (r == NULL)
        return NULL;
    add_headers(r, answer, close);
    return r;
}

struct httpd_answer httpd_response_problem(char body[HTTPD_PROBLEM_SIZE], int status,
                                           const char *detail)
{
    (void)snprintf(body, HTTPD_PROBLEM_SIZE,
                   "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}",
                   MHD_get_reason_phrase_for((unsigned)status), status, detail);
    return (struct httpd_answer){.status = status,
                                 .content_type = "application/problem+json",
                                 .body = str_of(body),
                                 .close = true};
}

enum MHD_Result httpd_response_refuse(struct MHD_Connection *connection, int status,
                                      const char *detail)
{
    char body[HTTPD_PROBLEM_SIZE];
    struct httpd_answer answer = httpd_response_problem(body, status, detail);
    struct MHD_Response *response = httpd_response_new(&answer, true);
    if (response == NULL)
        return MHD_NO;
    enum MHD_Result result = MHD_queue_response(connection, (unsigned)status, response);
    MHD_destroy_response(response);
    return result;
}
