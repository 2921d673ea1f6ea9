/*
 * kafka_client.h - what the producer and the consumer share: configuration, a queue as a descriptor
 * of the loop, and the client library's log. Inside common/io only.
 *
 * Units    none.
 * Owns     the descriptor of a kafka_wakeup.
 * Errors   ERR_CONFIG a property that librdkafka refuses.
 * Threads  kafka_client_log is called from librdkafka's threads.
 */
#ifndef COMMON_IO_KAFKA_CLIENT_H
#define COMMON_IO_KAFKA_CLIENT_H

#include "common/base/err.h"
#include "common/io/loop.h"

#include <librdkafka/rdkafka.h>

struct kafka_property {
    const char *name, *value;
};

/* A new configuration with the properties that every client has, then those given up to the first
 * without a name. */
MUST_USE enum err kafka_client_conf(rd_kafka_conf_t **ret_conf, const char *brokers,
                                    const char *client_id, const struct kafka_property *properties);

/* An eventfd that librdkafka writes to when a queue stops being empty. */
struct kafka_wakeup {
    struct loop *loop;
    int fd;
};

MUST_USE enum err kafka_wakeup_init(struct kafka_wakeup *w, struct loop *loop, loop_fd_fn fn,
                                    void *arg);
void kafka_wakeup_attach(struct kafka_wakeup *w, rd_kafka_queue_t *queue);
void kafka_wakeup_detach(rd_kafka_queue_t *queue);
void kafka_wakeup_read(struct kafka_wakeup *w);
void kafka_wakeup_done(struct kafka_wakeup *w);

#endif
