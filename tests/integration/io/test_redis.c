#include "common/base/clock.h"
#include "common/io/redis.h"
#include "tests/support/drive.h"
#include "tests/support/own_redis.h"
#include "tests/support/surroundings.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>

enum { MANY = 5000 };

static struct redis_script twice = {.name = "twice", .text = "return 2 * ARGV[1]"};
static struct redis_script *scripts[] = {&twice, NULL};

static struct loop *loop;
static struct redis *redis;
static struct own_redis own;

static unsigned times_up, times_down;

static void on_changed(void *arg, bool connected)
{
    (void)arg;
    if (connected)
        times_up++;
    else
        times_down++;
}

static struct redis_conf conf_for(const char *url)
{
    return (struct redis_conf){.url = url,
                               .client_name = "test",
                               .timeout_ms = 1000,
                               .scripts = scripts,
                               .changed = on_changed};
}

static void connect_to(const struct redis_conf *conf)
{
    loop = drive_loop();
    cr_assert_eq(redis_new(&redis, loop, conf), ERR_OK);
    cr_assert(drive_until_count(loop, &times_up, 1, 10000), "%s: %s", conf->url,
              redis_trouble(redis));
    cr_expect(redis_connected(redis));
    cr_expect_str_eq(redis_trouble(redis), "");
}

static void start_own(void)
{
    own_redis_init(&own, "always");
    struct redis_conf conf = conf_for(own.url);
    connect_to(&conf);
}

static void stop_own(void)
{
    redis_free(redis);
    loop_free(loop);
    own_redis_done(&own);
}

/* --- calls whose outcome is noted --- */

struct noted {
    enum err err;
    int64_t number;
    unsigned calls;
    unsigned order; /* as the how manieth it was called back */
};

static struct noted noted[MANY];
static unsigned done;

static void on_reply(void *arg, enum err err, const struct redisReply *reply)
{
    struct noted *n = arg;
    n->err = err;
    n->number = redis_reply_int(reply);
    n->calls++;
    n->order = done++;
}

static enum err incr(unsigned i, const char *key)
{
    noted[i] = (struct noted){.err = ERR_COUNT};
    return redis_call(redis, 2, (struct str[]){STR("INCR"), str_of(key)}, on_reply, &noted[i]);
}

static enum err eval_twice(unsigned i, const char *number)
{
    noted[i] = (struct noted){.err = ERR_COUNT};
    return redis_eval(redis, &twice, 0, 1, (struct str[]){str_of(number)}, on_reply, &noted[i]);
}

static char kept[256];

static void on_kept(void *arg, enum err err, const struct redisReply *reply)
{
    struct str text = redis_reply_str(reply);
    (void)arg;
    cr_expect_eq(err, ERR_OK);
    (void)snprintf(kept, sizeof(kept), "%.*s", (int)text.n, text.n > 0 ? text.p : "");
    done++;
}

static void call_and_wait(int argc, const struct str *argv)
{
    unsigned before = done;
    cr_assert_eq(redis_call(redis, argc, argv, on_kept, NULL), ERR_OK);
    cr_assert(drive_until_count(loop, &done, before + 1, 5000));
}

/* --- against the shared server --- */

Test(redis, answers_pipelined_commands_in_order)
{
    char key[SURROUNDINGS_NAME_SIZE];
    struct redis_conf conf = conf_for(surroundings_redis());
    conf.dev = true;
    surroundings_name(key, "redis");
    connect_to(&conf);
    for (unsigned i = 0; i < MANY; i++)
        cr_assert_eq(incr(i, key), ERR_OK);
    cr_expect_eq(redis_waiting(redis), MANY);
    cr_expect_eq(done, 0, "never called from inside");
    cr_assert(drive_until_count(loop, &done, MANY, 10000));
    for (unsigned i = 0; i < MANY; i++) {
        cr_assert_eq(noted[i].err, ERR_OK);
        cr_assert_eq(noted[i].number, i + 1);
        cr_assert_eq(noted[i].order, i);
    }
    cr_expect_eq(redis_waiting(redis), 0);
    call_and_wait(2, (struct str[]){STR("DEL"), str_of(key)});
    redis_free(redis);
    loop_free(loop);
}

static void on_kinds(void *arg, enum err err, const struct redisReply *reply)
{
    (void)arg;
    cr_expect_eq(err, ERR_OK);
    cr_assert_eq(redis_reply_count(reply), 4);
    cr_expect_eq(redis_reply_int(redis_reply_at(reply, 0)), 7);
    cr_expect(str_eq(redis_reply_str(redis_reply_at(reply, 1)), (struct str){"a\0b", 3}));
    cr_expect(redis_reply_nil(redis_reply_at(reply, 2)));
    cr_expect_eq(redis_reply_count(redis_reply_at(reply, 3)), 1);
    cr_expect_null(redis_reply_at(reply, 4));
    cr_expect_null(redis_reply_error(reply));
    done++;
}

static void on_error(void *arg, enum err err, const struct redisReply *reply)
{
    (void)arg;
    cr_expect_eq(err, ERR_OK, "an error of Redis is a reply");
    cr_assert_not_null(redis_reply_error(reply));
    cr_expect_not_null(strstr(redis_reply_error(reply), "unknown command"));
    cr_expect_eq(redis_reply_int(reply), 0);
    cr_expect_eq(redis_reply_str(reply).n, 0);
    done++;
}

Test(redis, tells_every_kind_of_reply)
{
    struct redis_conf conf = conf_for(surroundings_redis());
    conf.dev = true;
    connect_to(&conf);
    cr_assert_eq(redis_call(redis, 4,
                            (struct str[]){STR("EVAL"),
                                           STR("return {7, ARGV[1], false, {'x'}}"),
                                           STR("0"),
                                           {"a\0b", 3}},
                            on_kinds, NULL),
                 ERR_OK);
    cr_assert_eq(redis_call(redis, 1, (struct str[]){STR("NOSUCH")}, on_error, NULL), ERR_OK);
    cr_assert_eq(redis_call(redis, 1, (struct str[]){STR("PING")}, NULL, NULL), ERR_OK);
    cr_expect(drive_until_count(loop, &done, 2, 5000));
    cr_assert_eq(eval_twice(0, "21"), ERR_OK);
    cr_expect(drive_until_count(loop, &done, 3, 5000));
    cr_expect_eq(noted[0].number, 42);
    cr_expect_eq(times_down, 0);
    redis_free(redis);
    loop_free(loop);
}

/* A handler's work is often done in a hook, after our own hook was called in that turn. */
static bool called_in_hook;

static int64_t call_once(void *arg)
{
    (void)arg;
    if (called_in_hook)
        return -1;
    called_in_hook = true;
    cr_expect_eq(incr(0, "hook"), ERR_OK);
    return 0;
}

Test(redis, sends_what_a_hook_asked_for)
{
    start_own();
    loop_hook(loop, call_once, NULL);
    int64_t from_ms = clock_mono_ms();
    while (done == 0 && clock_mono_ms() - from_ms < 2000)
        loop_turn(loop, 1000);
    cr_expect_lt(clock_mono_ms() - from_ms, 500);
    stop_own();
}

/* --- against one of our own, with faults --- */

Test(redis, tells_each_waiting_callback_once_and_connects_again_after_a_kill)
{
    start_own();
    call_and_wait(3, (struct str[]){STR("SET"), STR("kept"), STR("yes")});
    own_redis_signal(&own, SIGSTOP);
    done = 0;
    for (unsigned i = 0; i < 100; i++)
        cr_assert_eq(incr(i, "n"), ERR_OK);
    drive_for(loop, 20);
    own_redis_kill(&own);
    cr_assert(drive_until_count(loop, &done, 100, 5000));
    cr_expect_not(redis_connected(redis));
    cr_expect_str_neq(redis_trouble(redis), "");
    cr_expect_eq(incr(100, "n"), ERR_IO, "while it is away");
    drive_for(loop, 300);
    own_redis_start(&own);
    cr_assert(drive_until_count(loop, &times_up, 2, 10000), "%s", redis_trouble(redis));
    for (unsigned i = 0; i < 100; i++) {
        cr_expect_eq(noted[i].err, ERR_UNKNOWN);
        cr_expect_eq(noted[i].calls, 1);
        cr_expect_eq(noted[i].order, i);
    }
    cr_expect_eq(times_down, 1);
    call_and_wait(2, (struct str[]){STR("GET"), STR("kept")});
    cr_expect_str_eq(kept, "yes");
    cr_assert_eq(eval_twice(0, "4"), ERR_OK);
    cr_assert(drive_until_count(loop, &done, 102, 5000));
    cr_expect_eq(noted[0].number, 8, "the scripts are there again");
    stop_own();
}

Test(redis, gives_up_on_a_server_that_does_not_reply_and_finds_it_again)
{
    start_own();
    own_redis_signal(&own, SIGSTOP);
    int64_t from_ms = clock_mono_ms();
    cr_assert_eq(incr(0, "n"), ERR_OK);
    cr_assert(drive_until_count(loop, &done, 1, 5000));
    int64_t took_ms = clock_mono_ms() - from_ms;
    cr_expect_eq(noted[0].err, ERR_UNKNOWN);
    cr_expect(took_ms >= 900 && took_ms < 2500, "gave up after %lld ms", (long long)took_ms);
    cr_expect_not_null(strstr(redis_trouble(redis), "no reply in time"));
    drive_for(loop, 1500); /* connecting works while it is stopped, the greeting does not */
    cr_expect_eq(times_up, 1);
    own_redis_signal(&own, SIGCONT);
    cr_assert(drive_until_count(loop, &times_up, 2, 10000));
    stop_own();
}

/* A queue of commands that takes longer than the time for one reply is no sign of death. */
Test(redis, keeps_a_slow_connection_that_makes_progress)
{
    static const struct str slow[] = {{"DEBUG", 5}, {"SLEEP", 5}, {"0.2", 3}};
    static char padding[65536]; /* so much that Redis does not read two of the slow ones at once */
    const struct str set[] = {STR("SET"), STR("padding"), {padding, sizeof(padding)}};
    start_own();
    for (unsigned i = 0; i < 8; i++) {
        noted[i] = (struct noted){.err = ERR_COUNT};
        cr_assert_eq(redis_call(redis, 3, slow, on_reply, &noted[i]), ERR_OK);
        cr_assert_eq(redis_call(redis, 3, set, NULL, NULL), ERR_OK);
    }
    cr_assert(drive_until_count(loop, &done, 8, 10000));
    for (unsigned i = 0; i < 8; i++)
        cr_expect_eq(noted[i].err, ERR_OK, "command %u", i);
    cr_expect_eq(times_down, 0);
    stop_own();
}

Test(redis, loads_its_scripts_again_after_a_flush)
{
    start_own();
    call_and_wait(2, (struct str[]){STR("SCRIPT"), STR("FLUSH")});
    done = 0;
    cr_assert_eq(eval_twice(0, "3"), ERR_OK);
    cr_assert_eq(incr(1, "n"), ERR_OK);
    cr_assert(drive_until_count(loop, &done, 2, 5000));
    cr_expect_eq(noted[0].err, ERR_UNKNOWN);
    cr_expect_eq(noted[0].calls, 1);
    cr_expect_eq(noted[1].err, ERR_UNKNOWN, "behind it on the same connection");
    cr_assert(drive_until_count(loop, &times_up, 2, 5000));
    cr_assert_eq(eval_twice(0, "3"), ERR_OK);
    cr_assert(drive_until_count(loop, &done, 3, 5000));
    cr_expect_eq(noted[0].number, 6);
    stop_own();
}

Test(redis, leaves_a_server_that_became_a_replica)
{
    start_own();
    call_and_wait(3, (struct str[]){STR("REPLICAOF"), STR("127.0.0.1"), STR("1")});
    done = 0;
    cr_assert_eq(incr(0, "n"), ERR_OK);
    cr_assert(drive_until_count(loop, &done, 1, 5000));
    cr_expect_eq(noted[0].err, ERR_UNKNOWN);
    cr_expect_eq(times_down, 1);
    cr_expect_not_null(strstr(redis_trouble(redis), "READONLY"), "%s", redis_trouble(redis));
    stop_own();
}

Test(redis, tells_waiting_callbacks_when_freed)
{
    start_own();
    own_redis_signal(&own, SIGSTOP);
    cr_assert_eq(incr(0, "n"), ERR_OK);
    cr_assert_eq(incr(1, "n"), ERR_OK);
    drive_for(loop, 20);
    redis_free(redis);
    redis = NULL;
    cr_expect_eq(done, 2);
    cr_expect_eq(noted[0].err, ERR_UNKNOWN);
    cr_expect_eq(noted[1].err, ERR_UNKNOWN);
    cr_expect_eq(times_down, 0, "who frees it need not be told");
    stop_own();
}

/* --- refusing --- */

static void expect_refused(const struct redis_conf *conf, const char *marker, const char *trouble)
{
    times_up = 0;
    loop = drive_loop();
    cr_assert_eq(redis_new(&redis, loop, conf), ERR_OK);
    if (marker != NULL)
        redis_set_marker(redis, marker);
    drive_for(loop, 400);
    cr_expect_eq(times_up, 0, "connected although: %s", trouble);
    cr_expect_not(redis_connected(redis));
    cr_expect_not_null(strstr(redis_trouble(redis), trouble), "trouble is: %s, want: %s",
                       redis_trouble(redis), trouble);
    cr_expect_eq(incr(0, "n"), ERR_IO);
    redis_free(redis);
    loop_free(loop);
}

Test(redis, refuses_a_server_that_may_lose_what_it_has_answered)
{
    own_redis_init(&own, "everysec");
    struct redis_conf conf = conf_for(own.url);
    expect_refused(&conf, NULL, "appendfsync always");
    conf.dev = true;
    connect_to(&conf);
    call_and_wait(4, (struct str[]){STR("CONFIG"), STR("SET"), STR("appendfsync"), STR("always")});
    call_and_wait(4, (struct str[]){STR("CONFIG"), STR("SET"), STR("appendonly"), STR("no")});
    redis_free(redis);
    loop_free(loop);
    conf.dev = false;
    expect_refused(&conf, NULL, "appendonly yes");
    conf.dev = true;
    times_up = 0;
    connect_to(&conf);
    call_and_wait(4, (struct str[]){STR("CONFIG"), STR("SET"), STR("appendonly"), STR("yes")});
    call_and_wait(
        4, (struct str[]){STR("CONFIG"), STR("SET"), STR("maxmemory-policy"), STR("allkeys-lru")});
    redis_free(redis);
    loop_free(loop);
    conf.dev = false;
    expect_refused(&conf, NULL, "noeviction");
    own_redis_done(&own);
}

Test(redis, refuses_a_server_with_another_marker)
{
    start_own();
    redis_free(redis);
    loop_free(loop);
    struct redis_conf conf = conf_for(own.url);
    conf.marker_key = "marker";
    expect_refused(&conf, "cluster-1", "no marker");
    expect_refused(&conf, NULL, "waiting for Kafka");
    struct redis_conf without = conf_for(own.url);
    connect_to(&without);
    call_and_wait(3, (struct str[]){STR("SET"), STR("marker"), STR("cluster-2")});
    redis_free(redis);
    loop_free(loop);
    expect_refused(&conf, "cluster-1", "another Kafka cluster");
    loop = drive_loop();
    cr_assert_eq(redis_new(&redis, loop, &conf), ERR_OK);
    redis_set_marker(redis, "cluster-2");
    cr_expect(drive_until_count(loop, &times_up, 1, 5000), "%s", redis_trouble(redis));
    stop_own();
}

Test(redis, gives_user_password_and_database)
{
    char url[128];
    start_own();
    call_and_wait(7, (struct str[]){STR("ACL"), STR("SETUSER"), STR("worker"), STR("on"),
                                    STR(">p@ss:w/rd"), STR("~*"), STR("+@all")});
    redis_free(redis);
    loop_free(loop);
    (void)snprintf(url, sizeof(url), "redis://worker:wrong@127.0.0.1:%u/3", own.port);
    struct redis_conf conf = conf_for(url);
    expect_refused(&conf, NULL, "WRONGPASS");
    (void)snprintf(url, sizeof(url), "redis://worker:p%%40ss:w%%2Frd@127.0.0.1:%u/3", own.port);
    times_up = 0;
    connect_to(&conf);
    call_and_wait(2, (struct str[]){STR("CLIENT"), STR("INFO")});
    cr_expect_not_null(strstr(kept, " name=test "), "%s", kept);
    cr_expect_not_null(strstr(kept, " db=3 "), "%s", kept);
    stop_own();
}

Test(redis, waits_for_a_server_that_is_not_there_and_refuses_what_is_no_url)
{
    struct redis_conf conf = conf_for("redis://127.0.0.1:1");
    expect_refused(&conf, NULL, "Connection refused");
    conf.url = "redis://no-such-host.invalid";
    expect_refused(&conf, NULL, "connecting to Redis");
    conf.url = "http://127.0.0.1";
    loop = drive_loop();
    cr_expect_eq(redis_new(&redis, loop, &conf), ERR_SYNTAX);
    loop_free(loop);
}
