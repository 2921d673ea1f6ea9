#include "common/base/clock.h"
#include "common/io/httpc.h"
#include "tests/support/drive.h"
#include "tests/support/stub.h"

#include <criterion/criterion.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

enum { MAX_CALLS = 4, ANSWER_CAP = 100 };

static struct loop *loop;
static struct httpc *httpc;
static struct stub *stub;
static char url[64];

/* What the stub does, by the number of the request on its connection; the last one goes on. */
static struct stub_reply replies[3];
static size_t reply_count;

/* What the calls came to. */
static unsigned done, results[3];
static struct httpc_answer last;
static char last_body[ANSWER_CAP + 1];
static bool inside_post;
static char seen[256]; /* the last request */

static struct stub_reply on_request(void *arg, const struct stub_request *request)
{
    size_t i = request->nth_on_connection - 1;
    (void)arg;
    (void)snprintf(seen, sizeof(seen), "%.*s", (int)request->bytes.n, request->bytes.p);
    return replies[i < reply_count ? i : reply_count - 1];
}

static void on_done(void *arg, const struct httpc_answer *answer)
{
    (void)arg;
    cr_expect_not(inside_post, "done was called from inside httpc_post");
    last = *answer;
    (void)snprintf(last_body, sizeof(last_body), "%.*s", (int)answer->body.n,
                   answer->body.n > 0 ? answer->body.p : "");
    results[answer->result]++;
    done++;
}

static void start(struct stub_reply first, struct stub_reply then)
{
    const struct httpc_conf conf = {
        .max_calls = MAX_CALLS, .connect_timeout_ms = 1000, .answer_cap_bytes = ANSWER_CAP};
    replies[0] = first;
    replies[1] = then;
    reply_count = 2;
    loop = drive_loop();
    stub = stub_new(loop, on_request, NULL);
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/submit", stub_port(stub));
    cr_assert_eq(httpc_new(&httpc, loop, &conf), ERR_OK);
}

static void stop(void)
{
    httpc_free(httpc);
    if (stub != NULL)
        stub_free(stub);
    loop_free(loop);
}

static enum err post_with(int64_t timeout_ms, int64_t lease_mono_ms)
{
    const struct httpc_call call = {.url = url,
                                    .body = STR("to=1&text=hello"),
                                    .timeout_ms = timeout_ms,
                                    .lease_mono_ms = lease_mono_ms,
                                    .done = on_done};
    inside_post = true;
    enum err err = httpc_post(httpc, &call);
    inside_post = false;
    return err;
}

static void call(enum httpc_result want, const char *name)
{
    unsigned before = done;
    cr_assert_eq(post_with(2000, 0), ERR_OK);
    cr_assert(drive_until_count(loop, &done, before + 1, 5000), "%s: never done", name);
    cr_expect_eq(last.result, want, "%s: result %d, want %d (%s)", name, (int)last.result,
                 (int)want, last.reason);
}

Test(httpc, tells_a_whole_answer)
{
    start((struct stub_reply){.bytes = OK_ANSWER}, (struct stub_reply){.bytes = OK_ANSWER});
    for (unsigned i = 0; i < 50; i++) {
        call(HTTPC_ANSWERED, "call");
        cr_expect_eq(last.status, 200);
        cr_expect_str_eq(last_body, "ok");
        cr_expect_str_eq(last.reason, "");
        cr_expect_eq(last.retry_after_ms, -1);
    }
    cr_expect_eq(stub_requests(stub), 50);
    cr_expect_eq(stub_connections(stub), 1, "the connection is used again");
    cr_expect_eq(httpc_active(httpc), 0);
    stop();
}

Test(httpc, other_methods)
{
    static const struct {
        const char *method, *body, *line; /* method NULL: post it */
        const char *length;               /* NULL: there must be none */
    } cases[] = {
        {"GET", "", "GET /submit HTTP/1.1\r\n", NULL},
        {NULL, "a=b", "POST /submit HTTP/1.1\r\n", "Content-Length: 3\r\n"},
        {"DELETE", "", "DELETE /submit HTTP/1.1\r\n", NULL},
        {NULL, "", "POST /submit HTTP/1.1\r\n", "Content-Length: 0\r\n"},
        {"PATCH", "{}", "PATCH /submit HTTP/1.1\r\n", "Content-Length: 2\r\n"},
        {"GET", "", "GET /submit HTTP/1.1\r\n", NULL},
        {"POST", "", "POST /submit HTTP/1.1\r\n", NULL},
        {"PUT", "x", "PUT /submit HTTP/1.1\r\n", "Content-Length: 1\r\n"},
    };
    start((struct stub_reply){.bytes = OK_ANSWER}, (struct stub_reply){.bytes = OK_ANSWER});
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct httpc_call one = {
            .url = url, .body = str_of(cases[i].body), .timeout_ms = 2000, .done = on_done};
        enum err err = cases[i].method == NULL ? httpc_post(httpc, &one)
                                               : httpc_request(httpc, cases[i].method, &one);
        cr_assert_eq(err, ERR_OK);
        cr_assert(drive_until_count(loop, &done, (unsigned)i + 1, 5000));
        cr_expect_eq(last.result, HTTPC_ANSWERED, "%zu: %s", i, last.reason);
        cr_expect(str_starts(str_of(seen), str_of(cases[i].line)), "%zu: %s", i, seen);
        const char *length = strstr(seen, "Content-Length:");
        cr_expect_eq(length != NULL, cases[i].length != NULL, "%zu: %s", i, seen);
        if (length != NULL && cases[i].length != NULL)
            cr_expect(str_starts(str_of(length), str_of(cases[i].length)), "%zu: %s", i, seen);
        cr_expect(str_of(strstr(seen, "\r\n\r\n")).n == 4 + strlen(cases[i].body), "%s", seen);
    }
    stop();
}

/* The reason for the guard: here is what happens without it. */
struct elsewhere {
    struct loop *loop;
    atomic_bool stop;
};

static void *turn_elsewhere(void *arg)
{
    struct elsewhere *e = arg;
    while (!atomic_load(&e->stop))
        loop_turn(e->loop, 10);
    return NULL;
}

static size_t ignore_body(char *bytes, size_t size, size_t count, void *arg)
{
    (void)bytes;
    (void)arg;
    return size * count;
}

static CURL *bare_handle(void)
{
    CURL *easy = curl_easy_init();
    cr_assert_not_null(easy);
    (void)curl_easy_setopt(easy, CURLOPT_URL, url);
    (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "to=1&text=hello");
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore_body);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 5000L);
    return easy;
}

static const struct stub_reply answers = {.bytes = OK_ANSWER}, reads_and_closes = {.close = true};

Test(httpc, libcurl_alone_sends_a_post_twice)
{
    pthread_t thread;
    start(answers, reads_and_closes);
    struct elsewhere e = {.loop = loop};
    cr_assert_eq(pthread_create(&thread, NULL, turn_elsewhere, &e), 0);
    CURL *easy = bare_handle();
    cr_expect_eq(curl_easy_perform(easy), CURLE_OK);
    cr_expect_eq(curl_easy_perform(easy), CURLE_OK, "it does not even tell");
    curl_easy_cleanup(easy);
    atomic_store(&e.stop, true);
    (void)pthread_join(thread, NULL);
    cr_expect_eq(stub_requests(stub), 3, "two calls, %u requests: is the guard still needed?",
                 stub_requests(stub));
    stop();
}

/* The server answers the first request of each connection. The next one it reads to its end, and
 * then it closes without an answer, as a carrier does that has accepted an SMS and then crashed. */
Test(httpc, never_sends_a_post_twice)
{
    enum { PAIRS = 100 };
    start(answers, reads_and_closes);
    for (unsigned i = 1; i <= PAIRS; i++) {
        call(HTTPC_ANSWERED, "the first on a connection");
        cr_expect_eq(stub_requests(stub), 2 * i - 1);
        call(HTTPC_UNKNOWN, "the second");
        cr_assert_eq(stub_requests(stub), 2 * i, "pair %u: %u requests arrived", i,
                     stub_requests(stub));
    }
    drive_for(loop, 50);
    cr_expect_eq(stub_requests(stub), 2 * PAIRS);
    stop();
}

Test(httpc, never_sends_a_post_twice_with_many_under_way)
{
    enum { ROUNDS = 50 };
    start(answers, reads_and_closes);
    for (unsigned i = 1; i <= ROUNDS; i++) {
        for (unsigned k = 0; k < MAX_CALLS; k++)
            cr_assert_eq(post_with(2000, 0), ERR_OK);
        cr_assert(drive_until_count(loop, &done, i * MAX_CALLS, 5000));
        cr_assert_eq(stub_requests(stub), i * MAX_CALLS);
    }
    cr_expect_eq(results[HTTPC_NOT_SENT], 0);
    cr_expect_gt(results[HTTPC_UNKNOWN], ROUNDS);
    stop();
}

Test(httpc, sends_once_on_a_connection_that_died_while_idle)
{
    start(answers, answers);
    for (unsigned i = 1; i <= 30; i++) {
        call(HTTPC_ANSWERED, "call");
        cr_assert_eq(stub_requests(stub), i);
        stub_close_all(stub);
    }
    cr_expect_eq(stub_connections(stub), 30);
    stop();
}

Test(httpc, not_sent_when_the_connection_is_refused)
{
    start(answers, answers);
    stub_free(stub);
    stub = NULL;
    call(HTTPC_NOT_SENT, "refused");
    cr_expect_str_neq(last.reason, "");
    cr_expect_eq(last.status, 0);
    (void)snprintf(url, sizeof(url), "http://host.invalid/");
    call(HTTPC_NOT_SENT, "no such host");
    (void)snprintf(url, sizeof(url), "file:///etc/hostname");
    call(HTTPC_NOT_SENT, "another protocol");
    (void)snprintf(url, sizeof(url), "http://");
    call(HTTPC_NOT_SENT, "no URL");
    stop();
}

Test(httpc, not_sent_when_the_lease_is_over)
{
    start(answers, answers);
    cr_assert_eq(post_with(2000, clock_mono_ms()), ERR_OK);
    cr_assert(drive_until_count(loop, &done, 1, 5000));
    cr_expect_eq(last.result, HTTPC_NOT_SENT);
    drive_for(loop, 50);
    cr_expect_eq(stub_requests(stub), 0);
    call(HTTPC_ANSWERED, "without a lease");
    cr_assert_eq(post_with(2000, clock_mono_ms()), ERR_OK, "also on a connection that stands");
    cr_assert(drive_until_count(loop, &done, 3, 5000));
    cr_expect_eq(last.result, HTTPC_NOT_SENT);
    cr_assert_eq(post_with(2000, clock_mono_ms() + 5000), ERR_OK);
    cr_assert(drive_until_count(loop, &done, 4, 5000));
    cr_expect_eq(last.result, HTTPC_ANSWERED);
    cr_expect_eq(stub_requests(stub), 2);
    stop();
}

Test(httpc, unknown_when_no_answer_comes_in_time)
{
    start((struct stub_reply){0}, (struct stub_reply){0});
    cr_assert_eq(post_with(200, 0), ERR_OK);
    cr_assert(drive_until_count(loop, &done, 1, 2000));
    cr_expect_eq(last.result, HTTPC_UNKNOWN);
    cr_expect_eq(stub_requests(stub), 1);
    stop();
}

Test(httpc, unknown_when_the_answer_is_not_whole)
{
    static const struct {
        const char *name, *bytes;
    } cases[] = {
        {"nothing", ""},
        {"half a status line", "HTTP/1.1 20"},
        {"a status line", "HTTP/1.1 200 OK\r\n"},
        {"half a head", "HTTP/1.1 200 OK\r\nContent-Le"},
        {"a head without its end", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"},
        {"no body", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"},
        {"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"},
        {"half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\no"},
        {"no last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"},
        {"only an interim answer", "HTTP/1.1 100 Continue\r\n\r\n"},
        {"an interim answer and half a head",
         "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Le"},
        {"another protocol", "SSH-2.0-OpenSSH_9.2\r\n"},
    };
    start(answers, answers);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        replies[0] = replies[1] = (struct stub_reply){.bytes = cases[i].bytes, .close = true};
        call(HTTPC_UNKNOWN, cases[i].name);
        cr_expect_eq(last.status, 0, "%s", cases[i].name);
        cr_expect_eq(stub_requests(stub), i + 1, "%s", cases[i].name);
    }
    stop();
}

Test(httpc, takes_an_answer_that_ends_with_the_connection)
{
    start((struct stub_reply){.bytes = "HTTP/1.1 200 OK\r\n\r\nok", .close = true}, answers);
    call(HTTPC_ANSWERED, "no length");
    cr_expect_str_eq(last_body, "ok");
    replies[0].bytes = "HTTP/1.1 100 Continue\r\n\r\n" OK_ANSWER;
    call(HTTPC_ANSWERED, "after an interim answer");
    cr_expect_eq(last.status, 200);
    stop();
}

Test(httpc, unknown_when_the_answer_is_too_long)
{
    static char bytes[400];
    (void)snprintf(bytes, sizeof(bytes), "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%0*d",
                   ANSWER_CAP, ANSWER_CAP, 1);
    start((struct stub_reply){.bytes = bytes, .close = true}, answers);
    call(HTTPC_ANSWERED, "the cap itself fits");
    (void)snprintf(bytes, sizeof(bytes), "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%0*d",
                   ANSWER_CAP + 1, ANSWER_CAP + 1, 1);
    call(HTTPC_UNKNOWN, "a byte more");
    stop();
}

Test(httpc, reads_retry_after)
{
    static const char busy[] =
        "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n";
    start((struct stub_reply){.bytes = busy}, answers);
    call(HTTPC_ANSWERED, "with it");
    cr_expect_eq(last.status, 429);
    cr_expect_eq(last.retry_after_ms, 7000);
    call(HTTPC_ANSWERED, "without it");
    cr_expect_eq(last.retry_after_ms, -1, "of an earlier answer");
    stop();
}

static char heads[2048];

static struct stub_reply on_head(void *arg, const struct stub_request *request)
{
    (void)arg;
    (void)snprintf(heads, sizeof(heads), "%.*s", (int)request->bytes.n, request->bytes.p);
    return answers;
}

/* An array on the stack has the same address in the next call, and other lines. */
static void post_with_header(const char *line)
{
    const char *const lines[] = {"Content-Type: application/json", line, NULL};
    const struct httpc_call with = {
        .url = url, .headers = lines, .body = STR("{}"), .timeout_ms = 2000, .done = on_done};
    unsigned before = done;
    cr_assert_eq(httpc_post(httpc, &with), ERR_OK);
    cr_assert(drive_until_count(loop, &done, before + 1, 5000));
    cr_expect_not_null(strstr(heads, line), "no %s in %s", line, heads);
    cr_expect_not_null(strstr(heads, "\r\nContent-Type: application/json\r\n"));
    cr_expect_null(strstr(heads, "Expect"));
}

Test(httpc, sends_the_headers_of_each_call)
{
    start(answers, answers);
    stub_free(stub);
    stub = stub_new(loop, on_head, NULL);
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/submit", stub_port(stub));
    post_with_header("X-Signature: 1");
    post_with_header("X-Signature: 2");
    cr_expect_null(strstr(heads, "X-Signature: 1"));
    call(HTTPC_ANSWERED, "none");
    cr_expect_null(strstr(heads, "X-Signature"));
    stop();
}

Test(httpc, refuses_more_than_its_calls)
{
    start((struct stub_reply){0}, (struct stub_reply){0});
    for (unsigned i = 0; i < MAX_CALLS; i++)
        cr_assert_eq(post_with(300, 0), ERR_OK);
    cr_expect_eq(post_with(300, 0), ERR_FULL);
    cr_expect_eq(httpc_active(httpc), MAX_CALLS);
    cr_assert(drive_until_count(loop, &done, MAX_CALLS, 3000));
    cr_expect_eq(httpc_active(httpc), 0);
    cr_expect_eq(post_with(300, 0), ERR_OK);
    stop();
}

static void on_done_post_again(void *arg, const struct httpc_answer *answer)
{
    on_done(arg, answer);
    cr_expect_eq(post_with(300, 0), ERR_IO, "it is being freed");
}

Test(httpc, ends_calls_under_way_when_freed)
{
    start((struct stub_reply){0}, (struct stub_reply){0});
    cr_assert_eq(post_with(5000, 0), ERR_OK);
    drive_for(loop, 50);
    cr_assert_eq(stub_requests(stub), 1);
    cr_assert_eq(post_with(5000, 0), ERR_OK); /* nothing of it has left */
    const struct httpc_call again = {.url = url, .timeout_ms = 5000, .done = on_done_post_again};
    cr_assert_eq(httpc_post(httpc, &again), ERR_OK);
    httpc_free(httpc);
    httpc = NULL;
    cr_expect_eq(done, 3);
    cr_expect_eq(results[HTTPC_UNKNOWN], 1);
    cr_expect_eq(results[HTTPC_NOT_SENT], 2);
    stop();
}
