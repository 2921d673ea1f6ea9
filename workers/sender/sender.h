/*
 * sender.h - the worker that hands messages to carriers.
 *
 *     Kafka record -> visit -> claim (Redis) -> attempt (carrier) -> record (Redis)
 *                  -> commit, or the delay queue
 *
 * One loop over Kafka, Redis and HTTP; two lanes with a consumer and a window each. A sender has no
 * state of its own worth keeping: kill it, and what it had claimed is settled by whoever reads the
 * records next, when its leases end.
 *
 * Units    ms.
 * Owns     everything below.
 * Errors   ERR_CONFIG a setting or the carriers' file is wrong.
 * Threads  the loop's.
 */
#ifndef WORKERS_SENDER_SENDER_H
#define WORKERS_SENDER_SENDER_H

#include "common/io/httpc.h"
#include "common/io/local_time.h"
#include "common/store/switch.h"
#include "common/worker/links.h"
#include "common/worker/metrics.h"
#include "common/worker/worker.h"
#include "workers/sender/attempt.h"
#include "workers/sender/carrier/carrier.h"
#include "workers/sender/lane.h"
#include "workers/sender/pace.h"

#define SENDER_METRICS(X)                                                                          \
    X(SENDER_ACCEPTED, COUNTER, "sms_attempts_total", "verdict=\"accepted\"",                      \
      "Carrier calls by how they ended.")                                                          \
    X(SENDER_REJECTED, COUNTER, "sms_attempts_total", "verdict=\"rejected\"",                      \
      "Carrier calls by how they ended.")                                                          \
    X(SENDER_THROTTLED, COUNTER, "sms_attempts_total", "verdict=\"throttled\"",                    \
      "Carrier calls by how they ended.")                                                          \
    X(SENDER_NOT_SENT, COUNTER, "sms_attempts_total", "verdict=\"not_sent\"",                      \
      "Carrier calls by how they ended.")                                                          \
    X(SENDER_UNKNOWN, COUNTER, "sms_attempts_total", "verdict=\"unknown\"",                        \
      "Carrier calls by how they ended.")                                                          \
    X(SENDER_CALLS, COUNTER, "sms_carrier_calls_total", "",                                        \
      "Requests to carriers; some take several messages.")                                         \
    X(SENDER_CALL, HISTOGRAM, "sms_carrier_call_seconds", "", "Time from a submit to its answer.") \
    X(SENDER_DEFERRED, COUNTER, "sms_chunks_deferred_total", "",                                   \
      "Chunks put into the delay queue to come back to.")                                          \
    X(SENDER_STALE, COUNTER, "sms_stale_records_total", "",                                        \
      "Outcomes that came after somebody else's claim.")                                           \
    X(SENDER_GIVEN_UP, COUNTER, "sms_messages_given_up_total", "",                                 \
      "Messages FAILED since the carrier could not be reached in all their attempts.")             \
    X(SENDER_DEAD_LETTERS, COUNTER, "sms_dead_letters_total", "",                                  \
      "Records that could not be processed.")                                                      \
    X(SENDER_TOLD_TO_WAIT, COUNTER, "sms_waits_total", "for=\"account or send\"",                  \
      "Claims told that a chunk has to wait, for tokens or while its account or send is paused.")  \
    X(SENDER_CARRIER_WAITS, COUNTER, "sms_waits_total", "for=\"carrier\"",                         \
      "Times that a lane had to wait for tokens of the carrier.")                                  \
    X(SENDER_CARRIER_LIMIT, GAUGE, "sms_carrier_limit_per_second", "",                             \
      "What the carrier may get a second at present, from all senders; 0: any number.")            \
    X(SENDER_CARRIER_SHUT, GAUGE, "sms_carrier_shut_seconds", "",                                  \
      "How long the carrier still wants not to be asked.")                                         \
    X(SENDER_IN_FLIGHT, GAUGE, "sms_messages_in_flight", "",                                       \
      "Messages claimed and not yet recorded.")                                                    \
    X(SENDER_PAUSED, GAUGE, "sms_traffic_paused", "", "1 while all traffic is paused.")            \
    X(SENDER_VISITS, GAUGE, "sms_chunks_open", "", "Chunks read and not yet finished.")
enum { SENDER_METRICS(METRIC_INDEX) SENDER_METRIC_COUNT };

enum { LANE_FAST, LANE_BULK, LANE_COUNT };

struct sender {
    struct worker_ctx *ctx;
    struct links links;
    struct switch_watch traffic;
    struct carriers carriers;
    const struct carrier *carrier; /* the one that all messages go to: the first of the list */
    struct resolver *resolver;     /* of carriers' hosts */
    struct httpc *httpc;
    struct local_time *local_time; /* for quiet hours */
    int64_t lease_ms; /* how long a claim holds: a call's time-out, and time to get there */
    struct lane lanes[LANE_COUNT];
    struct outgoing outgoing;
    struct pace pace;
    struct recorder recorder;
};

struct worker sender_worker(struct sender *sender);

#endif
