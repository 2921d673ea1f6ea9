/*
 * settings.h - every setting of every worker, in one list.
 *
 * To add one: add a row below, then let a worker write config/sms.conf (--sample-config) and
 * config/settings.md (--settings-doc) anew; a test compares them. The row makes the member of
 * struct settings, the parsing, the bounds, --help and the documentation.
 *
 * Units    members end in theirs; ms, bytes, and milli (1/1000) are int64_t.
 * Owns     a struct settings its strings (settings_done).
 * Errors   ERR_CONFIG a setting, or more than one, is wrong: the text names them all.
 * Threads  read only after loading.
 */
#ifndef COMMON_WORKER_SETTINGS_H
#define COMMON_WORKER_SETTINGS_H

#include "common/base/buf.h"
#include "common/base/conf.h"
#include "common/base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Must be in the order of the names in settings.c. */
enum worker_id {
    WORKER_API,
    WORKER_EXPANDER,
    WORKER_SENDER,
    WORKER_SCHEDULER,
    WORKER_RECEIPTS,
    WORKER_SIMULATOR,
    WORKER_CTL,
    WORKER_COUNT
};

enum {
    USED_BY_API = 1 << WORKER_API,
    USED_BY_EXPANDER = 1 << WORKER_EXPANDER,
    USED_BY_SENDER = 1 << WORKER_SENDER,
    USED_BY_SCHEDULER = 1 << WORKER_SCHEDULER,
    USED_BY_RECEIPTS = 1 << WORKER_RECEIPTS,
    USED_BY_SIMULATOR = 1 << WORKER_SIMULATOR,
    USED_BY_CTL = 1 << WORKER_CTL,
    USED_BY_ALL = (1 << WORKER_COUNT) - 1,
    USED_BY_LOOPS = USED_BY_ALL & ~USED_BY_CTL,        /* run until they are told to stop */
    USED_BY_STORES = USED_BY_ALL & ~USED_BY_SIMULATOR, /* talk to Kafka and Redis */
};

/* The values of rate_cost. */
enum { RATE_COST_MESSAGES, RATE_COST_PARTS };

/* In milliseconds. */
#define SETTINGS_S(n) ((n)*INT64_C(1000))
#define SETTINGS_H(n) ((n)*INT64_C(3600000))
#define SETTINGS_D(n) ((n)*INT64_C(86400000))
/* In bytes. */
#define SETTINGS_MIB(n) ((n)*INT64_C(1048576))
/* In 1/1000 of a currency. */
#define SETTINGS_PRICE_MAX INT64_C(1000000000)

/* type, member, name, default, min, max, flags, who uses it, words, help */
#define SETTINGS(X)                                                                                \
    X(ENUM, log_level, "SMS_LOG_LEVEL", "info", 0, 0, 0, USED_BY_ALL, log_levels,                  \
      "The least important lines that are logged.")                                                \
    X(ENUM, log_format, "SMS_LOG_FORMAT", "logfmt", 0, 0, 0, USED_BY_ALL, log_formats,             \
      "How a log line is written: key=value pairs, or one JSON object.")                           \
    X(STR, bind_address, "SMS_BIND_ADDRESS", "0.0.0.0", 2, 45, 0, USED_BY_LOOPS, NULL,             \
      "The numeric address that all ports of a worker listen on; \"::\" for IPv6.")                \
    X(PORT, health_port, "SMS_HEALTH_PORT", "9090", 0, 65535, 0, USED_BY_LOOPS, NULL,              \
      "The port of /healthz, /readyz and /metrics.")                                               \
    X(MS, drain_timeout_ms, "SMS_DRAIN_TIMEOUT", "25s", 0, SETTINGS_S(600), 0, USED_BY_LOOPS,      \
      NULL,                                                                                        \
      "After SIGTERM: how long work in flight may take to finish. Whoever stops the worker must "  \
      "wait longer before killing it.")                                                            \
    X(BOOL, dev, "SMS_DEV", "false", 0, 0, 0, USED_BY_STORES, NULL,                                \
      "Accept a Redis that may lose what it has answered (without appendfsync always). For "       \
      "trying out, never where messages matter.")                                                  \
    X(STR, kafka_brokers, "SMS_KAFKA_BROKERS", "localhost:9092", 1, 4096, 0, USED_BY_STORES, NULL, \
      "Kafka brokers to begin with, as host:port, separated by commas.")                           \
    X(URL, redis_url, "SMS_REDIS_URL", "redis://localhost:6379", 9, 1024, CONF_SECRET,             \
      USED_BY_STORES, redis_schemes,                                                               \
      "Where Redis is: redis://[user:password@]host[:port][/database].")                           \
    X(MS, redis_timeout_ms, "SMS_REDIS_TIMEOUT", "2s", 50, SETTINGS_S(60), 0, USED_BY_STORES,      \
      NULL, "How long Redis may take to answer before its connection is given up and made anew.")  \
    X(INT, due_shards, "SMS_DUE_SHARDS", "4", 1, 64, 0,                                            \
      USED_BY_EXPANDER | USED_BY_SENDER | USED_BY_SCHEDULER, NULL,                                 \
      "Into how many parts the delay queue is split. The same for all workers, and never less "    \
      "than before while the queue holds anything.")                                               \
    X(INT, kafka_partitions, "SMS_KAFKA_PARTITIONS", "6", 1, 1000, 0, USED_BY_CTL, NULL,           \
      "Partitions of each topic when it is created: as many workers of a kind can share it.")      \
    X(INT, kafka_replication, "SMS_KAFKA_REPLICATION", "1", 1, 10, 0, USED_BY_CTL, NULL,           \
      "Copies of each topic when it is created; 3 where no broker's loss may lose messages.")      \
    X(MS, kafka_retention_ms, "SMS_KAFKA_RETENTION", "35d", SETTINGS_H(1), SETTINGS_D(400), 0,     \
      USED_BY_CTL, NULL, "How long a topic keeps its records when it is created.")                 \
    X(PORT, api_port, "SMS_API_PORT", "8080", 0, 65535, 0, USED_BY_API, NULL,                      \
      "The port of the API.")                                                                      \
    X(BOOL, api_reuse_port, "SMS_API_REUSE_PORT", "false", 0, 0, 0, USED_BY_API, NULL,             \
      "Several api processes on one machine share their ports; the kernel spreads connections.")   \
    X(INT, api_max_connections, "SMS_API_MAX_CONNECTIONS", "4096", 1, 1000000, 0, USED_BY_API,     \
      NULL,                                                                                        \
      "Connections to the API at a time. When nearly all are taken, those that have been idle "    \
      "longest are closed.")                                                                       \
    X(INT, api_max_connections_per_address, "SMS_API_MAX_CONNECTIONS_PER_ADDRESS", "1024", 0,      \
      1000000, 0, USED_BY_API, NULL,                                                               \
      "Connections from one address at a time; further ones are closed. 0: as many as from all; "  \
      "so behind a proxy, from whose address all come.")                                           \
    X(MS, api_idle_timeout_ms, "SMS_API_IDLE_TIMEOUT", "75s", SETTINGS_S(1), SETTINGS_S(3600), 0,  \
      USED_BY_API, NULL,                                                                           \
      "When a silent connection is closed; longer than load balancers keep idle ones.")            \
    X(MS, api_read_timeout_ms, "SMS_API_READ_TIMEOUT", "30s", 100, SETTINGS_S(3600), 0,            \
      USED_BY_API, NULL, "How long a client may take to send one request, or to read its answer.") \
    X(BYTES, api_body_limit_bytes, "SMS_API_BODY_LIMIT", "1m", 1024, SETTINGS_MIB(64), 0,          \
      USED_BY_API, NULL, "The longest request body; a longer one is answered with 413.")           \
    X(BYTES, api_import_limit_bytes, "SMS_API_IMPORT_LIMIT", "1024m", 1024, SETTINGS_MIB(1048576), \
      0, USED_BY_API, NULL, "The longest file of contacts that is imported.")                      \
    X(INT, api_max_imports, "SMS_API_MAX_IMPORTS", "8", 1, 1000, 0, USED_BY_API, NULL,             \
      "Imports of contacts that a process works at, of one account half as many; further ones "    \
      "are answered with 503.")                                                                    \
    X(MS, api_accept_timeout_ms, "SMS_API_ACCEPT_TIMEOUT", "10s", 100, SETTINGS_S(60), 0,          \
      USED_BY_API, NULL,                                                                           \
      "How long a send may wait for Kafka's acknowledgement before it is answered with 503.")      \
    X(MS, api_kafka_linger_ms, "SMS_API_KAFKA_LINGER", "1ms", 0, 100, 0, USED_BY_API, NULL,        \
      "How long a send waits for others to go to Kafka together: longer costs less for each, and " \
      "every caller waits that long.")                                                             \
    X(INT, api_max_pending, "SMS_API_MAX_PENDING", "20000", 1, 1000000, 0, USED_BY_API, NULL,      \
      "Sends that may wait for Kafka at a time; further ones are answered with 503.")              \
    X(MS, api_key_cache_ms, "SMS_API_KEY_CACHE", "2s", 0, SETTINGS_S(60), 0, USED_BY_API, NULL,    \
      "How long an API key's account is remembered: a revoked key works that much longer.")        \
    X(INT, api_rate, "SMS_API_RATE", "0", 0, 1000000, 0, USED_BY_API, NULL,                        \
      "Requests a second of one API key, where neither the key nor its account has a limit of "    \
      "its "                                                                                       \
      "own; 0: any number.")                                                                       \
    X(INT, api_rate_burst, "SMS_API_RATE_BURST", "0", 0, 1000000, 0, USED_BY_API, NULL,            \
      "Requests of one API key at once, likewise; 0: as many as in a second.")                     \
    X(INT, fast_rate, "SMS_FAST_RATE", "100", 1, 1000000, 0, USED_BY_API, NULL,                    \
      "Messages a second that may take the fast lane, of an account that has no rate of its own; " \
      "beyond it they go the bulk way. As many one-time codes (VERIFY) may besides.")              \
    X(INT, account_open_max, "SMS_ACCOUNT_OPEN_MAX", "10000000", 0, 1000000000000, 0, USED_BY_API, \
      NULL,                                                                                        \
      "Messages that may be on their way (QUEUED or SENDING), of an account that has no limit of " \
      "its own; past it sends are answered with 429. 0: any number.")                              \
    X(MS, api_idempotency_life_ms, "SMS_API_IDEMPOTENCY_LIFE", "24h", SETTINGS_S(60),              \
      SETTINGS_D(7), 0, USED_BY_API, NULL,                                                         \
      "How long the answer to a request with an Idempotency-Key is kept for its repeats.")         \
    X(BYTES, api_idempotency_room_bytes, "SMS_API_IDEMPOTENCY_ROOM", "64m", 0, SETTINGS_MIB(4096), \
      0, USED_BY_API, NULL,                                                                        \
      "How much of an account's answers of more than 4 KB is kept in that time. A repeat of a "    \
      "request whose answer was not kept is told that it was carried out.")                        \
    X(MS, api_linger_ms, "SMS_API_LINGER", "1s", 0, SETTINGS_S(60), 0, USED_BY_API, NULL,          \
      "After SIGTERM: how long requests are still taken, so that load balancers can notice that "  \
      "/readyz answers 503.")                                                                      \
    X(PORT, admin_port, "SMS_ADMIN_PORT", "8081", 0, 65535, 0, USED_BY_API, NULL,                  \
      "The port of the admin API.")                                                                \
    X(STR, admin_token, "SMS_ADMIN_TOKEN", "", 16, 256,                                            \
      CONF_SECRET | CONF_REQUIRED_OF(USED_BY_API), USED_BY_API | USED_BY_CTL, NULL,                \
      "What an operator proves itself with at the admin API.")                                     \
    X(URL, admin_url, "SMS_ADMIN_URL", "http://localhost:8081", 8, 512, 0, USED_BY_CTL,            \
      http_schemes, "Where sms-ctl reaches the admin API.")                                        \
    X(PORT, reports_port, "SMS_REPORTS_PORT", "8082", 0, 65535, 0, USED_BY_API, NULL,              \
      "The port on which carriers deliver reports and inbound messages.")                          \
    X(STR, reports_secret, "SMS_REPORTS_SECRET", "", 16, 256, CONF_SECRET | CONF_REQUIRED,         \
      USED_BY_API | USED_BY_SENDER, NULL,                                                          \
      "Signs the report URLs that carriers are given, so that nobody else can report. The same "   \
      "for all workers.")                                                                          \
    X(URL, reports_url, "SMS_REPORTS_URL", "http://localhost:8082", 8, 512, 0, USED_BY_SENDER,     \
      http_schemes, "Where a carrier reaches SMS_REPORTS_PORT; report URLs begin with it.")        \
    X(STR, carriers_file, "SMS_CARRIERS_FILE", "config/carriers.json", 1, 4096, 0, USED_BY_SENDER, \
      NULL, "The file that lists the carriers.")                                                   \
    X(STR, dns_servers, "SMS_DNS_SERVERS", "", 2, 1024, 0, USED_BY_SENDER, NULL,                   \
      "The DNS servers that are asked for carriers' hosts, as address[:port], separated by "       \
      "commas. Empty: those of /etc/resolv.conf.")                                                 \
    X(INT, sender_window_fast, "SMS_SENDER_WINDOW_FAST", "256", 1, 10000, 0, USED_BY_SENDER, NULL, \
      "Messages of the fast lane at the carriers at a time.")                                      \
    X(INT, sender_window_bulk, "SMS_SENDER_WINDOW_BULK", "256", 1, 10000, 0, USED_BY_SENDER, NULL, \
      "Messages of the bulk lane at the carriers at a time.")                                      \
    X(ENUM, rate_cost, "SMS_RATE_COST", "messages", 0, 0, 0, USED_BY_SENDER, rate_costs,           \
      "What the rates of accounts, their senders and sends count: messages, or their parts.")      \
    X(MS, sender_record_within_ms, "SMS_SENDER_RECORD_WITHIN", "5ms", 0, 20, 0, USED_BY_SENDER,    \
      NULL, "How long carriers' answers are gathered before they are recorded together.")          \
    X(MS, sender_retry_base_ms, "SMS_SENDER_RETRY_BASE", "1s", 10, SETTINGS_H(1), 0,               \
      USED_BY_SENDER, NULL, "The first wait before a retry; it doubles with each attempt.")        \
    X(MS, sender_retry_max_ms, "SMS_SENDER_RETRY_MAX", "5m", 10, SETTINGS_D(1), 0, USED_BY_SENDER, \
      NULL, "The longest wait before a retry.")                                                    \
    X(INT, sender_max_attempts, "SMS_SENDER_MAX_ATTEMPTS", "100", 1, 10000, 0, USED_BY_SENDER,     \
      NULL,                                                                                        \
      "How often a message is tried that the carrier surely did not get; then it is FAILED. "      \
      "Being "                                                                                     \
      "throttled counts a tenth. With the default waits 100 attempts take about four hours.")      \
    X(MS, sender_unknown_after_ms, "SMS_SENDER_UNKNOWN_AFTER", "1h", SETTINGS_S(1), SETTINGS_D(7), \
      0, USED_BY_SENDER, NULL,                                                                     \
      "How long a message whose outcome is unknown waits for a report before it is FAILED.")       \
    X(MS, quiet_jitter_ms, "SMS_QUIET_JITTER", "60s", 0, SETTINGS_H(1), 0, USED_BY_SENDER, NULL,   \
      "Up to how much later than their end what waited for quiet hours goes on, so that not all "  \
      "goes on at once.")                                                                          \
    X(MS, message_validity_ms, "SMS_MESSAGE_VALIDITY", "3d", SETTINGS_S(10), SETTINGS_D(14), 0,    \
      USED_BY_API, NULL,                                                                           \
      "How long after its time a message may still be sent; then it is FAILED.")                   \
    SETTINGS_PRICES(X, NOK, nok, "0.99", "99.0")                                                   \
    SETTINGS_PRICES(X, SEK, sek, "0.99", "0.0")                                                    \
    SETTINGS_PRICES(X, DKK, dkk, "0.79", "0.0")                                                    \
    SETTINGS_PRICES(X, EUR, eur, "0.10", "0.0")                                                    \
    SETTINGS_PRICES(X, USD, usd, "0.10", "0.0")                                                    \
    X(MS, scheduler_lease_ms, "SMS_SCHEDULER_LEASE", "10s", SETTINGS_S(1), SETTINGS_S(600), 0,     \
      USED_BY_SCHEDULER, NULL,                                                                     \
      "How long a scheduler keeps what it took out of the delay queue before another may take "    \
      "it.")                                                                                       \
    X(INT, scheduler_batch, "SMS_SCHEDULER_BATCH", "200", 1, 10000, 0, USED_BY_SCHEDULER, NULL,    \
      "Records taken out of the delay queue at a time.")                                           \
    X(MS, scheduler_poll_ms, "SMS_SCHEDULER_POLL", "25ms", 5, SETTINGS_S(60), 0,                   \
      USED_BY_SCHEDULER, NULL, "How often the delay queue is looked at when nothing was due.")     \
    X(PORT, simulator_port, "SMS_SIMULATOR_PORT", "8083", 0, 65535, 0, USED_BY_SIMULATOR, NULL,    \
      "The port of the carrier simulator.")                                                        \
    X(BOOL, simulator_reuse_port, "SMS_SIMULATOR_REUSE_PORT", "false", 0, 0, 0, USED_BY_SIMULATOR, \
      NULL, "Several simulators on one machine share the port.")

/* The prices of one currency. */
#define SETTINGS_PRICES(X, NAME, member, unit, sender)                                             \
    X(MILLI, price_##member##_milli, "SMS_PRICE_" #NAME, unit, 0, SETTINGS_PRICE_MAX, 0,           \
      USED_BY_API, NULL,                                                                           \
      "What a sent unit costs accounts in " #NAME ". A change takes effect with the next month.")  \
    X(MILLI, price_inbound_##member##_milli, "SMS_PRICE_INBOUND_" #NAME, "0.0", 0,                 \
      SETTINGS_PRICE_MAX, 0, USED_BY_API, NULL,                                                    \
      "What a received message costs accounts in " #NAME                                           \
      ". A change takes effect with the next month.")                                              \
    X(MILLI, price_sender_##member##_milli, "SMS_PRICE_SENDER_" #NAME, sender, 0,                  \
      SETTINGS_PRICE_MAX, 0, USED_BY_API, NULL,                                                    \
      "What a custom sender costs accounts in " #NAME " a month.")

#define SETTINGS_TYPE_INT   int64_t
#define SETTINGS_TYPE_BOOL  bool
#define SETTINGS_TYPE_STR   char *
#define SETTINGS_TYPE_MS    int64_t
#define SETTINGS_TYPE_BYTES int64_t
#define SETTINGS_TYPE_MILLI int64_t
#define SETTINGS_TYPE_ENUM  int
#define SETTINGS_TYPE_PORT  uint16_t
#define SETTINGS_TYPE_URL   char *

#define SETTINGS_MEMBER(type, member, ...) SETTINGS_TYPE_##type member;
struct settings { /* NOLINT(clang-analyzer-optin.performance.Padding): there is one */
    SETTINGS(SETTINGS_MEMBER)
};
#undef SETTINGS_MEMBER

const struct conf_table *settings_table(void);
const char *settings_worker_name(enum worker_id worker);

/* Loads what worker uses from environment over the file at path (NULL: no file) over the defaults.
 * On ERR_CONFIG errors has one line for each mistake. print (NULL: don't) gets the settings that
 * hold, secrets masked. */
MUST_USE enum err settings_load(struct settings *ret_settings, enum worker_id worker,
                                const char *path, char *const *environment, struct buf *errors,
                                struct buf *print);
void settings_done(struct settings *settings);

void settings_write_sample(struct buf *out); /* config/sms.conf */
void settings_write_doc(struct buf *out);    /* config/settings.md */

#endif
