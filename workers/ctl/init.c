#include "workers/ctl/init.h"

#include "common/base/clock.h"
#include "common/io/kafka_topics.h"
#include "common/io/loop.h"
#include "common/io/redis.h"
#include "common/worker/links.h"
#include "workers/ctl/line.h"

#include <stdio.h>

enum { ASK_KAFKA_MS = 2000, LATE_MS = 100 };

/* The mark, and the talk with Redis about it. */
struct mark {
    struct loop *loop;
    struct redis *redis;
    const char *cluster;
    bool force, may_set; /* may_set: Kafka holds nothing that Redis would have to know */
    bool done;
    int status;
};

static int find_topics(struct kafka_topics_found *found, const struct settings *settings,
                       int64_t until_ms)
{
    const struct kafka_topics_conf conf = {
        .brokers = settings->kafka_brokers,
        .partitions = (int)settings->kafka_partitions,
        .replication = (int)settings->kafka_replication,
        .retention_ms = settings->kafka_retention_ms,
        .wait_ms = ASK_KAFKA_MS,
    };
    char why[KAFKA_WHY_SIZE] = "";
    enum err err;
    do {
        err = kafka_topics_ensure(found, &conf, why);
    } while (err == ERR_IO && clock_mono_ms() < until_ms);
    if (err == ERR_OK)
        return 0;
    fprintf(stderr, "sms-ctl init: Kafka at %s: %s\n", settings->kafka_brokers, why);
    return err == ERR_IO ? CTL_UNREACHABLE : CTL_REFUSED;
}

static void end(struct mark *mark, int status)
{
    mark->status = status;
    mark->done = true;
}

static void on_set(void *arg, enum err err, const struct redisReply *reply)
{
    struct mark *mark = arg;
    bool fine = err == ERR_OK && redis_reply_error(reply) == NULL;
    if (!fine)
        fprintf(stderr, "sms-ctl init: Redis did not take the mark: %s\n",
                err == ERR_OK ? redis_reply_error(reply) : err_text(err));
    end(mark, fine ? CTL_DONE : CTL_REFUSED);
}

static void on_found(void *arg, enum err err, const struct redisReply *reply)
{
    struct mark *mark = arg;
    struct str present = redis_reply_str(reply);
    if (err != ERR_OK)
        return; /* connected again, and asked again */
    if (str_eq(present, str_of(mark->cluster))) {
        end(mark, CTL_DONE);
        return;
    }
    if (!mark->force && (present.n > 0 || !mark->may_set)) {
        fprintf(stderr, present.n > 0
                            ? "sms-ctl init: this Redis holds the view of another Kafka cluster. "
                              "Point SMS_REDIS_URL "
                              "at the right one; 'sms-ctl init --force' takes this one over.\n"
                            : "sms-ctl init: Kafka holds sends, but Redis knows none of them: it "
                              "was emptied. Bring "
                              "its data back. 'sms-ctl init --force' goes on without: what is in "
                              "Kafka and was not "
                              "finished may then be sent again.\n");
        end(mark, CTL_REFUSED);
        return;
    }
    if (redis_call(mark->redis, 3,
                   (struct str[]){STR("SET"), STR(LINKS_MARKER_KEY), str_of(mark->cluster)}, on_set,
                   mark) != ERR_OK)
        end(mark, CTL_REFUSED);
}

static void on_redis(void *arg, bool connected)
{
    struct mark *mark = arg;
    if (connected && !mark->done &&
        redis_call(mark->redis, 2, (struct str[]){STR("GET"), STR(LINKS_MARKER_KEY)}, on_found,
                   mark) != ERR_OK)
        end(mark, CTL_REFUSED);
}

static int mark_redis(struct mark *mark, const struct settings *settings, int64_t until_ms)
{
    const struct redis_conf conf = {
        .url = settings->redis_url,
        .client_name = "ctl",
        .timeout_ms = settings->redis_timeout_ms,
        .dev = settings->dev,
        .changed = on_redis,
        .arg = mark,
    };
    if (loop_new(&mark->loop) != ERR_OK || redis_new(&mark->redis, mark->loop, &conf) != ERR_OK) {
        fprintf(stderr, "sms-ctl init: SMS_REDIS_URL is not the address of a Redis\n");
        loop_free(mark->loop);
        return 1;
    }
    while (!mark->done && clock_mono_ms() < until_ms)
        loop_turn(mark->loop, LATE_MS);
    if (!mark->done) {
        fprintf(stderr, "sms-ctl init: %s\n", redis_trouble(mark->redis));
        mark->status = CTL_UNREACHABLE;
    }
    redis_free(mark->redis);
    loop_free(mark->loop);
    return mark->status;
}

int init_run(const struct settings *settings, const struct line *line)
{
    struct kafka_topics_found found;
    int64_t until_ms = clock_mono_ms() + line->wait_ms;
    int status = find_topics(&found, settings, until_ms);
    if (status != 0)
        return status;
    struct mark mark = {
        .cluster = found.cluster, .force = line->force, .may_set = found.records == 0};
    status = mark_redis(&mark, settings, until_ms);
    if (status == 0)
        printf("Kafka cluster %s: %zu topics made; Redis is marked as its view.\n", found.cluster,
               found.created);
    return status;
}
