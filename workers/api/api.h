/*
 * api.h - the worker that callers and carriers talk to.
 *
 * Three HTTP servers on one loop, each on a port of its own: the API, the admin API, and the
 * carriers' reports (the health port is the skeleton's). A handler authenticates, checks, publishes
 * or reads, and answers; while it waits for Kafka or Redis the connection is suspended and no
 * thread is held.
 *
 * Units    ms.
 * Owns     everything below.
 * Errors   ERR_CONFIG a setting is wrong; ERR_IO a port is taken.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_API_H
#define WORKERS_API_API_H

#include "common/io/httpd.h"
#include "common/worker/links.h"
#include "common/worker/metrics.h"
#include "common/worker/worker.h"
#include "workers/api/auth.h"
#include "workers/api/prices.h"
#include "workers/api/rate.h"
#include "workers/api/tenant.h"
#include "workers/api/views.h"

#define API_METRICS(X)                                                                             \
    X(API_REQUESTS, COUNTER, "sms_http_requests_total", "port=\"api\"",                            \
      "Requests that were whole.")                                                                 \
    X(API_REPORT_REQUESTS, COUNTER, "sms_http_requests_total", "port=\"reports\"",                 \
      "Requests that were whole.")                                                                 \
    X(API_ADMIN_REQUESTS, COUNTER, "sms_http_requests_total", "port=\"admin\"",                    \
      "Requests that were whole.")                                                                 \
    X(API_ACCEPTED, COUNTER, "sms_messages_accepted_total", "", "Messages of accepted sends.")     \
    X(API_NOT_ACCEPTED, COUNTER, "sms_sends_not_accepted_total", "",                               \
      "Sends that Kafka did not, or may not, have.")                                               \
    X(API_VIEWS_LEFT, COUNTER, "sms_views_left_total", "",                                         \
      "Accepted sends whose view is left to the sender.")                                          \
    X(API_RATE_LIMITED, COUNTER, "sms_requests_rate_limited_total", "",                            \
      "Requests beyond the rate of their key.")                                                    \
    X(API_BACKLOG_FULL, COUNTER, "sms_sends_backlog_full_total", "",                               \
      "Sends refused since too much of their account was on its way.")                             \
    X(API_FAST, COUNTER, "sms_chunks_published_total", "lane=\"fast\"",                            \
      "Chunks of accepted sends, by the lane they took.")                                          \
    X(API_BULK, COUNTER, "sms_chunks_published_total", "lane=\"bulk\"",                            \
      "Chunks of accepted sends, by the lane they took.")                                          \
    X(API_REPORTS, COUNTER, "sms_reports_received_total", "",                                      \
      "Delivery reports with a good signature.")                                                   \
    X(API_ACCEPT, HISTOGRAM, "sms_accept_seconds", "", "Time from a whole request to its 200.")    \
    X(API_OPEN, GAUGE, "sms_requests_open", "", "Requests waiting for Kafka or Redis.")            \
    X(API_CONNECTIONS, GAUGE, "sms_http_connections", "", "Connections to the API.")
enum { API_METRICS(METRIC_INDEX) API_METRIC_COUNT };

enum { API_PORT_CUSTOMERS, API_PORT_ADMIN, API_PORT_REPORTS, API_PORTS };

struct api {
    struct worker_ctx *ctx;
    struct links links;
    struct httpd *ports[API_PORTS];
    struct auth auth;
    struct rates rates;
    struct tenants tenants;
    struct views *views;
    struct prices prices;
    struct import *imports; /* under way (import.c) */
    struct export *exports; /* and of results (results.c) */
    struct poking *pokes;   /* that go on (poke.c) */
    int64_t imports_open;
    int64_t sends_open;       /* between their request and their answer */
    struct loop_timer linger; /* set after SIGTERM: until then requests are still taken */
    int64_t closed_mono_ms;   /* when the ports were closed; 0 = they are open */
};

struct worker api_worker(struct api *api);

#endif
