#include "common/worker/health.h"

#include "common/base/log.h"
#include "common/io/httpd.h"

enum {
    PAGE_CAP = 4 * 1024 * 1024,
    CONNECTIONS = 64,
    IDLE_S = 30,
    TIMEOUT_MS = 5000,
    WATCH_MS = 200,
};

enum state { STARTING, STARTED, DRAINING };

struct health {
    struct worker_ctx ctx;
    const struct worker *worker;
    struct httpd *httpd;
    enum state state;
    bool was_ready; /* as last logged */
    struct loop_timer watch;
};

static bool is_ready(const struct health *health, const char **ret_why)
{
    *ret_why = health->state == DRAINING ? "draining" : "starting";
    if (health->state != STARTED)
        return false;
    *ret_why = "not ready";
    return health->worker->ready == NULL || health->worker->ready(health->worker->arg, ret_why);
}

static void answer_text(struct httpd_req *own_req, int status, const char *text)
{
    struct buf body = {.cap = 1024};
    buf_text(&body, text);
    buf_char(&body, '\n');
    httpd_answer(own_req, &(struct httpd_answer){.status = status,
                                                 .content_type = "text/plain; charset=utf-8",
                                                 .body = buf_view(&body),
                                                 .headers = {{"Cache-Control", "no-store"}}});
    buf_done(&body);
}

static void answer_healthz(struct health *health, struct httpd_req *own_req)
{
    (void)health;
    answer_text(own_req, 200, "ok");
}

static void answer_readyz(struct health *health, struct httpd_req *own_req)
{
    const char *why = NULL;
    bool ready = is_ready(health, &why);
    answer_text(own_req, ready ? 200 : 503, ready ? "ready" : why);
}

static void answer_metrics(struct health *health, struct httpd_req *own_req)
{
    struct buf page = {.cap = PAGE_CAP};
    const char *why = NULL;
    metrics_write_build(&page, health->ctx.name, worker_version(), worker_commit());
    buf_printf(&page,
               "# HELP sms_ready Whether the worker can do its work.\n"
               "# TYPE sms_ready gauge\nsms_ready %d\n",
               is_ready(health, &why));
    metrics_write_process(&page);
    metrics_write(health->ctx.metrics, &page);
    httpd_answer(own_req,
                 &(struct httpd_answer){.status = 200,
                                        .content_type = "text/plain; version=0.0.4; charset=utf-8",
                                        .body = buf_view(&page)});
    buf_done(&page);
}

static const struct {
    struct str path;
    void (*answer)(struct health *health, struct httpd_req *own_req);
} pages[] = {
    {{"/healthz", 8}, answer_healthz},
    {{"/readyz", 7}, answer_readyz},
    {{"/metrics", 8}, answer_metrics},
};

static void on_request(void *arg, struct httpd_req *own_req)
{
    const char *method = httpd_method(own_req);
    bool get = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        if (!str_eq(httpd_path(own_req), pages[i].path))
            continue;
        if (get)
            pages[i].answer(arg, own_req);
        else
            httpd_answer(own_req, &(struct httpd_answer){.status = 405,
                                                         .headers = {{"Allow", "GET, HEAD"}}});
        return;
    }
    answer_text(own_req, 404, "not found: there are /healthz, /readyz and /metrics");
}

static void on_watch(void *arg)
{
    struct health *health = arg;
    const char *why = NULL;
    bool ready = is_ready(health, &why);
    if (ready != health->was_ready) {
        health->was_ready = ready;
        if (ready)
            LOG(LOG_INFO, EV("ready"));
        else
            LOG(LOG_WARN, EV("not_ready"), KSTR("reason", why));
    }
    loop_timer_set(health->ctx.loop, &health->watch, loop_now_ms(health->ctx.loop) + WATCH_MS);
}

enum err health_new(struct health **ret_health, const struct worker_ctx *ctx,
                    const struct worker *worker)
{
    const struct settings *settings = ctx->settings;
    struct health *health = xalloc(sizeof(*health));
    health->ctx = *ctx;
    health->worker = worker;
    health->watch = (struct loop_timer){.fn = on_watch, .arg = health};
    const struct httpd_conf conf = {
        .address = settings->bind_address,
        .port = settings->health_port,
        .body_cap_bytes = 1024,
        .max_connections = CONNECTIONS,
        .idle_timeout_s = IDLE_S,
        .read_timeout_ms = TIMEOUT_MS,
        .answer_timeout_ms = TIMEOUT_MS,
        .handler = on_request,
        .arg = health,
    };
    enum err err = httpd_new(&health->httpd, ctx->loop, &conf);
    if (err) {
        worker_log_port_taken(conf.address, conf.port, "SMS_HEALTH_PORT");
        xfree(health);
        return err;
    }
    *ret_health = health;
    return ERR_OK;
}

void health_free(struct health *own_health)
{
    if (own_health == NULL)
        return;
    loop_timer_stop(own_health->ctx.loop, &own_health->watch);
    httpd_free(own_health->httpd);
    xfree(own_health);
}

void health_started(struct health *health)
{
    health->state = STARTED;
    on_watch(health);
}

void health_draining(struct health *health)
{
    health->state = DRAINING;
    loop_timer_stop(health->ctx.loop, &health->watch);
}

uint16_t health_port(const struct health *health)
{
    return httpd_port(health->httpd);
}
