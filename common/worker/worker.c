#include "common/worker/worker.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/io/versions.h"
#include "common/worker/health.h"
#include "common/worker/options.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

/* How long a turn may wait where nothing else bounds it. */
enum { TURN_MS = 1000, DRAIN_TURN_MS = 50 };

struct run {
    const struct worker *worker;
    struct worker_ctx ctx;
    struct health *health;
    sigset_t signals, signals_before;
    int signal_fd;
    bool stopping; /* the first signal came */
};

const char *worker_version(void)
{
    return WORKER_VERSION;
}

const char *worker_commit(void)
{
    return WORKER_COMMIT;
}

void worker_log_port_taken(const char *address, uint16_t port, const char *setting)
{
    LOG(LOG_ERROR, EV("port_taken"), KSTR("address", address), KINT("port", port),
        KSTR("setting", setting), KSTR("reason", "can't listen on it; is another process there?"));
}

static void on_signal(void *arg, int fd, int events)
{
    struct run *run = arg;
    struct signalfd_siginfo info;
    (void)events;
    while (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (run->stopping)
            _exit(EXIT_FAILURE); /* asked twice: whoever asks does not want to wait */
        run->stopping = true;
        health_draining(run->health);
        LOG(LOG_INFO, EV("draining"), KINT("signal", info.ssi_signo),
            KINT("timeout_ms", run->ctx.settings->drain_timeout_ms));
    }
}

/* Before anything can start a thread, so that every thread has them blocked. */
static void block_signals(struct run *run)
{
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigemptyset(&run->signals);
    (void)sigaddset(&run->signals, SIGTERM);
    (void)sigaddset(&run->signals, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &run->signals, &run->signals_before);
}

static enum err watch_signals(struct run *run)
{
    run->signal_fd = signalfd(-1, &run->signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (run->signal_fd < 0)
        return ERR_IO;
    return loop_watch(run->ctx.loop, run->signal_fd, LOOP_READ, on_signal, run);
}

static void raise_fd_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        LOG(LOG_WARN, EV("fd_limit"), KSTR("reason", "can't be raised"));
}

static void log_up(const struct run *run, const struct options *options)
{
    struct buf versions = {.cap = 1024};
    versions_write(&versions);
    const char *commit = *worker_commit() != '\0' ? worker_commit() : "unknown";
    LOG(LOG_INFO, EV("up"), KSTR("version", worker_version()), KSTR("commit", commit),
        KSTR("config", options->hash), KINT("pid", getpid()),
        KINT("health_port", health_port(run->health)), KVIEW("libraries", buf_view(&versions)));
    buf_done(&versions);
}

static enum err start(struct run *run, const struct options *options)
{
    enum err err = loop_new(&run->ctx.loop);
    if (!err)
        err = watch_signals(run);
    if (!err)
        err = health_new(&run->health, &run->ctx, run->worker);
    if (err)
        return err;
    log_up(run, options);
    err = run->worker->start(&run->ctx, run->worker->arg);
    if (err)
        run->worker->stop(run->worker->arg);
    else
        health_started(run->health);
    return err;
}

static bool is_drained(const struct worker *worker)
{
    return worker->drained == NULL || worker->drained(worker->arg);
}

static void log_cut(const struct worker *worker)
{
    struct buf left = {.cap = 1024};
    if (worker->left != NULL)
        worker->left(worker->arg, &left);
    LOG(LOG_WARN, EV("drain_cut"), KVIEW("left", buf_view(&left)),
        KSTR("reason", "SMS_DRAIN_TIMEOUT is over; what is left is done again by others"));
    buf_done(&left);
}

static void drain(struct run *run)
{
    const struct worker *worker = run->worker;
    int64_t deadline_ms = clock_mono_ms() + run->ctx.settings->drain_timeout_ms;
    if (worker->drain != NULL)
        worker->drain(worker->arg);
    while (!is_drained(worker)) {
        if (clock_mono_ms() >= deadline_ms) {
            log_cut(worker);
            return;
        }
        loop_turn(run->ctx.loop, DRAIN_TURN_MS);
    }
}

static void finish(struct run *run)
{
    health_free(run->health);
    if (run->signal_fd >= 0) {
        loop_unwatch(run->ctx.loop, run->signal_fd);
        (void)close(run->signal_fd);
    }
    loop_free(run->ctx.loop);
    metrics_free(run->ctx.metrics);
}

static int run_worker(struct run *run, const struct options *options)
{
    const struct worker *worker = run->worker;
    enum err err = start(run, options);
    if (err) {
        LOG(LOG_ERROR, EV("start_failed"), KERR(err));
        return err == ERR_CONFIG ? EX_CONFIG : EXIT_FAILURE;
    }
    while (!run->stopping)
        loop_turn(run->ctx.loop, TURN_MS);
    drain(run);
    /* The loop stands still now: a second signal must end the process by itself. */
    (void)pthread_sigmask(SIG_SETMASK, &run->signals_before, NULL);
    worker->stop(worker->arg);
    LOG(LOG_INFO, EV("down"));
    return 0;
}

int worker_main(int argc, char **argv, const struct worker *worker)
{
    struct options options;
    struct run run = {.worker = worker, .signal_fd = -1};
    block_signals(&run);
    options_read(&options, argc, argv, worker);
    int status = options.status;
    if (!options.done) {
        run.ctx.name = settings_worker_name(worker->id);
        run.ctx.settings = &options.settings;
        run.ctx.metrics = metrics_new(worker->metrics, worker->metric_count);
        log_init(run.ctx.name, (enum log_level)options.settings.log_level,
                 (enum log_format)options.settings.log_format, STDERR_FILENO);
        log_gather(true);
        raise_fd_limit();
        status = run_worker(&run, &options);
        finish(&run);
        log_gather(false);
    }
    options_done(&options);
    return status;
}
