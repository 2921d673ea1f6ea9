/*
 * surroundings.h - the real Redis and Kafka that an integration test runs against, and names in
 * them that no other run uses.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   a test without them fails, and says what to set.
 * Threads  these calls wait.
 */
#ifndef TESTS_SUPPORT_SURROUNDINGS_H
#define TESTS_SUPPORT_SURROUNDINGS_H

enum { SURROUNDINGS_NAME_SIZE = 64 };

const char *surroundings_redis(void);   /* REDIS_URL */
const char *surroundings_brokers(void); /* KAFKA_BROKERS */
/* "test.<what>.<random>" */
void surroundings_name(char name[SURROUNDINGS_NAME_SIZE], const char *what);
/* Makes the topic, with leaders that answer, or the test fails. */
void surroundings_create_topic(const char *topic, int partitions);
void surroundings_delete_topic(const char *topic);

#endif
