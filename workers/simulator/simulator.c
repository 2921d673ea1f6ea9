#include "workers/simulator/simulator.h"

#include "common/base/log.h"
#include "common/io/httpd.h"
#include "workers/simulator/carrier.h"
#include "workers/simulator/pages.h"

enum {
    BODY_BYTES = 1024 * 1024,
    MAX_CONNECTIONS = 8192,
    IDLE_S = 120,
    READ_MS = 30000,
    ANSWER_MS = 150000, /* above the longest latency */
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

struct simulator {
    struct httpd *httpd;
    struct carrier carrier;
    struct metrics *metrics;
};

struct route {
    const char *method, *path;
    void (*handler)(struct carrier *carrier, struct httpd_req *own_req);
};

static const struct route routes[] = {
    {"POST", "/v1/messages", carrier_submit},
    {"POST", "/v1/messages/batch", carrier_submit_batch},
    {"GET", "/stats", pages_stats},
    {"GET", "/references", pages_references},
    {"GET", "/messages", pages_messages},
    {"GET", "/behaviour", pages_get_behaviour},
    {"PUT", "/behaviour", pages_put_behaviour},
    {"POST", "/reset", pages_reset},
};

#define METRIC(name, help) X_##name,
enum { LEDGER_COUNTS(METRIC) METRIC_COUNT };
#undef METRIC

#define METRIC(name, help) {"sms_simulator_" #name "_total", METRIC_COUNTER, "", help},
static const struct metric_def metrics[] = {LEDGER_COUNTS(METRIC)};
#undef METRIC

static void refuse(struct httpd_req *own_req, struct str path)
{
    struct buf allow = {.cap = 64};
    for (size_t i = 0; i < COUNT_OF(routes); i++) {
        if (!str_eq(path, str_of(routes[i].path)))
            continue;
        buf_text(&allow, allow.n > 0 ? ", " : "");
        buf_text(&allow, routes[i].method);
    }
    if (allow.n == 0)
        replies_refuse(own_req, 404, "no such path", NULL);
    else
        replies_refuse(own_req, 405, "no such method here",
                       &(struct httpd_header){"Allow", allow.p});
    buf_done(&allow);
}

static void on_request(void *arg, struct httpd_req *own_req)
{
    struct simulator *simulator = arg;
    struct str path = httpd_path(own_req);
    const char *method = httpd_method(own_req);
    for (size_t i = 0; i < COUNT_OF(routes); i++) {
        if (str_eq(path, str_of(routes[i].path)) && strcmp(method, routes[i].method) == 0) {
            routes[i].handler(&simulator->carrier, own_req);
            return;
        }
    }
    refuse(own_req, path);
}

/* A reset takes the counters back to zero; who reads them sees that as a restart. */
static void set_metrics(void *arg)
{
    struct simulator *simulator = arg;
    const struct ledger_counts *counts = ledger_get_counts(simulator->carrier.ledger);
#define METRIC(name, help)                                                                         \
    metrics_add(simulator->metrics, X_##name,                                                      \
                counts->name - metrics_get(simulator->metrics, X_##name));
    LEDGER_COUNTS(METRIC)
#undef METRIC
}

static enum err start(struct worker_ctx *ctx, void *arg)
{
    struct simulator *simulator = arg;
    const struct settings *settings = ctx->settings;
    const struct httpd_conf conf = {
        .address = settings->bind_address,
        .port = settings->simulator_port,
        .reuse_port = settings->simulator_reuse_port,
        .body_cap_bytes = BODY_BYTES,
        .max_connections = MAX_CONNECTIONS,
        .idle_timeout_s = IDLE_S,
        .read_timeout_ms = READ_MS,
        .answer_timeout_ms = ANSWER_MS,
        .handler = on_request,
        .arg = simulator,
    };
    enum err err = carrier_init(&simulator->carrier, ctx->loop);
    if (err) {
        LOG(LOG_ERROR, EV("start_failed"), KSTR("what", "report client"), KERR(err));
        return err;
    }
    err = httpd_new(&simulator->httpd, ctx->loop, &conf);
    if (err) {
        worker_log_port_taken(conf.address, conf.port, "SMS_SIMULATOR_PORT");
        return err;
    }
    simulator->metrics = ctx->metrics;
    metrics_before_write(ctx->metrics, set_metrics, simulator);
    LOG(LOG_INFO, EV("listening"), KSTR("address", conf.address),
        KINT("port", httpd_port(simulator->httpd)));
    return ERR_OK;
}

static bool ready(void *arg, const char **ret_why)
{
    (void)arg;
    (void)ret_why;
    return true; /* it stands alone */
}

static void drain(void *arg)
{
    struct simulator *simulator = arg;
    httpd_drain(simulator->httpd);
    replies_drain(simulator->carrier.replies);
    reports_hold(simulator->carrier.reports, false);
}

static bool drained(void *arg)
{
    const struct simulator *simulator = arg;
    return httpd_pending(simulator->httpd) == 0 && reports_pending(simulator->carrier.reports) == 0;
}

static void left(void *arg, struct buf *text)
{
    const struct simulator *simulator = arg;
    buf_printf(text, "%u requests without an answer, %zu reports not taken",
               httpd_pending(simulator->httpd), reports_pending(simulator->carrier.reports));
}

static void stop(void *arg)
{
    struct simulator *simulator = arg;
    httpd_free(simulator->httpd);
    simulator->httpd = NULL;
    carrier_done(&simulator->carrier);
}

struct simulator *simulator_new(void)
{
    return xalloc(sizeof(struct simulator));
}

void simulator_free(struct simulator *own_simulator)
{
    xfree(own_simulator);
}

struct worker simulator_worker(struct simulator *simulator)
{
    return (struct worker){
        .id = WORKER_SIMULATOR,
        .summary = "A carrier for trying out and testing: accepts, reports, and misbehaves on "
                   "demand.",
        .metrics = metrics,
        .metric_count = METRIC_COUNT,
        .start = start,
        .ready = ready,
        .drain = drain,
        .drained = drained,
        .left = left,
        .stop = stop,
        .arg = simulator,
    };
}
