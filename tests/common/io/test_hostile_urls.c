#include "common/base/buf.h"
#include "common/io/httpc.h"
#include "common/io/url.h"
#include "tests/support/drive.h"
#include "tests/support/hostile.h"
#include "tests/support/tls_server.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OK_ANSWER "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nok"

/* --- an internet of one machine --- */

/* Every connection that anything in this process makes comes through here. The two addresses that
 * are public lead to the test's server; all others are inside. */
static unsigned outside, inside;
static char last_inside[ADDRESS_TEXT_SIZE];

static bool is(const struct address *address, const char *text)
{
    struct address other;
    return address_read(&other, str_of(text)) && address_equal(address, &other);
}

static bool is_outside[1024]; /* by descriptor */

/* As on a machine without IPv6. */
static int connect_home(int fd, const struct sockaddr *to)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
    } at;
    if (to->sa_family != AF_INET) {
        errno = ENETUNREACH;
        return -1;
    }
    memcpy(&at, to, sizeof(at.in));
    at.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return (int)syscall(SYS_connect, fd, &at.any, sizeof(at.in));
}

int home_connect(int fd, const struct sockaddr *to, socklen_t size) __asm__("connect");
int home_getpeername(int fd, struct sockaddr_in *ret_peer, socklen_t *size) __asm__("getpeername");

int home_connect(int fd, const struct sockaddr *to, socklen_t size)
{
    struct address address;
    int type = 0;
    socklen_t type_size = sizeof(type);
    (void)getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size);
    is_outside[fd] = false;
    if (type != SOCK_STREAM || !address_read_socket(&address, to, size))
        return (int)syscall(SYS_connect, fd, to, size);
    if (is(&address, "8.8.4.4") || is(&address, "2001:4860:4860::8844")) {
        outside++;
        is_outside[fd] = true;
        return connect_home(fd, to);
    }
    inside++;
    address_write(last_inside, &address);
    return (int)syscall(SYS_connect, fd, to, size);
}

int home_getpeername(int fd, struct sockaddr_in *ret_peer, socklen_t *size)
{
    int result = (int)syscall(SYS_getpeername, fd, ret_peer, size);
    if (result == 0 && is_outside[fd])
        ret_peer->sin_addr.s_addr = htonl(0x08080404);
    return result;
}

/* --- the calls --- */

static struct loop *loop;
static struct hostile *hostile;
static struct tls_server *target;
static struct dns_server *names;
static struct resolver *resolver;
static struct guard guard;
static struct httpc *httpc;
static unsigned done;
static struct httpc_answer last;

static void on_done(void *arg, const struct httpc_answer *answer)
{
    (void)arg;
    last = *answer;
    done++;
}

static void start_with(const char *answer, enum address_policy policy, dns_server_fn fn)
{
    loop = drive_loop();
    target = tls_server_new(answer);
    hostile = hostile_new(tls_server_port(target));
    names = dns_server_new(loop, fn, hostile);
    const struct resolver_conf conf = {
        .servers = dns_server_address(names),
        .max_questions = 64,
        .max_names = 1000,
        .max_waits = 100,
        .timeout_ms = 5000,
        .max_ttl_ms = 1000,
        .negative_ttl_ms = 1000,
    };
    cr_assert_eq(resolver_new(&resolver, loop, &conf), ERR_OK);
    guard_init(&guard, policy);
    const struct httpc_conf calls = {
        .max_calls = 4,
        .connect_timeout_ms = 3000,
        .answer_cap_bytes = 1000,
        .resolver = resolver,
        .guard = &guard,
        .ca_file = tls_server_ca_file(target),
    };
    cr_assert_eq(httpc_new(&httpc, loop, &calls), ERR_OK);
    outside = inside = done = 0;
}

static void start(void)
{
    start_with(OK_ANSWER, ADDRESS_GLOBAL, hostile_answer);
}

static void stop(void)
{
    httpc_free(httpc);
    resolver_free(resolver);
    dns_server_free(names);
    tls_server_free(target);
    hostile_free(hostile);
    loop_free(loop);
}

/* False: it was refused before it began. */
static bool call(const char *url)
{
    const struct httpc_call post = {
        .url = url, .body = STR("{}"), .timeout_ms = 10000, .done = on_done};
    unsigned before = done;
    last = (struct httpc_answer){.result = HTTPC_NOT_SENT};
    if (httpc_post(httpc, &post) != ERR_OK)
        return false;
    cr_assert(drive_until_count(loop, &done, before + 1, 12000), "%s: never done", url);
    return true;
}

static bool call_host(const char *host)
{
    char url[300];
    (void)snprintf(url, sizeof(url), "https://%s:%u/", host, tls_server_port(target));
    return call(url);
}

static void expect_nothing_inside(const char *what)
{
    cr_expect_eq(inside, 0, "%s: connected to %s", what, last_inside);
    inside = 0;
}

Test(hostile_urls, no_request_reaches_a_blocked_address)
{
    start();
    cr_assert_geq(hostile->count, 300);
    for (size_t i = 0; i < hostile->count; i++) {
        (void)call(hostile->urls[i].url);
        cr_expect_eq(last.result, HTTPC_NOT_SENT, "%s: %d", hostile->urls[i].url, last.status);
        expect_nothing_inside(hostile->urls[i].url);
        cr_expect_eq(outside, 0, "%s", hostile->urls[i].url);
        outside = 0;
    }
    cr_expect_eq(tls_server_connections(target), 0);
    stop();
}

Test(hostile_urls, literal_ones_are_no_callback_url)
{
    struct hostile *h = hostile_new(443);
    for (size_t i = 0; i < h->count; i++) {
        const char *why;
        enum err err = url_check_callback(str_of(h->urls[i].url), &why);
        if (!h->urls[i].by_name)
            cr_expect_neq(err, ERR_OK, "%s", h->urls[i].url);
    }
    hostile_free(h);
}

static void answer_public(void *arg, const struct dns_question *question, struct dns_answer *answer)
{
    (void)arg;
    (void)question;
    answer->ttl_s = 60;
    answer->addresses[0] = "8.8.4.4";
    answer->addresses[1] = "2001:4860:4860::8844";
}

Test(hostile_urls, others_are_called)
{
    static const char *const hosts[] = {"public.test", "PUBLIC.Test", "public.test.",
                                        "a.host.test"};
    start_with(OK_ANSWER, ADDRESS_GLOBAL, answer_public);
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        (void)call_host(hosts[i]);
        cr_expect_eq(last.result, HTTPC_ANSWERED, "%s: %s", hosts[i], last.reason);
    }
    (void)call_host("8.8.4.4"); /* the certificate is of other names */
    cr_expect_eq(last.result, HTTPC_NOT_SENT);
    expect_nothing_inside("public");
    cr_expect_gt(outside, 0);
    cr_expect_eq(tls_server_requests(target), sizeof(hosts) / sizeof(hosts[0]));
    cr_expect_not(tls_server_saw(target, "Cookie:"));
    stop();
}

/* Public when it is checked, inside when it is used, if anybody asked again; and the other way. */
static void rebind(void *arg, const struct dns_question *question, struct dns_answer *answer)
{
    static const char *const addresses[] = {"127.0.0.1", "10.0.0.1", "169.254.169.254", "::1"};
    static unsigned nth;
    (void)arg;
    (void)question;
    nth++;
    answer->ttl_s = 0;
    answer->addresses[0] = nth % 3 == 0 ? addresses[nth % 4] : "8.8.4.4";
    answer->addresses[1] = nth % 7 == 0 ? "::1" : NULL;
}

Test(hostile_urls, names_that_change_their_address)
{
    enum { ROUNDS = 1000 };
    unsigned answered = 0;
    start_with(OK_ANSWER, ADDRESS_GLOBAL, rebind);
    for (unsigned i = 0; i < ROUNDS; i++) {
        char host[32];
        (void)snprintf(host, sizeof(host), "rebind%u.host.test", i % 10);
        (void)call_host(host);
        answered += last.result == HTTPC_ANSWERED;
        cr_expect_neq(last.result, HTTPC_UNKNOWN);
    }
    expect_nothing_inside("rebinding");
    cr_expect_gt(answered, 0);
    cr_expect_lt(answered, ROUNDS, "both kinds of answers were met");
    cr_expect_gt(dns_server_questions(names), ROUNDS / 10);
    cr_expect_eq(tls_server_requests(target), answered);
    stop();
}

Test(hostile_urls, redirects_are_answers)
{
    static const char *const answers[] = {
        "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 303 Other\r\nLocation: https://[::1]/\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 307 Again\r\nLocation: https://inside1.test/\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 308 Again\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nRefresh: 0; url=https://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nAlt-Svc: h2=\"127.0.0.1:443\"\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=\"a\"\r\nContent-Length: 0\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        start_with(answers[i], ADDRESS_GLOBAL, answer_public);
        for (unsigned k = 1; k <= 2; k++) {
            (void)call_host("public.test");
            cr_expect_eq(last.result, HTTPC_ANSWERED, "%zu: %s", i, last.reason);
            cr_expect_eq(tls_server_requests(target), k, "%s", answers[i]);
        }
        expect_nothing_inside(answers[i]);
        stop();
    }
}

Test(hostile_urls, answers_without_end_are_cut)
{
    static char head[200000], body[4000];
    (void)snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\n");
    for (size_t n = strlen(head); n < sizeof(head) - 100; n += strlen(head + n))
        (void)snprintf(head + n, sizeof(head) - n, "X-%zu: a\r\n", n);
    (void)snprintf(body, sizeof(body), "HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n%3000d",
                   1);
    const char *const answers[] = {head, body};
    for (size_t i = 0; i < 2; i++) {
        start_with(answers[i], ADDRESS_GLOBAL, answer_public);
        (void)call_host("public.test");
        cr_expect_eq(last.result, HTTPC_UNKNOWN);
        stop();
    }
}

Test(hostile_urls, loopback_where_it_is_allowed)
{
    start_with(OK_ANSWER, ADDRESS_GLOBAL_OR_LOOPBACK, hostile_answer);
    (void)call_host("127.0.0.1");
    cr_expect_eq(last.result, HTTPC_ANSWERED, "%s", last.reason);
    (void)call_host("inside1.test");
    cr_expect_eq(last.result, HTTPC_ANSWERED, "%s", last.reason);
    cr_expect_eq(tls_server_requests(target), 2);
    cr_expect_gt(inside, 0);
    inside = 0;
    static const char *const hosts[] = {"10.0.0.1", "inside2.test", "169.254.169.254", "0.0.0.0"};
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        (void)call_host(hosts[i]);
        cr_expect_eq(last.result, HTTPC_NOT_SENT, "%s", hosts[i]);
    }
    expect_nothing_inside("beside loopback");
    stop();
}

/* What the first look let through is seen at the next one. */
Test(hostile_urls, addresses_are_looked_at_again)
{
    start_with(OK_ANSWER, ADDRESS_GLOBAL_OR_LOOPBACK, hostile_answer);
    (void)call_host("127.0.0.1");
    cr_assert_eq(last.result, HTTPC_ANSWERED, "%s", last.reason);
    guard.policy = ADDRESS_GLOBAL;
    cr_expect(call_host("127.0.0.1"));
    cr_expect_eq(last.result, HTTPC_NOT_SENT, "on a connection that was there");
    cr_expect_eq(tls_server_requests(target), 1);
    inside = 0;
    httpc_free(httpc); /* and its connections */
    const struct httpc_conf calls = {.max_calls = 1,
                                     .connect_timeout_ms = 1000,
                                     .answer_cap_bytes = 100,
                                     .resolver = resolver,
                                     .guard = &guard};
    cr_assert_eq(httpc_new(&httpc, loop, &calls), ERR_OK);
    guard.policy = ADDRESS_GLOBAL_OR_LOOPBACK;
    char url[100];
    (void)snprintf(url, sizeof(url), "https://127.0.0.1:%u/", tls_server_port(target));
    const struct httpc_call post = {.url = url, .timeout_ms = 3000, .done = on_done};
    cr_assert_eq(httpc_post(httpc, &post), ERR_OK);
    guard.policy = ADDRESS_GLOBAL; /* before it connects */
    unsigned before = done;
    cr_assert(drive_until_count(loop, &done, before + 1, 5000));
    cr_expect_eq(last.result, HTTPC_NOT_SENT, "on a new one");
    expect_nothing_inside("looked at again");
    stop();
}

Test(hostile_urls, an_untrusted_certificate_is_not_sent_to)
{
    start_with(OK_ANSWER, ADDRESS_GLOBAL, answer_public);
    httpc_free(httpc);
    const struct httpc_conf calls = {.max_calls = 1,
                                     .connect_timeout_ms = 1000,
                                     .answer_cap_bytes = 100,
                                     .resolver = resolver,
                                     .guard = &guard};
    cr_assert_eq(httpc_new(&httpc, loop, &calls), ERR_OK);
    (void)call_host("public.test");
    cr_expect_eq(last.result, HTTPC_NOT_SENT);
    cr_expect_eq(tls_server_requests(target), 0);
    stop();
}

Test(hostile_urls, a_guard_takes_a_resolver)
{
    struct loop *alone = drive_loop();
    struct httpc *none = NULL;
    guard_init(&guard, ADDRESS_GLOBAL);
    const struct httpc_conf conf = {.max_calls = 1, .answer_cap_bytes = 1, .guard = &guard};
    cr_expect_eq(httpc_new(&none, alone, &conf), ERR_IO);
    loop_free(alone);
}
