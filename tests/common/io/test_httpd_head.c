#include "tests/support/server.h"

#include <criterion/criterion.h>

static struct server s;

/* The status that such a request gets; 0: it was hung up on. */
static int status_of(const char *query, unsigned params, const char *header, unsigned headers)
{
    struct client c;
    struct buf request = {.cap = 1 << 20};
    buf_text(&request, "GET /a?");
    for (unsigned i = 0; i < params; i++)
        buf_text(&request, query);
    buf_text(&request, " HTTP/1.1\r\nHost: h\r\n");
    for (unsigned i = 0; i < headers; i++)
        buf_text(&request, header);
    buf_text(&request, "\r\n");
    client_open(&c, server_port(&s));
    client_send_bytes(&c, buf_view(&request));
    if (!server_serve(&s, &c, 1, 2000))
        cr_expect(c.closed, "%u x %s, %u x %s: neither answered nor closed", params, query, headers,
                  header);
    int status = c.answers > 0 ? c.status : 0;
    client_close(&c);
    buf_done(&request);
    return status;
}

Test(httpd_head, a_usual_one_is_served)
{
    server_start(&s, NULL);
    cr_expect_eq(status_of("", 0, "X-Usual: a value of usual length\r\n", 90), 200);
    cr_expect_eq(status_of("name=value&", 100, "", 0), 200);
    cr_expect_eq(status_of("0123456789abcdef", 700, "", 0), 200);
    server_stop(&s);
}

/* What the handler has done must not be answered with a closed connection. */
Test(httpd_head, what_leaves_no_room_for_its_answer_is_refused)
{
    server_start(&s, NULL);
    for (unsigned n = 100; n < 400; n += 3) {
        unsigned before = s.requests;
        const int got[] = {
            status_of("a&", n, "", 0), status_of("", 0, "A: b\r\n", n),
            status_of("", 0, "X-A: 0123456789012345678901234567890123456789\r\n", n)};
        for (size_t i = 0; i < sizeof(got) / sizeof(got[0]); i++) {
            cr_expect(got[i] == 200 || got[i] == 431 || got[i] == 0, "%u of %zu: %d", n, i, got[i]);
            before += got[i] == 200;
        }
        cr_expect_eq(s.requests, before, "%u: handled without an answer", n);
    }
    server_stop(&s);
}

Test(httpd_head, a_query_of_too_many_parameters_is_answered)
{
    server_start(&s, NULL);
    for (unsigned n = 200; n <= 6400; n *= 2)
        cr_expect_eq(status_of("a&", n, "", 0), 431, "%u", n);
    server_stop(&s);
}
