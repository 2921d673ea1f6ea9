#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/io/httpc.h"
#include "tests/support/dns_server.h"
#include "tests/support/drive.h"
#include "tests/support/stub.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

enum { MAX_CALLS = 4, TIMEOUT_MS = 1400 };

static struct loop *loop;
static struct dns_server *server;
static struct resolver *resolver;
static struct httpc *httpc;
static struct stub *stub;
static unsigned done;
static struct httpc_answer last;
static bool inside_post;
static struct dns_answer next; /* what the DNS server answers */
static char seen[512];

static struct stub_reply on_request(void *arg, const struct stub_request *request)
{
    (void)arg;
    (void)snprintf(seen, sizeof(seen), "%.*s", (int)request->bytes.n, request->bytes.p);
    return (struct stub_reply){.bytes = OK_ANSWER};
}

static void on_done(void *arg, const struct httpc_answer *answer)
{
    (void)arg;
    cr_expect_not(inside_post);
    last = *answer;
    done++;
}

static void on_question(void *arg, const struct dns_question *question, struct dns_answer *answer)
{
    (void)arg;
    (void)question;
    *answer = next;
}

static void start(const char *address)
{
    loop = drive_loop();
    stub = stub_new(loop, on_request, NULL);
    server = dns_server_new(loop, on_question, NULL);
    next = (struct dns_answer){.addresses = {address}, .ttl_s = 60};
    const struct resolver_conf names = {
        .servers = dns_server_address(server),
        .max_questions = 64,
        .max_names = 5000,
        .max_waits = 100,
        .timeout_ms = TIMEOUT_MS,
        .min_ttl_ms = 50,
        .max_ttl_ms = 60000,
        .negative_ttl_ms = 50,
    };
    cr_assert_eq(resolver_new(&resolver, loop, &names), ERR_OK);
    const struct httpc_conf conf = {.max_calls = MAX_CALLS,
                                    .connect_timeout_ms = 1000,
                                    .answer_cap_bytes = 100,
                                    .resolver = resolver};
    cr_assert_eq(httpc_new(&httpc, loop, &conf), ERR_OK);
}

static void stop(void)
{
    httpc_free(httpc);
    resolver_free(resolver);
    dns_server_free(server);
    stub_free(stub);
    loop_free(loop);
}

static enum err post(const char *host, int64_t timeout_ms)
{
    char url[400];
    (void)snprintf(url, sizeof(url), "http://%s:%u/submit", host, stub_port(stub));
    const struct httpc_call call = {
        .url = url, .body = STR("to=1"), .timeout_ms = timeout_ms, .done = on_done};
    inside_post = true;
    enum err err = httpc_post(httpc, &call);
    inside_post = false;
    return err;
}

static void call(const char *host, enum httpc_result want)
{
    unsigned before = done;
    cr_assert_eq(post(host, 3000), ERR_OK, "%s", host);
    cr_assert(drive_until_count(loop, &done, before + 1, 5000), "%s: never done", host);
    cr_expect_eq(last.result, want, "%s: %d, %s", host, (int)last.result, last.reason);
}

Test(httpc_names, are_resolved_by_ours)
{
    static const char *const hosts[] = {
        "carrier.test", "CARRIER.Test",       "carrier.test.", "a_b.test",   "localhost",
        "127.0.0.1",    "[::ffff:127.0.0.1]", "0x7f.1",        "2130706433",
    };
    start("127.0.0.1");
    for (unsigned round = 0; round < 3; round++) {
        for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
            call(hosts[i], HTTPC_ANSWERED);
    }
    cr_expect_eq(dns_server_questions(server), 2 * 2, "two names of two families");
    stop();
}

Test(httpc_names, connections_are_used_again)
{
    start("127.0.0.1");
    for (unsigned i = 0; i < 20; i++)
        call("carrier.test", HTTPC_ANSWERED);
    cr_expect_eq(stub_connections(stub), 1);
    cr_expect_not_null(strstr(seen, "\r\nHost: carrier.test:"), "%s", seen);
    stop();
}

Test(httpc_names, many_calls_wait_for_one_answer)
{
    start("127.0.0.1");
    next.after_ms = 100;
    for (unsigned i = 0; i < MAX_CALLS; i++)
        cr_assert_eq(post("carrier.test", 3000), ERR_OK);
    cr_expect_eq(post("carrier.test", 3000), ERR_FULL);
    cr_expect_eq(httpc_active(httpc), MAX_CALLS);
    cr_assert(drive_until_count(loop, &done, MAX_CALLS, 3000));
    cr_expect_eq(stub_requests(stub), MAX_CALLS);
    cr_expect_eq(dns_server_questions(server), 2);
    stop();
}

Test(httpc_names, not_sent_without_an_address)
{
    start("127.0.0.1");
    next = (struct dns_answer){.code = 3};
    call("nowhere.test", HTTPC_NOT_SENT);
    cr_expect_str_neq(last.reason, "");
    next = (struct dns_answer){.code = 2};
    call("failed.test", HTTPC_NOT_SENT);
    next = (struct dns_answer){.silent = true};
    call("silent.test", HTTPC_NOT_SENT);
    stop();
}

Test(httpc_names, hosts_that_are_none_are_refused)
{
    static const char *const hosts[] = {"a b.test", "256.1.1.1", "bl\xc3\xa5.test", "a..b",
                                        "x.0x7f"};
    start("127.0.0.1");
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
        cr_expect_neq(post(hosts[i], 1000), ERR_OK, "%s", hosts[i]);
    cr_expect_eq(httpc_active(httpc), 0);
    cr_expect_eq(dns_server_questions(server), 0);
    stop();
}

Test(httpc_names, a_call_waits_no_longer_than_its_time)
{
    start("127.0.0.1");
    next.silent = true;
    int64_t began_ms = clock_mono_ms();
    cr_assert_eq(post("silent.test", 100), ERR_OK);
    cr_assert(drive_until_count(loop, &done, 1, 3000));
    cr_expect_eq(last.result, HTTPC_NOT_SENT);
    cr_expect_lt(clock_mono_ms() - began_ms, TIMEOUT_MS - 50);
    cr_assert_eq(post("silent.test", 3000), ERR_OK); /* and one is under way at the end */
    stop();
    cr_expect_eq(done, 2);
    cr_expect_eq(last.result, HTTPC_NOT_SENT);
}

/* The loop turns while nobody answers: the longest that a turn takes. */
Test(httpc_names, the_loop_is_never_blocked)
{
    int64_t longest_ms = 0, until_ms = clock_mono_ms() + TIMEOUT_MS + 200;
    start("127.0.0.1");
    next.silent = true;
    for (unsigned i = 0; i < MAX_CALLS; i++) {
        char host[32];
        (void)snprintf(host, sizeof(host), "silent%u.test", i);
        cr_assert_eq(post(host, 300), ERR_OK);
    }
    while (clock_mono_ms() < until_ms) {
        int64_t began_ms = clock_mono_ms();
        loop_turn(loop, 1);
        if (clock_mono_ms() - began_ms > longest_ms)
            longest_ms = clock_mono_ms() - began_ms;
    }
    cr_expect_eq(done, MAX_CALLS);
    cr_expect_lt(longest_ms, 200, "%lld ms", (long long)longest_ms);
    stop();
}

Test(httpc_names, old_addresses_are_used_while_nobody_can_tell)
{
    start("127.0.0.1");
    next.ttl_s = 0;
    call("carrier.test", HTTPC_ANSWERED);
    next = (struct dns_answer){.silent = true};
    drive_for(loop, 100);
    for (unsigned i = 0; i < 3; i++) {
        int64_t began_ms = clock_mono_ms();
        call("carrier.test", HTTPC_ANSWERED);
        cr_expect_lt(clock_mono_ms() - began_ms, TIMEOUT_MS - 100, "it does not wait");
    }
    drive_for(loop, TIMEOUT_MS + 100);
    call("carrier.test", HTTPC_ANSWERED);
    stop();
}

/* New connections go to the new address, the old one's are closed with time. */
Test(httpc_names, addresses_change)
{
    start("127.0.0.99");
    next.ttl_s = 0;
    call("carrier.test", HTTPC_NOT_SENT); /* nobody listens there */
    next = (struct dns_answer){.addresses = {"127.0.0.1"}};
    for (unsigned i = 0; i < 20 && last.result != HTTPC_ANSWERED; i++) {
        unsigned before = done;
        drive_for(loop, 60);
        cr_assert_eq(post("carrier.test", 3000), ERR_OK);
        cr_assert(drive_until_count(loop, &done, before + 1, 5000));
    }
    cr_expect_eq(last.result, HTTPC_ANSWERED);
    stub_close_all(stub);
    next = (struct dns_answer){.code = 3};
    drive_for(loop, 100);
    (void)post("carrier.test", 3000); /* asks, and uses what is known */
    drive_for(loop, 100);
    call("carrier.test", HTTPC_NOT_SENT); /* the name is gone */
    stop();
}

Test(httpc_names, more_hosts_than_are_remembered)
{
    enum { HOSTS = 1200 };
    char host[32];
    start("127.0.0.1");
    for (unsigned i = 0; i < HOSTS + 50; i++) {
        (void)snprintf(host, sizeof(host), "h%u.test", i % HOSTS);
        call(host, HTTPC_ANSWERED);
        if (i % 100 == 99)
            call("h0.test", HTTPC_ANSWERED);
    }
    stop();
}
