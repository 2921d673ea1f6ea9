#include "common/io/kafka_client.h"

#include "common/base/log.h"

#include <sys/eventfd.h>
#include <unistd.h>

/* librdkafka's log: its own threads report what an operator must know (a broker is down), at most
 * once in 10 s. */
static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    (void)rk;
    LOG(level <= 3 ? LOG_WARN : LOG_DEBUG, EV("kafka"), KSTR("facility", facility),
        KSTR("text", text));
}

static bool set_all(rd_kafka_conf_t *conf, const struct kafka_property *properties)
{
    char why[200];
    for (const struct kafka_property *p = properties; p->name != NULL; p++) {
        if (rd_kafka_conf_set(conf, p->name, p->value, why, sizeof(why)) == RD_KAFKA_CONF_OK)
            continue;
        LOG(LOG_ERROR, EV("kafka_property"), KSTR("name", p->name), KSTR("text", why));
        return false;
    }
    return true;
}

enum err kafka_client_conf(rd_kafka_conf_t **ret_conf, const char *brokers, const char *client_id,
                           const struct kafka_property *properties)
{
    const struct kafka_property common[] = {
        {"bootstrap.servers", brokers},
        {"client.id", client_id},
        {"socket.nagle.disable", "true"},
        {"socket.keepalive.enable", "true"},
        {"allow.auto.create.topics", "false"},
        {"log.connection.close", "false"},
        {"reconnect.backoff.ms", "50"},
        {"reconnect.backoff.max.ms",
         "1000"}, /* a broker that comes back is found within a second */
        {"topic.metadata.refresh.interval.ms", "60000"},
        {NULL, NULL},
    };
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (!set_all(conf, common) || !set_all(conf, properties)) {
        rd_kafka_conf_destroy(conf);
        return ERR_CONFIG;
    }
    rd_kafka_conf_set_log_cb(conf, on_log);
    *ret_conf = conf;
    return ERR_OK;
}

enum err kafka_wakeup_init(struct kafka_wakeup *w, struct loop *loop, loop_fd_fn fn, void *arg)
{
    w->loop = loop;
    w->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (w->fd < 0)
        return ERR_IO;
    return loop_watch(loop, w->fd, LOOP_READ, fn, arg);
}

void kafka_wakeup_attach(struct kafka_wakeup *w, rd_kafka_queue_t *queue)
{
    static const uint64_t one = 1;
    rd_kafka_queue_io_event_enable(queue, w->fd, &one, sizeof(one));
}

void kafka_wakeup_detach(rd_kafka_queue_t *queue)
{
    rd_kafka_queue_io_event_enable(queue, -1, NULL, 0);
}

void kafka_wakeup_read(struct kafka_wakeup *w)
{
    uint64_t count;
    ssize_t ignored = read(w->fd, &count, sizeof(count));
    (void)ignored;
}

void kafka_wakeup_done(struct kafka_wakeup *w)
{
    if (w->fd < 0)
        return;
    loop_unwatch(w->loop, w->fd);
    (void)close(w->fd);
    w->fd = -1;
}
