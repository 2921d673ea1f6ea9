#include "tests/support/server.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct server s;
static struct client c;

struct framing_case {
    const char *name, *head; /* between the Host header and the empty line */
};

/* What follows each request's head: if any of it is taken for a request, the handler sees it. */
#define FOLLOWS "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"

static void expect_refused(const char *name, const char *request, int status)
{
    unsigned before = s.requests;
    client_open(&c, server_port(&s));
    client_send(&c, request);
    cr_assert(server_serve_until_closed(&s, &c, 3000), "%s: left open", name);
    cr_expect_eq(c.status, status, "%s: got %d, want %d", name, c.status, status);
    cr_expect_leq(c.answers, 1, "%s: %u answers", name, c.answers);
    cr_expect_eq(s.requests, before, "%s: the handler got %s", name, s.path);
    client_close(&c);
}

Test(httpd_framing, refuses_what_has_two_meanings)
{
    static const struct framing_case cases[] = {
        {"two equal lengths", "Content-Length: 4\r\nContent-Length: 4"},
        {"two lengths", "Content-Length: 4\r\nContent-Length: 44"},
        {"two lengths, the longer first", "Content-Length: 44\r\nContent-Length: 4"},
        {"two lengths in one", "Content-Length: 4, 4"},
        {"length and chunked", "Content-Length: 4\r\nTransfer-Encoding: chunked"},
        {"chunked and length", "Transfer-Encoding: chunked\r\nContent-Length: 4"},
        {"a space before a length's colon", "Content-Length : 4"},
        {"a space before a coding's colon", "Transfer-Encoding : chunked"},
        {"a tab before the colon", "Content-Length\t: 4"},
        {"a space before any colon", "X-A : b"},
        {"xchunked", "Transfer-Encoding: xchunked"},
        {"gzip, chunked", "Transfer-Encoding: gzip, chunked"},
        {"chunked, chunked", "Transfer-Encoding: chunked, chunked"},
        {"chunked twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"},
        {"chunked and identity", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"},
        {"identity", "Transfer-Encoding: identity"},
        {"no coding", "Transfer-Encoding:"},
        {"a quoted coding", "Transfer-Encoding: \"chunked\""},
        {"a vertical tab", "Transfer-Encoding: \vchunked"},
        {"a coding with a parameter", "Transfer-Encoding: chunked;q=1"},
        {"a negative length", "Content-Length: -4"},
        {"a signed length", "Content-Length: +4"},
        {"a hexadecimal length", "Content-Length: 0x4"},
        {"a length that is none", "Content-Length: four"},
        {"an empty length", "Content-Length:"},
    };
    static const char *const methods[] = {"POST", "GET"};
    char request[512];
    server_start(&s, NULL);
    for (size_t m = 0; m < 2; m++) {
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            (void)snprintf(request, sizeof(request),
                           "%s /v1 HTTP/1.1\r\nHost: h\r\n%s\r\n\r\n0\r\n\r\n%s", methods[m],
                           cases[i].head, FOLLOWS);
            expect_refused(cases[i].name, request, 400);
        }
    }
    server_stop(&s);
}

Test(httpd_framing, refuses_chunked_in_http_1_0)
{
    server_start(&s, NULL);
    expect_refused("HTTP/1.0",
                   "POST /v1 HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n"
                   "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" FOLLOWS,
                   400);
    server_stop(&s);
}

Test(httpd_framing, takes_chunked_bodies)
{
    server_start(&s, NULL);
    client_open(&c, server_port(&s));
    client_send(&c, "POST /c HTTP/1.1\r\nHost: h\r\ntransfer-encoding: Chunked\r\n\r\n"
                    "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n"
                    "GET /next HTTP/1.1\r\nHost: h\r\n\r\n");
    cr_assert(server_serve(&s, &c, 2, 2000));
    cr_expect_eq(s.requests, 2);
    cr_expect(str_eq(client_body(&c), STR("/next")));
    client_close(&c);
    server_stop(&s);
}

Test(httpd_framing, refuses_broken_chunks)
{
    static const struct framing_case cases[] = {
        {"no number", "zz\r\nabc\r\n0\r\n\r\n"},
        {"a negative number", "-3\r\nabc\r\n0\r\n\r\n"},
        {"a hexadecimal prefix", "0x3\r\nabc\r\n0\r\n\r\n"},
        {"a number too large", "fffffffffffffffff\r\nabc\r\n0\r\n\r\n"},
        {"longer than it says", "3\r\nabcdef\r\n0\r\n\r\n"},
    };
    char request[512];
    server_start(&s, NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)snprintf(request, sizeof(request),
                       "POST /v1 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n%s%s",
                       cases[i].head, FOLLOWS);
        client_open(&c, server_port(&s));
        client_send(&c, request);
        cr_assert(server_serve_until_closed(&s, &c, 3000), "%s: left open", cases[i].name);
        cr_expect_neq(c.status, 200, "%s", cases[i].name);
        cr_expect_eq(s.requests, 0, "%s: the handler got %s", cases[i].name, s.path);
        client_close(&c);
    }
    server_stop(&s);
}

Test(httpd_framing, refuses_a_body_over_the_cap)
{
    static char body[SERVER_BODY_CAP + 2];
    char request[2 * SERVER_BODY_CAP];
    memset(body, 'x', SERVER_BODY_CAP + 1);
    server_start(&s, NULL);
    (void)snprintf(request, sizeof(request),
                   "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s",
                   SERVER_BODY_CAP + 1, body);
    expect_refused("by length", request, 413);
    (void)snprintf(request, sizeof(request),
                   "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n"
                   "0\r\n\r\n",
                   SERVER_BODY_CAP + 1, body);
    expect_refused("chunked", request, 413);
    expect_refused("by a length that nobody can mean",
                   "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\n",
                   413);
    body[SERVER_BODY_CAP] = '\0';
    (void)snprintf(request, sizeof(request),
                   "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s", SERVER_BODY_CAP,
                   body);
    client_open(&c, server_port(&s));
    client_send(&c, request);
    cr_expect(server_serve(&s, &c, 1, 2000));
    cr_expect_eq(c.status, 200, "the cap itself fits");
    cr_expect_eq(s.body_n, SERVER_BODY_CAP);
    client_close(&c);
    server_stop(&s);
}

Test(httpd_framing, cuts_off_a_chunked_body_without_end)
{
    char chunk[4096 + 16];
    unsigned sent = 0;
    int n = snprintf(chunk, sizeof(chunk), "1000\r\n%04096d\r\n", 0);
    server_start(&s, NULL);
    client_open(&c, server_port(&s));
    client_send(&c, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (; !c.closed && sent < 4096; sent++) {
        client_send_bytes(&c, (struct str){chunk, (size_t)n});
        loop_turn(s.loop, 1);
        client_read(&c);
    }
    cr_expect(c.closed);
    cr_expect_lt(sent, 1024, "%u KiB were read", sent * 4);
    cr_expect_eq(s.requests, 0);
    client_close(&c);
    server_stop(&s);
}

Test(httpd_framing, refuses_unknown_methods)
{
    static const char *const methods[] = {"FOO", "get", "CONNECT", "POSTX"};
    char request[128];
    server_start(&s, NULL);
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        (void)snprintf(request, sizeof(request), "%s / HTTP/1.1\r\nHost: h\r\n\r\n", methods[i]);
        expect_refused(methods[i], request, 501);
    }
    server_stop(&s);
}

Test(httpd_framing, never_shortens_a_path_at_a_nul)
{
    server_start(&s, NULL);
    client_open(&c, server_port(&s));
    client_send(&c, "GET /healthz%00/x HTTP/1.1\r\nHost: h\r\n\r\n");
    cr_assert(server_serve(&s, &c, 1, 2000));
    cr_expect_str_eq(s.path, "/healthz%00/x");
    client_close(&c);
    server_stop(&s);
}
