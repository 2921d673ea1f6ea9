#include "common/io/redis.h"

#include "common/base/backoff.h"
#include "common/base/buf.h"
#include "common/io/crypto.h"
#include "common/io/redis_check.h"
#include "common/io/redis_url.h"

#include <hiredis/hiredis.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_WAITING = 200000, MAX_ARGS = 4096 };

enum state { DOWN, GREETING, READY };

/* A command on the wire. They are answered in order, so a ring of them is all there is to matching
 * replies. */
struct pending {
    redis_fn fn;
    void *arg;
    int64_t sent_mono_ms;
};

/* What a command of the greeting is called back with. */
struct greeting {
    struct redis *redis;
    enum redis_check check;
};

struct redis {
    struct loop *loop;
    struct redis_conf conf;
    struct redis_url url;
    enum state state;
    redisContext *context;
    struct pending *ring;
    size_t ring_size, head, count;
    bool unsent; /* something lies in the context's output buffer */
    bool watching_write;
    struct loop_timer timer;  /* the next attempt, or the check for late replies */
    int64_t progress_mono_ms; /* when the last reply came, or the connection began */
    unsigned failures;        /* in a row, to reach a connection that lives for a while */
    unsigned greetings;       /* replies of the greeting still to come */
    struct greeting checks[REDIS_CHECK_COUNT];
    char marker[64];
    char trouble[200];
};

static void connect_now(struct redis *r);
static void on_fd(void *arg, int fd, int events);

/* --- the ring --- */

static void ring_push(struct redis *r, redis_fn fn, void *arg)
{
    if (r->count == r->ring_size) {
        size_t size = r->ring_size > 0 ? 2 * r->ring_size : 256;
        struct pending *ring = xalloc_array(size, sizeof(ring[0]));
        for (size_t i = 0; i < r->count; i++)
            ring[i] = r->ring[(r->head + i) % r->ring_size];
        xfree(r->ring);
        r->ring = ring;
        r->ring_size = size;
        r->head = 0;
    }
    r->ring[(r->head + r->count) % r->ring_size] = (struct pending){fn, arg, loop_now_ms(r->loop)};
    r->count++;
}

static struct pending ring_pop(struct redis *r)
{
    struct pending first = r->ring[r->head];
    r->head = (r->head + 1) % r->ring_size;
    r->count--;
    return first;
}

/* --- losing the connection --- */

static void set_trouble(struct redis *r, const char *what, const char *detail)
{
    if (detail == NULL)
        (void)snprintf(r->trouble, sizeof(r->trouble), "%s", what);
    else
        (void)snprintf(r->trouble, sizeof(r->trouble), "%s: %s", what,
                       detail[0] != '\0' ? detail : "connection closed");
}

static void drop(struct redis *r)
{
    bool was_ready = r->state == READY;
    r->state = DOWN;
    r->unsent = r->watching_write = false;
    loop_timer_stop(r->loop, &r->timer);
    if (r->context != NULL) {
        loop_unwatch(r->loop, r->context->fd);
        redisFree(r->context);
        r->context = NULL;
    }
    size_t lost = r->count; /* callbacks may not send: redis_call refuses while DOWN */
    while (lost-- > 0) {
        struct pending p = ring_pop(r);
        if (p.fn != NULL)
            p.fn(p.arg, ERR_UNKNOWN, NULL);
    }
    if (was_ready && r->conf.changed != NULL)
        r->conf.changed(r->conf.arg, false);
}

static void lose(struct redis *r)
{
    static const struct backoff pace = {.base_ms = 50, .cap_ms = 2000};
    drop(r);
    loop_timer_set(r->loop, &r->timer,
                   loop_now_ms(r->loop) + backoff_ms(pace, r->failures++, crypto_random_u32()));
}

/* While replies come, a long queue of commands is no reason to give up. */
static bool late(const struct redis *r, int64_t now_ms)
{
    if (r->count == 0)
        return false;
    int64_t since_ms = r->ring[r->head].sent_mono_ms;
    if (since_ms < r->progress_mono_ms)
        since_ms = r->progress_mono_ms;
    return now_ms - since_ms >= r->conf.timeout_ms;
}

static void on_timer(void *arg)
{
    struct redis *r = arg;
    int64_t now_ms = loop_now_ms(r->loop);
    if (r->state == DOWN) {
        connect_now(r);
        return;
    }
    if (late(r, now_ms)) {
        set_trouble(r, "no reply in time", "is Redis overloaded or stopped?");
        lose(r);
        return;
    }
    if (r->state == READY)
        r->failures = 0;
    loop_timer_set(r->loop, &r->timer, now_ms + r->conf.timeout_ms / 4 + 1);
}

/* --- the greeting: who we are, what the server must be, our scripts --- */

static void greeted(void *arg, enum err err, const redisReply *reply)
{
    const struct greeting *g = arg;
    struct redis *r = g->redis;
    if (err != ERR_OK)
        return; /* the connection broke, and has been given up */
    const char *wrong = redis_check_fault(g->check, reply, r->marker, r->conf.dev);
    if (wrong != NULL) {
        set_trouble(r, wrong, redis_reply_error(reply));
        lose(r);
        return;
    }
    if (--r->greetings > 0)
        return;
    r->state = READY;
    r->trouble[0] = '\0';
    if (r->conf.changed != NULL)
        r->conf.changed(r->conf.arg, true);
}

static void append(struct redis *r, int argc, const struct str *argv, redis_fn fn, void *arg)
{
    const char *texts[MAX_ARGS];
    size_t sizes[MAX_ARGS];
    for (int i = 0; i < argc; i++) {
        texts[i] = argv[i].p != NULL ? argv[i].p : "";
        sizes[i] = argv[i].n;
    }
    if (redisAppendCommandArgv(r->context, argc, texts, sizes) != REDIS_OK)
        abort(); /* no memory; to go on would give replies to the wrong callbacks */
    ring_push(r, fn, arg);
    r->unsent = true;
}

static void greet(struct redis *r, int argc, const struct str *argv, enum redis_check check)
{
    r->greetings++;
    append(r, argc, argv, greeted, &r->checks[check]);
}

static void greet_all(struct redis *r)
{
    const struct redis_url *url = &r->url;
    r->greetings = 0;
    if (url->password[0] != '\0' && url->user[0] != '\0')
        greet(r, 3, (struct str[]){STR("AUTH"), str_of(url->user), str_of(url->password)},
              REDIS_CHECK_DONE);
    else if (url->password[0] != '\0')
        greet(r, 2, (struct str[]){STR("AUTH"), str_of(url->password)}, REDIS_CHECK_DONE);
    if (url->database[0] != '\0')
        greet(r, 2, (struct str[]){STR("SELECT"), str_of(url->database)}, REDIS_CHECK_DONE);
    greet(r, 3, (struct str[]){STR("CLIENT"), STR("SETNAME"), str_of(r->conf.client_name)},
          REDIS_CHECK_DONE);
    greet(r, 3, (struct str[]){STR("CONFIG"), STR("GET"), STR("appendonly")},
          REDIS_CHECK_APPENDONLY);
    greet(r, 3, (struct str[]){STR("CONFIG"), STR("GET"), STR("appendfsync")},
          REDIS_CHECK_APPENDFSYNC);
    greet(r, 3, (struct str[]){STR("CONFIG"), STR("GET"), STR("maxmemory-policy")},
          REDIS_CHECK_POLICY);
    for (size_t i = 0; r->conf.scripts != NULL && r->conf.scripts[i] != NULL; i++)
        greet(r, 3, (struct str[]){STR("SCRIPT"), STR("LOAD"), str_of(r->conf.scripts[i]->text)},
              REDIS_CHECK_DONE);
    if (r->conf.marker_key != NULL)
        greet(r, 2, (struct str[]){STR("GET"), str_of(r->conf.marker_key)}, REDIS_CHECK_MARKER);
}

/* --- reading and writing --- */

static bool watch(struct redis *r, bool write)
{
    r->watching_write = write;
    return loop_watch(r->loop, r->context->fd, write ? LOOP_READ | LOOP_WRITE : LOOP_READ, on_fd,
                      r) == ERR_OK;
}

static void connect_now(struct redis *r)
{
    r->context = redisConnectNonBlock(r->url.host, r->url.port);
    if (r->context == NULL || r->context->err != 0 || !watch(r, true)) {
        set_trouble(r, "connecting to Redis",
                    r->context != NULL ? r->context->errstr : "no memory");
        if (r->context != NULL)
            redisFree(r->context);
        r->context = NULL;
        lose(r);
        return;
    }
    r->state = GREETING;
    r->progress_mono_ms = loop_now_ms(r->loop);
    greet_all(r); /* the bytes leave when the connection stands */
    loop_timer_set(r->loop, &r->timer, loop_now_ms(r->loop) + r->conf.timeout_ms);
}

static void flush(struct redis *r)
{
    int done = 0;
    if (redisBufferWrite(r->context, &done) != REDIS_OK) {
        set_trouble(r, "writing to Redis", r->context->errstr);
        lose(r);
        return;
    }
    r->unsent = !done;
    if (r->unsent != r->watching_write && !watch(r, r->unsent))
        lose(r);
}

/* False when the connection was lost, perhaps by a callback. */
static bool dispatch(struct redis *r)
{
    void *reply = NULL;
    redisContext *context = r->context;
    r->progress_mono_ms = loop_now_ms(r->loop);
    while (redisGetReplyFromReader(context, &reply) == REDIS_OK && reply != NULL) {
        bool gone = r->state == READY && redis_check_unusable(reply);
        if (gone) /* a new connection loads the scripts, and may find another server */
            set_trouble(r, "Redis", redis_reply_error(reply));
        struct pending p = ring_pop(r);
        if (p.fn != NULL)
            p.fn(p.arg, gone ? ERR_UNKNOWN : ERR_OK, reply);
        freeReplyObject(reply);
        reply = NULL;
        if (r->context != context)
            return false;
        if (gone) {
            lose(r);
            return false;
        }
    }
    if (context->err == 0)
        return true;
    set_trouble(r, "Redis", context->errstr);
    lose(r);
    return false;
}

static void on_fd(void *arg, int fd, int events)
{
    struct redis *r = arg;
    (void)fd;
    if (r->context == NULL)
        return;
    if (events & LOOP_READ) {
        if (redisBufferRead(r->context) != REDIS_OK) {
            set_trouble(r, "Redis", r->context->errstr);
            lose(r);
            return;
        }
        if (!dispatch(r))
            return;
    }
    if (events & LOOP_WRITE)
        flush(r);
}

static int64_t before_wait(void *arg)
{
    struct redis *r = arg;
    if (r->unsent && !r->watching_write)
        flush(r);
    return -1;
}

/* --- the interface --- */

static void sha1_hex(char text[41], struct str bytes)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    (void)EVP_Digest(bytes.p, bytes.n, digest, &n, EVP_sha1(),
                     NULL); /* Redis names scripts by their SHA-1 */
    crypto_hex(text, digest, 20);
}

enum err redis_new(struct redis **ret_redis, struct loop *loop, const struct redis_conf *conf)
{
    struct redis *r = xalloc(sizeof(*r));
    r->loop = loop;
    r->conf = *conf;
    enum err err = redis_url_parse(&r->url, str_of(conf->url));
    if (err != ERR_OK) {
        xfree(r);
        return err;
    }
    for (size_t i = 0; conf->scripts != NULL && conf->scripts[i] != NULL; i++)
        sha1_hex(conf->scripts[i]->sha, str_of(conf->scripts[i]->text));
    r->timer = (struct loop_timer){.fn = on_timer, .arg = r};
    for (size_t i = 0; i < REDIS_CHECK_COUNT; i++)
        r->checks[i] = (struct greeting){r, (enum redis_check)i};
    set_trouble(r, "connecting to Redis", "not tried yet");
    loop_hook(loop, before_wait, r);
    if (conf->marker_key == NULL)
        loop_timer_set(loop, &r->timer, loop_now_ms(loop));
    else
        set_trouble(r, "connecting to Redis", "waiting for Kafka to tell the cluster's id");
    *ret_redis = r;
    return ERR_OK;
}

void redis_set_marker(struct redis *redis, const char *marker)
{
    (void)snprintf(redis->marker, sizeof(redis->marker), "%s", marker);
    if (redis->state == DOWN && redis->timer.at == 0)
        loop_timer_set(redis->loop, &redis->timer, loop_now_ms(redis->loop));
}

void redis_free(struct redis *own_redis)
{
    struct redis *r = own_redis;
    if (r == NULL)
        return;
    r->conf.changed = NULL;
    drop(r);
    loop_unhook(r->loop, before_wait, r);
    xfree(r->ring);
    xfree(r);
}

bool redis_connected(const struct redis *redis)
{
    return redis->state == READY;
}

const char *redis_trouble(const struct redis *redis)
{
    return redis->trouble;
}

unsigned redis_waiting(const struct redis *redis)
{
    return (unsigned)redis->count;
}

enum err redis_call(struct redis *redis, int argc, const struct str *argv, redis_fn fn, void *arg)
{
    if (redis->state != READY)
        return ERR_IO;
    if (redis->count >= MAX_WAITING || argc > MAX_ARGS)
        return ERR_FULL;
    append(redis, argc, argv, fn, arg);
    return ERR_OK;
}

enum err redis_eval(struct redis *redis, const struct redis_script *script, int key_count, int argc,
                    const struct str *argv, redis_fn fn, void *arg)
{
    struct str all[MAX_ARGS];
    char count[12];
    if (argc + 3 > MAX_ARGS)
        return ERR_FULL;
    (void)snprintf(count, sizeof(count), "%d", key_count);
    all[0] = STR("EVALSHA");
    all[1] = (struct str){script->sha, 40};
    all[2] = str_of(count);
    memcpy(all + 3, argv, (size_t)argc * sizeof(argv[0]));
    return redis_call(redis, argc + 3, all, fn, arg);
}
