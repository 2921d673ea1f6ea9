#include "common/worker/links.h"

#include "common/base/log.h"
#include "common/io/kafka_topics.h"
#include "common/store/scripts.h"

#include <stdio.h>

/* A byte takes six at most when it is quoted, and the whole must fit into what a topic takes, 1 MB. */
enum {
    ASK_CLUSTER_MS = 100,
    DEAD_RECORD_MOST = 128 * 1024,
    DEAD_KEY_MOST = 1024,
    DEAD_LETTER_CAP = 6 * DEAD_RECORD_MOST + 4096,
};

static void on_redis_changed(void *arg, bool connected)
{
    struct links *links = arg;
    if (connected)
        LOG(LOG_INFO, EV("redis_connected"));
    else
        LOG(LOG_WARN, EV("redis_lost"), KSTR("reason", redis_trouble(links->redis)),
            KSTR("action", "connecting again"));
    if (links->redis_changed != NULL)
        links->redis_changed(links->arg, connected);
}

static void ask_cluster(void *arg)
{
    struct links *links = arg;
    const char *cluster = kafka_producer_cluster(links->producer);
    if (cluster == NULL) {
        loop_timer_set(links->loop, &links->timer, loop_now_ms(links->loop) + ASK_CLUSTER_MS);
        return;
    }
    LOG(LOG_INFO, EV("kafka_connected"), KSTR("cluster", cluster));
    links->marked = true;
    redis_set_marker(links->redis, cluster);
}

enum err links_open(struct links *links, const struct worker_ctx *ctx,
                    const struct links_conf *conf)
{
    const struct settings *s = ctx->settings;
    const struct kafka_producer_conf producer = {
        .brokers = s->kafka_brokers,
        .client_id = ctx->name,
        .timeout_ms = conf->produce_timeout_ms,
        .linger_ms = conf->linger_ms,
        .queue_count = conf->queue_count,
        .unordered = conf->topics,
    };
    const struct redis_conf redis = {
        .url = s->redis_url,
        .client_name = ctx->name,
        .timeout_ms = s->redis_timeout_ms,
        .dev = s->dev,
        .marker_key = LINKS_MARKER_KEY,
        .scripts = scripts_all(),
        .changed = on_redis_changed,
        .arg = links,
    };
    links->loop = ctx->loop;
    links->timer = (struct loop_timer){.fn = ask_cluster, .arg = links};
    enum err err = kafka_producer_new(&links->producer, ctx->loop, &producer);
    if (err == ERR_OK)
        err = redis_new(&links->redis, ctx->loop, &redis);
    if (err != ERR_OK) {
        LOG(LOG_ERROR, EV("links"), KERR(err),
            KSTR("action", "check SMS_KAFKA_BROKERS and SMS_REDIS_URL"));
        return ERR_CONFIG;
    }
    for (size_t i = 0; conf->topics[i] != NULL; i++)
        kafka_producer_learn(links->producer, conf->topics[i]);
    loop_timer_set(ctx->loop, &links->timer, loop_now_ms(ctx->loop));
    return ERR_OK;
}

void links_close(struct links *links, int64_t wait_ms)
{
    if (links->loop == NULL)
        return;
    loop_timer_stop(links->loop, &links->timer);
    /* The producer first: what its callbacks give to Redis is ended by Redis' end, while nothing that
     * Redis ends is published. */
    kafka_producer_free(links->producer, wait_ms);
    redis_free(links->redis);
    *links = (struct links){0};
}

bool links_ready(const struct links *links, const char **ret_why)
{
    if (!links->marked) {
        *ret_why = "no Kafka broker has answered yet";
        return false;
    }
    if (!kafka_producer_connected(links->producer)) {
        *ret_why = "no Kafka broker can be reached";
        return false;
    }
    if (!redis_connected(links->redis)) {
        *ret_why = redis_trouble(links->redis);
        return false;
    }
    return true;
}

static struct str cut(struct str text, size_t most)
{
    return (struct str){text.p, text.n < most ? text.n : most};
}

enum err links_dead_letter(struct links *links, const char *why, const char *topic,
                           const struct kafka_record *record, kafka_produced_fn fn, void *arg)
{
    struct buf value = {.cap = DEAD_LETTER_CAP};
    LOG(LOG_ERROR, EV("dead_letter"), KSTR("topic", topic), KINT("partition", record->partition),
        KINT("offset", record->offset), KSTR("reason", why));
    buf_text(&value, "{\"v\":1,\"reason\":");
    buf_json(&value, str_of(why));
    buf_text(&value, ",\"topic\":");
    buf_json(&value, str_of(topic));
    buf_printf(&value,
               ",\"partition\":%d,\"offset\":%lld,\"bytes\":%zu,\"record\":", record->partition,
               (long long)record->offset, record->value.n);
    buf_json(&value, cut(record->value, DEAD_RECORD_MOST));
    buf_char(&value, '}');
    enum err err = kafka_produce(links->producer, TOPIC_DEAD, cut(record->key, DEAD_KEY_MOST),
                                 buf_view(&value), fn, arg);
    buf_done(&value);
    return err;
}
