/*
 * kafka.h - writing to and reading from Kafka on the loop.
 *
 * The producer is idempotent and waits for all in-sync replicas; a record's outcome is told from
 * its delivery report and from nothing else: it is in Kafka when its own acknowledgement, with its
 * offset, says so. When librdkafka declares it dead (a fatal error), it is replaced.
 *
 * The consumer hands out records one by one (librdkafka 2.0.2 loses some in batches when partitions
 * move) and assigns by range. A record is open until kafka_finish; offsets are committed in order,
 * through a tracker for each partition. When partitions are taken away it stops handing out, gives
 * open records up to revoke_wait_ms to finish, commits, and lets go; what is finished later is
 * ignored, since its new owner reads it again.
 *
 * Units    ms.
 * Owns     its handles and threads; key and value of a record die when the reader's callback
 *          returns.
 * Errors   kafka_produce: ERR_FULL the queue is full, ERR_NOT_FOUND there is no such topic,
 *          ERR_TOO_LONG the record is larger than the topic takes. Nothing was queued then.
 * Threads  the loop's; librdkafka's own threads stay behind this interface.
 */
#ifndef COMMON_IO_KAFKA_H
#define COMMON_IO_KAFKA_H

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/io/loop.h"

#include <stdint.h>

/* --- producer --- */

struct kafka_producer;

enum kafka_outcome {
    KAFKA_PERSISTED,     /* the record is in Kafka */
    KAFKA_NOT_PERSISTED, /* it surely is not, and never will be */
    KAFKA_UNKNOWN,       /* it may be */
};

typedef void (*kafka_produced_fn)(void *arg, enum kafka_outcome outcome);

struct kafka_producer_conf {
    const char *brokers, *client_id;
    int64_t timeout_ms;   /* a record is given up after it */
    int64_t linger_ms;    /* how long to wait for more records to send together */
    unsigned queue_count; /* most records waiting for their report */
    /* Topics whose records all go to one partition for some ms, then to the next, whatever their
     * keys: librdkafka makes a request for each partition, so spreading single records over all of
     * them costs a request for each record. For topics where order between records doesn't matter.
     * NULL-terminated, may be NULL; others go by their key. */
    const char *const *unordered;
};

MUST_USE enum err kafka_producer_new(struct kafka_producer **ret_producer, struct loop *loop,
                                     const struct kafka_producer_conf *conf);
/* Waits at most wait_ms for what is queued; the rest gets its outcome as it stands. */
void kafka_producer_free(struct kafka_producer *own_producer, int64_t wait_ms);
/* fn is called exactly once, never from inside. Key and value are copied. */
MUST_USE enum err kafka_produce(struct kafka_producer *p, const char *topic, struct str key,
                                struct str value, kafka_produced_fn fn, void *arg);
/* Learn about a topic now, so that the first record doesn't wait for it. */
void kafka_producer_learn(struct kafka_producer *p, const char *topic);
unsigned kafka_producer_waiting(const struct kafka_producer *p);
bool kafka_producer_connected(
    const struct kafka_producer *p); /* some broker is up, as far as is known */
/* The cluster's id, or NULL while no broker has told it. */
const char *kafka_producer_cluster(struct kafka_producer *p);

/* --- consumer --- */

struct kafka_consumer;

struct kafka_record {
    struct str key, value;
    int32_t partition;
    int64_t offset;
    uint32_t epoch; /* of the assignment; with partition and offset it names the record to
                       kafka_finish */
};

/* A copy of a record, for those who work on it after kafka_record_fn has returned. */
struct kafka_kept {
    struct kafka_record record;
    char *own_bytes; /* what its key and value point into */
};
void kafka_keep(struct kafka_kept *ret_kept, const struct kafka_record *record);
void kafka_kept_done(struct kafka_kept *kept);

/* Takes the record (true), or leaves it for later (false), which stops the handing out until
 * kafka_consumer_more. */
typedef bool (*kafka_record_fn)(void *arg, const struct kafka_record *record);

struct kafka_consumer_conf {
    const char *brokers, *client_id, *group, *topic;
    int64_t revoke_wait_ms;
    unsigned open_cap; /* open records of one partition, at most */
    /* How long a broker may gather records before it answers a fetch, where cheap reading matters
     * more than quick; 0 = it answers as soon as there is one. */
    int64_t gather_ms;
    kafka_record_fn record;
    void *arg;
};

MUST_USE enum err kafka_consumer_new(struct kafka_consumer **ret_consumer, struct loop *loop,
                                     const struct kafka_consumer_conf *conf);
/* Commits what is finished, leaves the group. */
void kafka_consumer_free(struct kafka_consumer *own_consumer);
void kafka_consumer_more(struct kafka_consumer *c); /* there is room again */
void kafka_consumer_stop(struct kafka_consumer *c); /* hand out nothing more: draining */
/* The record's effect is durable. Unknown ones are ignored. */
void kafka_finish(struct kafka_consumer *c, int32_t partition, int64_t offset, uint32_t epoch);
unsigned kafka_consumer_open(const struct kafka_consumer *c); /* records taken and not finished */
bool kafka_consumer_assigned(
    const struct kafka_consumer *c); /* it is a member of the group, and has what is its */

#endif
