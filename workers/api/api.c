#include "workers/api/api.h"

#include "common/base/log.h"
#include "common/io/kafka_topics.h"
#include "workers/api/admin.h"
#include "workers/api/gate.h"
#include "workers/api/poke.h"
#include "workers/api/reports.h"

enum {
    ANSWER_MARGIN_MS = 5000,
    ADMIN_CONNECTIONS = 64,
    REPORT_BODY_CAP = 64 * 1024,
    CLOSE_WAIT_MS = 5000,
    PRODUCER_QUEUE = 200000,
    LAST_REQUESTS_MS =
        1000, /* after the ports are closed: for what is on its way on connections that stand */
};

static const struct metric_def metric_defs[] = {API_METRICS(METRIC_DEF)};

static void serve(void *arg, struct httpd_req *own_req)
{
    struct api *api = arg;
    metrics_add(api->ctx->metrics, API_REQUESTS, 1);
    gate_serve(api, own_req);
}

static void serve_admin(void *arg, struct httpd_req *own_req)
{
    struct api *api = arg;
    metrics_add(api->ctx->metrics, API_ADMIN_REQUESTS, 1);
    admin_serve(arg, own_req);
}

static void serve_reports(void *arg, struct httpd_req *own_req)
{
    struct api *api = arg;
    metrics_add(api->ctx->metrics, API_REPORT_REQUESTS, 1);
    reports_serve(arg, own_req);
}

/* --- start and stop --- */

static enum err open_port(struct api *api, int which, uint16_t port, const char *setting,
                          httpd_fn handler)
{
    const struct settings *s = api->ctx->settings;
    const struct httpd_conf conf = {
        .address = s->bind_address,
        .port = port,
        .reuse_port = s->api_reuse_port,
        .body_cap_bytes =
            which == API_PORT_REPORTS ? REPORT_BODY_CAP : (size_t)s->api_body_limit_bytes,
        .max_connections =
            which == API_PORT_ADMIN ? ADMIN_CONNECTIONS : (unsigned)s->api_max_connections,
        .max_connections_per_address =
            which == API_PORT_CUSTOMERS ? (unsigned)s->api_max_connections_per_address : 0,
        .idle_timeout_s = (unsigned)(s->api_idle_timeout_ms / 1000),
        .read_timeout_ms = s->api_read_timeout_ms,
        .answer_timeout_ms = s->api_accept_timeout_ms + s->redis_timeout_ms + ANSWER_MARGIN_MS,
        .handler = handler,
        .arg = api,
        .streams = which == API_PORT_CUSTOMERS ? gate_streams : NULL,
        .stream_cap_bytes = (size_t)s->api_import_limit_bytes,
    };
    enum err err = httpd_new(&api->ports[which], api->ctx->loop, &conf);
    if (err != ERR_OK)
        worker_log_port_taken(s->bind_address, port, setting);
    return err;
}

static enum err open_ports(struct api *api)
{
    const struct settings *s = api->ctx->settings;
    enum err err = open_port(api, API_PORT_CUSTOMERS, s->api_port, "SMS_API_PORT", serve);
    if (err == ERR_OK)
        err = open_port(api, API_PORT_ADMIN, s->admin_port, "SMS_ADMIN_PORT", serve_admin);
    if (err == ERR_OK)
        err = open_port(api, API_PORT_REPORTS, s->reports_port, "SMS_REPORTS_PORT", serve_reports);
    return err;
}

static int64_t before_wait(void *arg)
{
    struct api *api = arg;
    views_flush(api->views, api->links.redis);
    return -1;
}

static void set_gauges(void *arg)
{
    struct api *api = arg;
    metrics_set(api->ctx->metrics, API_OPEN, httpd_pending(api->ports[API_PORT_CUSTOMERS]));
    metrics_set(api->ctx->metrics, API_CONNECTIONS,
                httpd_connections(api->ports[API_PORT_CUSTOMERS]));
}

static void close_ports(void *arg)
{
    struct api *api = arg;
    api->closed_mono_ms = loop_now_ms(api->ctx->loop);
    for (size_t i = 0; i < API_PORTS; i++)
        httpd_drain(api->ports[i]);
}

static enum err start(struct worker_ctx *ctx, void *arg)
{
    static const char *const topics[] = {TOPIC_DISPATCH_FAST, TOPIC_DISPATCH_BULK, TOPIC_REPORTS,
                                         NULL};
    struct api *api = arg;
    const struct links_conf links = {ctx->settings->api_accept_timeout_ms,
                                     ctx->settings->api_kafka_linger_ms, PRODUCER_QUEUE, topics};
    api->ctx = ctx;
    api->views = views_new();
    prices_init(api);
    auth_init(&api->auth);
    rates_init(&api->rates);
    tenants_init(&api->tenants);
    api->linger = (struct loop_timer){.fn = close_ports, .arg = api};
    metrics_before_write(ctx->metrics, set_gauges, api);
    enum err err = open_ports(
        api); /* their hooks come before the links': what handlers give leaves in the same turn */
    if (err != ERR_OK)
        return err;
    loop_hook(ctx->loop, before_wait, api);
    return links_open(&api->links, ctx, &links);
}

static bool ready(void *arg, const char **ret_why)
{
    const struct api *api = arg;
    return links_ready(&api->links, ret_why);
}

static void drain(void *arg)
{
    struct api *api = arg;
    loop_timer_set(api->ctx->loop, &api->linger,
                   loop_now_ms(api->ctx->loop) + api->ctx->settings->api_linger_ms);
}

static unsigned sum_ports(const struct api *api, unsigned (*count)(const struct httpd *httpd))
{
    unsigned sum = 0;
    for (size_t i = 0; i < API_PORTS; i++)
        sum += count(api->ports[i]);
    return sum;
}

/* Answers carry `Connection: close` by now, so the connections end by themselves, unless they are
 * idle. */
static bool drained(void *arg)
{
    const struct api *api = arg;
    if (api->closed_mono_ms == 0 || sum_ports(api, httpd_pending) > 0 ||
        views_waiting(api->views) > 0 || kafka_producer_waiting(api->links.producer) > 0)
        return false;
    return sum_ports(api, httpd_connections) == 0 ||
           loop_now_ms(api->ctx->loop) - api->closed_mono_ms >= LAST_REQUESTS_MS;
}

static void left(void *arg, struct buf *text)
{
    buf_printf(text, "%u requests without an answer", sum_ports(arg, httpd_pending));
}

static void stop(void *arg)
{
    struct api *api = arg;
    loop_timer_stop(api->ctx->loop, &api->linger);
    loop_unhook(api->ctx->loop, before_wait, api);
    prices_stop(api);
    links_close(&api->links,
                CLOSE_WAIT_MS); /* ends what waits for Kafka or Redis, so that it is answered */
    poke_stop_all(api);
    views_free(api->views); /* what Kafka took in these last moments is accepted, too */
    for (size_t i = 0; i < API_PORTS; i++)
        httpd_free(api->ports[i]);
    rates_done(&api->rates);
    tenants_done(&api->tenants);
    auth_done(&api->auth);
}

struct worker api_worker(struct api *api)
{
    return (struct worker){
        .id = WORKER_API,
        .summary =
            "Takes sends over HTTP, publishes them to Kafka, and answers what became of them.",
        .metrics = metric_defs,
        .metric_count = API_METRIC_COUNT,
        .start = start,
        .ready = ready,
        .drain = drain,
        .drained = drained,
        .left = left,
        .stop = stop,
        .arg = api,
    };
}
