#include "common/worker/worker.h"

#include "common/base/log.h"

#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A worker that notes which hooks were called. */
struct probe {
    char calls[128];
    enum err start_err;
    bool stop_at_start; /* asks itself to end */
    bool ready;
    bool never_drained;
    int turns_left;
};

static void note(struct probe *p, const char *call)
{
    (void)strncat(p->calls, call, sizeof(p->calls) - strlen(p->calls) - 1);
}

static enum err probe_start(struct worker_ctx *ctx, void *arg)
{
    struct probe *p = arg;
    note(p, "start ");
    cr_assert_not_null(ctx->loop);
    if (p->stop_at_start)
        (void)kill(getpid(), SIGTERM);
    return p->start_err;
}

static bool probe_ready(void *arg, const char **ret_why)
{
    const struct probe *p = arg;
    *ret_why = "waiting for Kafka";
    return p->ready;
}

static void probe_drain(void *arg)
{
    note(arg, "drain ");
}

static bool probe_drained(void *arg)
{
    struct probe *p = arg;
    note(p, p->turns_left > 0 ? "turn " : "");
    return !p->never_drained && p->turns_left-- <= 0;
}

static void probe_left(void *arg, struct buf *text)
{
    (void)arg;
    buf_text(text, "3 messages");
}

static void probe_stop(void *arg)
{
    note(arg, "stop ");
}

static int run(struct probe *p, const char *option)
{
    char name[] = "simulator";
    char *argv[] = {name, (char *)(uintptr_t)option, NULL};
    const struct worker worker = {
        .id = WORKER_SIMULATOR,
        .summary = "Is a test.",
        .start = probe_start,
        .ready = probe_ready,
        .drain = probe_drain,
        .drained = probe_drained,
        .left = probe_left,
        .stop = probe_stop,
        .arg = p,
    };
    cr_assert_eq(setenv("SMS_HEALTH_PORT", "0", 0), 0);
    cr_assert_eq(setenv("SMS_BIND_ADDRESS", "127.0.0.1", 1), 0);
    return worker_main(option != NULL ? 2 : 1, argv, &worker);
}

/* The same, with what goes to fd (1 or 2) as text. */
static int run_captured(struct probe *p, const char *option, int fd, char text[65536])
{
    int memory = memfd_create("output", 0);
    int before = dup(fd);
    cr_assert(memory >= 0 && before >= 0 && dup2(memory, fd) == fd);
    int status = run(p, option);
    cr_assert_eq(dup2(before, fd), fd);
    ssize_t n = pread(memory, text, 65535, 0);
    cr_assert(n >= 0);
    text[n] = '\0';
    (void)close(memory);
    (void)close(before);
    return status;
}

Test(worker, hooks_are_called_in_order)
{
    struct probe p = {.stop_at_start = true, .turns_left = 2};
    cr_expect_eq(run(&p, NULL), 0);
    cr_expect_str_eq(p.calls, "start drain turn turn stop ");
}

Test(worker, the_drain_has_a_deadline)
{
    static char text[65536];
    struct probe p = {.stop_at_start = true, .never_drained = true};
    cr_assert_eq(setenv("SMS_DRAIN_TIMEOUT", "0ms", 1), 0);
    cr_expect_eq(run_captured(&p, NULL, STDERR_FILENO, text), 0);
    cr_expect_str_eq(p.calls, "start drain stop ");
    cr_expect_not_null(
        strstr(text, " level=warn worker=simulator ev=drain_cut left=\"3 messages\""), "%s", text);
}

Test(worker, a_start_that_fails)
{
    static const struct {
        enum err err;
        int want;
    } cases[] = {{ERR_CONFIG, 78}, {ERR_IO, 1}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        static char text[65536];
        struct probe p = {.start_err = cases[i].err};
        cr_expect_eq(run_captured(&p, NULL, STDERR_FILENO, text), cases[i].want);
        cr_expect_str_eq(p.calls, "start stop ");
        cr_expect_not_null(strstr(text, "ev=start_failed"));
    }
}

Test(worker, wrong_settings_are_told_together)
{
    static char text[65536];
    struct probe p = {0};
    cr_assert_eq(setenv("SMS_LOG_LEVEL", "loud", 1), 0);
    cr_assert_eq(setenv("SMS_LOG_FROMAT", "json", 1), 0);
    cr_expect_eq(run_captured(&p, NULL, STDERR_FILENO, text), 78);
    cr_expect_str_eq(p.calls, "");
    cr_expect_str_eq(text, "simulator: the settings are wrong:\n"
                           "environment: SMS_LOG_FROMAT is not a setting; the nearest is "
                           "SMS_LOG_FORMAT\n"
                           "environment: SMS_LOG_LEVEL = \"loud\" is not one of error, warn, info "
                           "or debug\n");
}

Test(worker, a_taken_port_is_named_with_its_setting)
{
    static char text[65536];
    char port[8];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);
    struct probe p = {0};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    cr_assert_eq(listen(fd, 1), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    (void)snprintf(port, sizeof(port), "%d", ntohs(address.sin_port));
    cr_assert_eq(setenv("SMS_HEALTH_PORT", port, 1), 0);
    cr_expect_eq(run_captured(&p, NULL, STDERR_FILENO, text), 1);
    cr_expect_str_eq(p.calls, "");
    const char *at = strstr(text, "ev=port_taken address=127.0.0.1 port=");
    cr_assert_not_null(at, "%s", text);
    at = strchr(at, ' ');
    cr_expect_not_null(strstr(at, port));
    cr_expect_not_null(strstr(at, " setting=SMS_HEALTH_PORT"));
    (void)close(fd);
}

Test(worker, options_that_only_tell)
{
    static const struct {
        const char *option, *want;
    } cases[] = {
        {"--check-config", ""},
        {"--print-config", "SMS_HEALTH_PORT = 0 ; environment\n"},
        {"--sample-config", "#SMS_HEALTH_PORT = 9090\n"},
        {"--settings-doc", "| `SMS_HEALTH_PORT` | `9090` |"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        static char text[65536];
        struct probe p = {0};
        cr_expect_eq(run_captured(&p, cases[i].option, STDOUT_FILENO, text), 0);
        cr_expect_not_null(strstr(text, cases[i].want), "%s: %s", cases[i].option, text);
        cr_expect_str_eq(p.calls, "");
    }
}

/* --- as a process of its own --- */

struct child {
    pid_t pid;
    FILE *output;
};

static void child_start(struct child *child, struct probe *p, const char *option)
{
    int pipe_fds[2];
    cr_assert_eq(pipe(pipe_fds), 0);
    child->pid = fork();
    cr_assert(child->pid >= 0);
    if (child->pid == 0) {
        (void)dup2(pipe_fds[1], STDERR_FILENO);
        (void)dup2(pipe_fds[1], STDOUT_FILENO);
        _exit(run(p, option));
    }
    (void)close(pipe_fds[1]);
    child->output = fdopen(pipe_fds[0], "r");
    cr_assert_not_null(child->output);
}

/* The next line that has text in it. */
static void child_wait_for(struct child *child, const char *text, char line[4096])
{
    do
        cr_assert_not_null(fgets(line, 4096, child->output), "the output ended without %s", text);
    while (strstr(line, text) == NULL);
}

static int child_status(struct child *child)
{
    int status = 0;
    (void)fclose(child->output);
    cr_assert_eq(waitpid(child->pid, &status, 0), child->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static uint16_t port_in(const char *line)
{
    unsigned long long port = 0;
    const char *at = strstr(line, "health_port=") + strlen("health_port=");
    cr_assert(str_to_uint((struct str){at, strspn(at, "0123456789")}, 65535, &port));
    return (uint16_t)port;
}

static void ask(uint16_t port, const char *request, char answer[65536])
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    size_t got = 0;
    ssize_t n = 0;
    char text[256];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    (void)snprintf(text, sizeof(text), "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                   request);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    while (got < 65535 && (n = read(fd, answer + got, 65535 - got)) > 0)
        got += (size_t)n;
    answer[got] = '\0';
    (void)close(fd);
}

static void expect_answer(uint16_t port, const char *request, const char *status, const char *part)
{
    static char answer[65536];
    ask(port, request, answer);
    cr_expect(str_starts(str_of(answer), str_of(status)), "%s: %s", request, answer);
    cr_expect_not_null(strstr(answer, part), "%s: %s", request, answer);
}

Test(worker, health_port)
{
    char line[4096];
    struct child child;
    struct probe p = {.ready = true};
    child_start(&child, &p, NULL);
    child_wait_for(&child, "ev=up", line);
    uint16_t port = port_in(line);
    child_wait_for(&child, "ev=ready", line);
    expect_answer(port, "GET /healthz", "HTTP/1.1 200 ", "\r\n\r\nok\n");
    expect_answer(port, "GET /readyz", "HTTP/1.1 200 ", "\r\n\r\nready\n");
    expect_answer(port, "GET /metrics", "HTTP/1.1 200 ", "\nsms_ready 1\n");
    expect_answer(port, "GET /metrics", "HTTP/1.1 200 ",
                  "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n");
    expect_answer(port, "GET /other", "HTTP/1.1 404 ", "");
    expect_answer(port, "DELETE /readyz", "HTTP/1.1 405 ", "\r\nAllow: GET, HEAD\r\n");
    cr_expect_eq(kill(child.pid, SIGTERM), 0);
    child_wait_for(&child, "ev=down", line);
    cr_expect_eq(child_status(&child), 0);
}

Test(worker, not_ready_says_why_and_draining_is_not_ready)
{
    char line[4096];
    struct child child;
    struct probe p = {.ready = false, .never_drained = true};
    child_start(&child, &p, NULL);
    child_wait_for(&child, "ev=up", line);
    uint16_t port = port_in(line);
    expect_answer(port, "GET /readyz", "HTTP/1.1 503 ", "\r\n\r\nwaiting for Kafka\n");
    expect_answer(port, "GET /healthz", "HTTP/1.1 200 ", "");
    cr_expect_eq(kill(child.pid, SIGINT), 0);
    child_wait_for(&child, "ev=draining", line);
    expect_answer(port, "GET /readyz", "HTTP/1.1 503 ", "\r\n\r\ndraining\n");
    expect_answer(port, "GET /healthz", "HTTP/1.1 200 ", "");
    cr_expect_eq(kill(child.pid, SIGTERM), 0);
    cr_expect_eq(child_status(&child), 1, "a second signal ends it at once");
}

Test(worker, help_version_and_wrong_options)
{
    static const struct {
        const char *option, *want;
        int status;
    } cases[] = {
        {"--help", "SMS_SIMULATOR_PORT=8083", 0},
        {"--version", "simulator ", 0},
        {"--colour", "unrecognized option", 64},
        {"argument", "unexpected argument: argument", 64},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char line[4096];
        struct child child;
        struct probe p = {0};
        child_start(&child, &p, cases[i].option);
        child_wait_for(&child, cases[i].want, line);
        while (fgets(line, sizeof(line), child.output) != NULL)
            ; /* to its end, so that writing doesn't fail */
        cr_expect_eq(child_status(&child), cases[i].status, "%s", cases[i].option);
    }
}
