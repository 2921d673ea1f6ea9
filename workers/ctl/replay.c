#include "workers/ctl/replay.h"

#include "common/base/clock.h"
#include "common/io/kafka.h"
#include "common/io/kafka_read.h"
#include "workers/ctl/command.h"
#include "workers/ctl/dead_letter.h"

#include <jansson.h>
#include <stdio.h>

enum { QUEUE = 10, TURN_MS = 100, RECORD_CAP = 16 << 20, KEY_CAP = 65536 };

struct replay {
    const struct settings *settings;
    struct loop *loop;
    struct kafka_producer *producer;
    int64_t wait_ms;
    struct buf key, value; /* the record */
    bool found;
    bool published; /* it has its outcome */
    enum kafka_outcome outcome;
};

static void on_found(void *arg, const struct kafka_found *found)
{
    struct replay *r = arg;
    buf_clear(&r->key);
    buf_clear(&r->value);
    buf_str(&r->key, found->key);
    buf_str(&r->value, found->value);
    r->found = true;
}

/* The record of that place; false: it isn't there any more, or can't be read. */
static bool read_place(struct replay *r, const char *topic, int32_t partition, int64_t offset)
{
    const struct kafka_read_conf conf = {r->settings->kafka_brokers, r->wait_ms};
    const struct kafka_found place = {.partition = partition, .offset = offset};
    char why[KAFKA_WHY_SIZE] = "";
    r->found = false;
    return kafka_read_one(&conf, topic, &place, on_found, r, why) == ERR_OK && r->found;
}

/* Its copy in the dead letter, whose key is the record's. False: only the beginning is there. */
static bool read_copy(struct replay *r, const json_t *letter)
{
    struct dead_letter_place place;
    const json_t *copy = json_object_get(letter, "record");
    json_int_t bytes = json_integer_value(json_object_get(letter, "bytes"));
    if (bytes < 0 || (size_t)bytes != json_string_length(copy) ||
        !dead_letter_parse_id(&place, json_string_value(json_object_get(letter, "id"))) ||
        !read_place(r, TOPIC_DEAD, place.partition, place.offset))
        return false;
    buf_clear(&r->value);
    buf_add(&r->value, json_string_value(copy), json_string_length(copy));
    return true;
}

static bool read_record(struct replay *r, const json_t *letter)
{
    const char *topic = json_string_value(json_object_get(letter, "topic"));
    json_int_t partition = json_integer_value(json_object_get(letter, "partition"));
    json_int_t offset = json_integer_value(json_object_get(letter, "offset"));
    if (topic != NULL && partition >= 0 && partition <= INT32_MAX && offset >= 0 &&
        read_place(r, topic, (int32_t)partition, offset))
        return true;
    return topic != NULL && read_copy(r, letter);
}

static void on_published(void *arg, enum kafka_outcome outcome)
{
    struct replay *r = arg;
    r->outcome = outcome;
    r->published = true;
}

/* A topic that isn't known yet may only not be learned yet. */
static enum err publish(struct replay *r, const char *topic, struct str key, struct str value)
{
    int64_t until_ms = clock_mono_ms() + r->wait_ms;
    enum err err;
    r->published = false;
    while ((err = kafka_produce(r->producer, topic, key, value, on_published, r)) ==
               ERR_NOT_FOUND &&
           clock_mono_ms() < until_ms)
        loop_turn(r->loop, TURN_MS);
    while (err == ERR_OK && !r->published)
        loop_turn(r->loop, TURN_MS);
    if (err == ERR_OK && r->outcome != KAFKA_PERSISTED)
        err = r->outcome == KAFKA_UNKNOWN ? ERR_UNKNOWN : ERR_IO;
    return err;
}

static int replay_one(struct replay *r, const json_t *letter)
{
    const char *id = json_string_value(json_object_get(letter, "id"));
    const char *topic = json_string_value(json_object_get(letter, "topic"));
    struct buf note = {.cap = 200};
    if (topic == NULL || !kafka_topic_known(topic)) {
        fprintf(stderr, "sms-ctl: %s: there is no topic '%s' that it could go to\n", id,
                topic != NULL ? topic : "");
        return CTL_REFUSED;
    }
    if (!read_record(r, letter)) {
        fprintf(stderr,
                "sms-ctl: %s: its record is gone from %s, and only its beginning was kept\n", id,
                topic);
        return CTL_REFUSED;
    }
    enum err err = publish(r, topic, buf_view(&r->key), buf_view(&r->value));
    if (err != ERR_OK) {
        fprintf(stderr, "sms-ctl: %s: it could not be written to %s: %s\n", id, topic,
                err_text(err));
        return err == ERR_IO || err == ERR_UNKNOWN ? CTL_UNREACHABLE : CTL_REFUSED;
    }
    dead_letter_write_note(&note, id);
    err = publish(r, TOPIC_DEAD, buf_view(&r->key), buf_view(&note));
    if (err != ERR_OK)
        fprintf(stderr, "sms-ctl: %s: it was replayed, but that could not be noted: %s\n", id,
                err_text(err));
    buf_done(&note);
    return CTL_DONE;
}

static int open_producer(struct replay *r)
{
    const struct kafka_producer_conf conf = {
        .brokers = r->settings->kafka_brokers,
        .client_id = "sms-ctl",
        .timeout_ms = r->wait_ms,
        .queue_count = QUEUE,
    };
    if (loop_new(&r->loop) == ERR_OK && kafka_producer_new(&r->producer, r->loop, &conf) == ERR_OK)
        return CTL_DONE;
    fprintf(stderr, "sms-ctl: SMS_KAFKA_BROKERS can't be used\n");
    return CTL_UNREACHABLE;
}

int replay_all(const struct settings *settings, int64_t wait_ms, const json_t *letters,
               json_t *done)
{
    struct replay r = {.settings = settings,
                       .wait_ms = wait_ms,
                       .key = {.cap = KEY_CAP},
                       .value = {.cap = RECORD_CAP}};
    int status = open_producer(&r);
    for (size_t i = status == CTL_DONE ? json_array_size(letters) : 0; i-- > 0;) {
        json_t *letter = json_array_get(letters, i);
        int one = replay_one(&r, letter);
        if (one == CTL_DONE)
            (void)json_array_append(done, letter);
        else if (status == CTL_DONE)
            status = one;
    }
    if (r.producer != NULL)
        kafka_producer_free(r.producer, 0);
    loop_free(r.loop);
    buf_done(&r.key);
    buf_done(&r.value);
    return status;
}
