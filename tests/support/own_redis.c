#include "tests/support/own_redis.h"

#include "common/base/clock.h"
#include "tests/support/client.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_MS = 10000 };

/* Free now; between this and the server's start nobody else is likely to get it. */
static uint16_t free_port(void)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
    } at = {.in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t n = sizeof(at.in);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(fd >= 0 && bind(fd, &at.any, n) == 0 && getsockname(fd, &at.any, &n) == 0);
    (void)close(fd);
    return ntohs(at.in.sin_port);
}

static void run_server(const struct own_redis *o)
{
    char port[8];
    int quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);
    (void)snprintf(port, sizeof(port), "%u", o->port);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that crashes leaves no server behind */
    (void)dup2(quiet, STDOUT_FILENO);
    (void)dup2(quiet, STDERR_FILENO);
    (void)execlp("redis-server", "redis-server", "--port", port, "--bind", "127.0.0.1", "--dir",
                 o->folder, "--save", "", "--appendonly", "yes", "--appendfsync", o->appendfsync,
                 "--enable-debug-command", "yes", (char *)NULL);
    _exit(127);
}

void own_redis_start(struct own_redis *o)
{
    int64_t until_ms = clock_mono_ms() + START_MS;
    o->pid = fork();
    cr_assert_geq(o->pid, 0);
    if (o->pid == 0)
        run_server(o);
    for (;;) {
        struct client probe;
        cr_assert_eq(waitpid(o->pid, NULL, WNOHANG), 0, "redis-server ended: is it installed?");
        if (client_try(&probe, o->port)) {
            client_close(&probe);
            return;
        }
        cr_assert_lt(clock_mono_ms(), until_ms, "redis-server does not listen");
        (void)usleep(5000);
    }
}

void own_redis_init(struct own_redis *o, const char *appendfsync)
{
    *o = (struct own_redis){.appendfsync = appendfsync, .port = free_port()};
    (void)snprintf(o->folder, sizeof(o->folder), "/tmp/redis-test-XXXXXX");
    (void)snprintf(o->url, sizeof(o->url), "redis://127.0.0.1:%u", o->port);
    cr_assert_not_null(mkdtemp(o->folder));
    own_redis_start(o);
}

void own_redis_signal(const struct own_redis *o, int signal)
{
    cr_assert_gt(o->pid, 0);
    cr_assert_eq(kill(o->pid, signal), 0);
}

void own_redis_kill(struct own_redis *o)
{
    own_redis_signal(o, SIGKILL);
    (void)waitpid(o->pid, NULL, 0);
    o->pid = 0;
}

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *ftw)
{
    (void)stat;
    (void)kind;
    (void)ftw;
    return remove(path);
}

void own_redis_done(struct own_redis *o)
{
    if (o->pid > 0)
        own_redis_kill(o);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the test has one thread */
    (void)nftw(o->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
