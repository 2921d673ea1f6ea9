#include "tests/support/records.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static void on_outcome(void *arg, enum kafka_outcome outcome)
{
    struct records *r = arg;
    cr_expect_not(r->inside_produce, "called from inside kafka_produce");
    r->outcomes[outcome]++;
    r->reported++;
}

enum err records_produce(struct records *r, const char *topic, struct str value)
{
    r->inside_produce = true;
    enum err err = kafka_produce(r->producer, topic, (struct str){0}, value, on_outcome, r);
    r->inside_produce = false;
    return err;
}

void records_start_producer(struct records *r, int64_t timeout_ms, unsigned queue_count)
{
    const struct kafka_producer_conf conf = {.brokers = surroundings_brokers(),
                                             .client_id = "test",
                                             .timeout_ms = timeout_ms,
                                             .queue_count = queue_count};
    cr_assert_eq(kafka_producer_new(&r->producer, r->loop, &conf), ERR_OK);
}

void records_produce_numbers(struct records *r, unsigned from, unsigned to)
{
    char number[12];
    unsigned before = r->reported;
    for (unsigned i = from; i < to; i++) {
        (void)snprintf(number, sizeof(number), "%u", i);
        cr_assert_eq(records_produce(r, r->topic, str_of(number)), ERR_OK);
    }
    cr_assert(drive_until_count(r->loop, &r->reported, before + to - from, 20000));
    cr_assert_eq(r->outcomes[KAFKA_PERSISTED], r->reported);
}

void records_start(struct records *r, int partitions)
{
    *r = (struct records){.loop = drive_loop()};
    surroundings_name(r->topic, "records");
    surroundings_name(r->group, "group");
    surroundings_create_topic(r->topic, partitions);
    records_start_producer(r, 20000, 10000);
}

void records_stop(struct records *r)
{
    kafka_producer_free(r->producer, 5000);
    loop_free(r->loop);
    surroundings_delete_topic(r->topic);
}

/* --- members --- */

static unsigned number_of(struct str value)
{
    unsigned long long number = RECORDS_MAX;
    cr_assert(str_to_uint(value, RECORDS_MAX - 1, &number));
    return (unsigned)number;
}

static bool on_record(void *arg, const struct kafka_record *record)
{
    struct member *m = arg;
    if (m->count >= m->room) {
        m->refusals++;
        return false;
    }
    cr_assert_lt(m->count, 2 * RECORDS_MAX);
    m->taken[m->count] = (struct taken){record->partition, record->offset, record->epoch, false};
    if (m->records->seen[number_of(record->value)]++ == 0)
        m->records->distinct++;
    m->count++;
    if (m->finishes)
        member_finish(m, m->count - 1);
    return true;
}

void member_join(struct member *m, struct records *r, unsigned room, unsigned open_cap)
{
    const struct kafka_consumer_conf conf = {.brokers = surroundings_brokers(),
                                             .client_id = "test",
                                             .group = r->group,
                                             .topic = r->topic,
                                             .revoke_wait_ms = RECORDS_REVOKE_MS,
                                             .open_cap = open_cap,
                                             .record = on_record,
                                             .arg = m};
    *m = (struct member){.records = r, .room = room, .finishes = m->finishes};
    cr_assert_eq(kafka_consumer_new(&m->consumer, r->loop, &conf), ERR_OK);
}

void member_leave(struct member *m)
{
    kafka_consumer_free(m->consumer);
    m->consumer = NULL;
}

void member_finish(struct member *m, unsigned i)
{
    struct taken *t = &m->taken[i];
    t->finished = true;
    kafka_finish(m->consumer, t->partition, t->offset, t->epoch);
}

void member_finish_all(struct member *m, unsigned seed)
{
    static unsigned order[2 * RECORDS_MAX];
    unsigned n = 0;
    for (unsigned i = 0; i < m->count; i++) {
        if (!m->taken[i].finished)
            order[n++] = i;
    }
    for (; n > 0; n--) {
        unsigned pick = (unsigned)rand_r(&seed) % n;
        member_finish(m, order[pick]);
        order[pick] = order[n - 1];
    }
}

static bool assigned(void *arg)
{
    const struct member *m = arg;
    return kafka_consumer_assigned(m->consumer);
}

bool member_wait_until_assigned(struct member *m, int64_t most_ms)
{
    return drive_until(m->records->loop, assigned, m, most_ms);
}
