#include "tests/support/drive.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { WAIT_MS = 20000, SECOND_US = 1000000, TAKEN_MAX = 20000, WORDS = 8 };

extern const char lua_gcra_probe[];

static struct store s;

static void open_store(void)
{
    store_open(&s);
}

static void close_store(void)
{
    store_close(&s);
}

TestSuite(gcra, .init = open_store, .fini = close_store);

struct work {
    int64_t milli; /* the limit */
    int chunks, size, most_cost;
    int64_t late_us, spread_us;
    int fast; /* of the chunks */
    int seed;
};

struct taken {
    int64_t at_us, cost, chunk;
};

struct run {
    bool come;
    struct taken taken[TAKEN_MAX];
    size_t count;
    int64_t looks;
};

static void on_run(void *arg, enum err err, const struct redisReply *reply)
{
    struct run *run = arg;
    cr_assert_eq(err, ERR_OK);
    cr_assert_null(redis_reply_error(reply), "%s", redis_reply_error(reply));
    run->count = (redis_reply_count(reply) - 1) / 3;
    cr_assert_leq(run->count, (size_t)TAKEN_MAX);
    for (size_t i = 0; i < run->count; i++)
        run->taken[i] = (struct taken){redis_reply_int(redis_reply_at(reply, 3 * i)),
                                       redis_reply_int(redis_reply_at(reply, 3 * i + 1)),
                                       redis_reply_int(redis_reply_at(reply, 3 * i + 2))};
    run->looks = redis_reply_int(redis_reply_at(reply, 3 * run->count));
    run->come = true;
}

static bool has_come(void *arg)
{
    return ((const struct run *)arg)->come;
}

static void run_work(struct run *run, const struct work *w)
{
    char words[WORDS][24];
    const int64_t values[WORDS] = {w->milli,   w->chunks,    w->size, w->most_cost,
                                   w->late_us, w->spread_us, w->fast, w->seed};
    struct str argv[3 + WORDS] = {STR("EVAL"), str_of(lua_gcra_probe), STR("0")};
    for (size_t i = 0; i < WORDS; i++) {
        (void)snprintf(words[i], sizeof(words[i]), "%lld", (long long)values[i]);
        argv[3 + i] = str_of(words[i]);
    }
    *run = (struct run){.come = false};
    cr_assert_eq(redis_call(s.redis, 3 + WORDS, argv, on_run, run), ERR_OK);
    cr_assert(drive_until(s.loop, has_come, run, WAIT_MS));
}

/* The most that was taken in any second: at it a window must begin with something taken. */
static int64_t most_in_a_second(const struct run *run)
{
    int64_t most = 0, sum = 0;
    for (size_t first = 0, end = 0; first < run->count; first++) {
        while (end < run->count && run->taken[end].at_us < run->taken[first].at_us + SECOND_US)
            sum += run->taken[end++].cost;
        most = sum > most ? sum : most;
        sum -= run->taken[first].cost;
    }
    return most;
}

static int64_t all_cost(const struct run *run)
{
    int64_t sum = 0;
    for (size_t i = 0; i < run->count; i++)
        sum += run->taken[i].cost;
    return sum;
}

/* Everything is sent, no second has more than the limit, a quarter of it and one message, and at least
 * 97 % of the limit is used. */
static void expect_kept(const struct run *run, const struct work *w)
{
    double per_s = (double)w->milli / 1000, most = per_s + per_s / 4 + w->most_cost;
    cr_expect_eq(run->count, (size_t)w->chunks * (size_t)w->size);
    cr_expect_leq((double)most_in_a_second(run), most, "%lld in a second at %g/s (seed %d)",
                  (long long)most_in_a_second(run), per_s, w->seed);
    double needed_s = (double)all_cost(run) / per_s,
           took_s = (double)run->taken[run->count - 1].at_us / SECOND_US;
    cr_expect(took_s <= needed_s / 0.97 + 1 / per_s, "%g s for %g s of work at %g/s (seed %d)",
              took_s, needed_s, per_s, w->seed);
}

Test(gcra, keeps_any_limit_and_uses_it)
{
    static const int64_t limits[] = {500, 3000, 20000, 200000, 1000000, 7777777};
    static struct run run;
    for (int seed = 1; seed <= 24; seed++) {
        int64_t milli = limits[seed % 6];
        const struct work w = {.milli = milli,
                               .chunks = 1 + seed * 7 % 90,
                               .size = 1 + seed * 13 % 100,
                               .most_cost = seed % 3 == 0 ? 10 : 1,
                               .late_us = seed % 4 * 40000,
                               .spread_us = 1000,
                               .seed = seed};
        run_work(&run, &w);
        expect_kept(&run, &w);
    }
}

Test(gcra, those_who_wait_wake_one_after_another)
{
    static struct run run;
    const struct work w = {
        .milli = 1000000, .chunks = 1000, .size = 10, .most_cost = 1, .spread_us = 1000, .seed = 5};
    run_work(&run, &w);
    expect_kept(&run, &w);
    cr_expect_leq(run.looks, 2 * w.chunks + 60, "%lld looks of %d chunks", (long long)run.looks,
                  w.chunks);
}

Test(gcra, the_fast_ones_do_not_wait_behind_the_bulk)
{
    static struct run run;
    const struct work w = {.milli = 100000,
                           .chunks = 60,
                           .size = 20,
                           .most_cost = 1,
                           .spread_us = 2000000,
                           .fast = 3,
                           .seed = 9};
    run_work(&run, &w);
    expect_kept(&run, &w);
    for (size_t i = 0; i < run.count; i++)
        cr_expect(run.taken[i].chunk > w.fast || run.taken[i].at_us < 3 * SECOND_US,
                  "a fast one came after %lld us", (long long)run.taken[i].at_us);
}
