/*
 * records.h - a topic of the test's own, numbered records in it, and members of a group that note
 * what they are handed.
 *
 * Units    ms.
 * Owns     one topic, loop and producer at a time.
 * Errors   what Kafka refuses fails the test.
 * Threads  one.
 */
#ifndef TESTS_SUPPORT_RECORDS_H
#define TESTS_SUPPORT_RECORDS_H

#include "common/io/kafka.h"
#include "tests/support/drive.h"
#include "tests/support/surroundings.h"

enum { RECORDS_MAX = 4000, RECORDS_REVOKE_MS = 1500 };

/* The topic, the producer, and what became of the records it was given. */
struct records {
    struct loop *loop;
    struct kafka_producer *producer;
    char topic[SURROUNDINGS_NAME_SIZE], group[SURROUNDINGS_NAME_SIZE];
    unsigned outcomes[3], reported;
    bool inside_produce;
    unsigned seen[RECORDS_MAX]; /* how often a member was handed this number */
    unsigned distinct;          /* numbers seen */
};

void records_start(struct records *r, int partitions);
void records_stop(struct records *r);
void records_start_producer(struct records *r, int64_t timeout_ms, unsigned queue_count);
MUST_USE enum err records_produce(struct records *r, const char *topic, struct str value);
/* Records whose values are the numbers from..to (without it); they are in Kafka when it returns. */
void records_produce_numbers(struct records *r, unsigned from, unsigned to);

struct taken {
    int32_t partition;
    int64_t offset;
    uint32_t epoch;
    bool finished;
};

struct member {
    struct records *records;
    struct kafka_consumer *consumer;
    struct taken taken[2 * RECORDS_MAX];
    unsigned count;    /* taken, so far */
    unsigned room;     /* what it takes before it says that there is no room */
    unsigned refusals; /* how often it said so */
    bool finishes;     /* each record as it comes; set before member_join */
};

void member_join(struct member *m, struct records *r, unsigned room, unsigned open_cap);
void member_leave(struct member *m);
void member_finish(struct member *m, unsigned i);
/* Finishes all that the member has taken, in a random order. */
void member_finish_all(struct member *m, unsigned seed);
bool member_wait_until_assigned(struct member *m, int64_t most_ms);

#endif
