#include "common/base/clock.h"
#include "common/io/loop.h"
#include "tests/support/drive.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static struct loop *loop;

/* What was called, in order. */
static int called[4096];
static unsigned calls;

struct timed {
    struct loop_timer timer;
    int name;
    struct timed *other; /* for those that do something to another */
    int64_t again_mono_ms;
};

static void note(int name)
{
    cr_assert_lt(calls, sizeof(called) / sizeof(called[0]));
    called[calls++] = name;
}

static void on_timer(void *arg)
{
    struct timed *t = arg;
    note(t->name);
}

static void timed_init(struct timed *t, int name, loop_timer_fn fn)
{
    *t = (struct timed){.timer = {.fn = fn, .arg = t}, .name = name};
}

static void expect_called(const char *what, const int *want, unsigned n)
{
    cr_expect_eq(calls, n, "%s: %u calls, want %u", what, calls, n);
    for (unsigned i = 0; i < n && i < calls; i++)
        cr_expect_eq(called[i], want[i], "%s: call %u is %d, want %d", what, i, called[i], want[i]);
    calls = 0;
}

Test(loop, calls_timers_in_the_order_of_their_time_and_then_of_their_setting)
{
    struct timed t[6];
    static const int64_t after_ms[] = {30, 10, 20, 10, 10, 0};
    loop = drive_loop();
    int64_t now_ms = loop_now_ms(loop);
    for (int i = 0; i < 6; i++) {
        timed_init(&t[i], i, on_timer);
        loop_timer_set(loop, &t[i].timer, now_ms + after_ms[i]);
    }
    cr_expect(drive_until_count(loop, &calls, 6, 2000));
    cr_expect_geq(clock_mono_ms(), now_ms + 30);
    expect_called("all", (const int[]){5, 1, 3, 4, 2, 0}, 6);
    loop_free(loop);
}

Test(loop, moves_and_stops_timers)
{
    struct timed t[3];
    loop = drive_loop();
    int64_t now_ms = loop_now_ms(loop);
    for (int i = 0; i < 3; i++) {
        timed_init(&t[i], i, on_timer);
        loop_timer_set(loop, &t[i].timer, now_ms + 10 + i);
    }
    loop_timer_set(loop, &t[0].timer, now_ms + 40);
    loop_timer_stop(loop, &t[1].timer);
    loop_timer_stop(loop, &t[1].timer);
    cr_expect_eq(t[1].timer.at, 0);
    drive_for(loop, 80);
    expect_called("moved and stopped", (const int[]){2, 0}, 2);
    cr_expect_eq(t[0].timer.at, 0, "it is not set once it was called");
    loop_free(loop);
}

static void on_stop_other(void *arg)
{
    struct timed *t = arg;
    note(t->name);
    loop_timer_stop(loop, &t->other->timer);
}

static void on_set_other(void *arg)
{
    struct timed *t = arg;
    note(t->name);
    loop_timer_set(loop, &t->other->timer, loop_now_ms(loop));
}

Test(loop, lets_a_callback_stop_and_set_timers)
{
    struct timed first, second, third;
    loop = drive_loop();
    timed_init(&first, 1, on_stop_other);
    timed_init(&second, 2, on_timer);
    timed_init(&third, 3, on_set_other);
    first.other = third.other = &second;
    loop_timer_set(loop, &first.timer, loop_now_ms(loop));
    loop_timer_set(loop, &second.timer, loop_now_ms(loop));
    loop_turn(loop, 0);
    expect_called("stopped by the one before", (const int[]){1}, 1);
    loop_timer_set(loop, &third.timer, loop_now_ms(loop));
    loop_turn(loop, 0);
    loop_turn(loop, 1000);
    expect_called("set by another", (const int[]){3, 2}, 2);
    loop_free(loop);
}

static void on_again(void *arg)
{
    struct timed *t = arg;
    note(t->name);
    loop_timer_set(loop, &t->timer, t->again_mono_ms);
}

static void on_byte(void *arg, int fd, int events)
{
    char byte;
    (void)arg;
    (void)events;
    if (read(fd, &byte, 1) == 1)
        note(100);
}

/* Work that goes on in the next turn is a timer that sets itself to now. It must neither keep the
 * turn from ending nor the others from their turn. */
Test(loop, gives_everything_a_turn_beside_timers_that_are_always_due)
{
    struct timed busy[2], other;
    int ends[2];
    loop = drive_loop();
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(loop_watch(loop, ends[0], LOOP_READ, on_byte, NULL), ERR_OK);
    for (int i = 0; i < 2; i++) {
        timed_init(&busy[i], i, on_again); /* at time 0: long ago */
        loop_timer_set(loop, &busy[i].timer, 0);
    }
    timed_init(&other, 7, on_timer);
    loop_timer_set(loop, &other.timer, loop_now_ms(loop));
    cr_assert_eq(write(ends[1], "x", 1), 1);
    loop_turn(loop, 1000);
    expect_called("first turn", (const int[]){100, 0, 1, 7}, 4);
    loop_turn(loop, 1000);
    expect_called("second turn", (const int[]){0, 1}, 2);
    loop_free(loop);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

Test(loop, keeps_many_timers_in_order)
{
    enum { MANY = 3000 };
    static struct timed t[MANY];
    for (unsigned seed = 1; seed <= 5; seed++) {
        unsigned random = seed;
        loop = drive_loop();
        int64_t now_ms = loop_now_ms(loop);
        for (int i = 0; i < MANY; i++)
            timed_init(&t[i], i, on_timer);
        for (int i = 0; i < 3 * MANY; i++) {
            struct timed *one = &t[rand_r(&random) % MANY];
            if (rand_r(&random) % 4 == 0)
                loop_timer_stop(loop, &one->timer);
            else
                loop_timer_set(loop, &one->timer, now_ms + rand_r(&random) % 20);
        }
        unsigned set = 0;
        for (int i = 0; i < MANY; i++)
            set += t[i].timer.at != 0;
        cr_assert(drive_until_count(loop, &calls, set, 2000), "seed %u", seed);
        for (unsigned i = 1; i < calls; i++)
            cr_assert_leq(t[called[i - 1]].timer.due_mono_ms, t[called[i]].timer.due_mono_ms,
                          "seed %u", seed);
        calls = 0;
        loop_free(loop);
    }
}

/* --- hooks --- */

static int64_t hook_wait_ms = -1;

static int64_t on_hook(void *arg)
{
    note(*(const int *)arg);
    return hook_wait_ms;
}

static int64_t on_hook_that_goes(void *arg)
{
    note(*(const int *)arg);
    loop_unhook(loop, on_hook_that_goes, arg);
    return -1;
}

Test(loop, calls_hooks_before_each_wait_and_heeds_the_shortest)
{
    static const int names[] = {1, 2};
    loop = drive_loop();
    loop_hook(loop, on_hook, (void *)(uintptr_t)&names[0]);
    loop_hook(loop, on_hook, (void *)(uintptr_t)&names[1]);
    loop_turn(loop, 0);
    expect_called("both", (const int[]){1, 2}, 2);
    hook_wait_ms = 20;
    int64_t from_ms = clock_mono_ms();
    loop_turn(loop, -1); /* the first turn after a change does not wait */
    int64_t took_ms = clock_mono_ms() - from_ms;
    cr_expect(took_ms >= 15 && took_ms < 1000, "waited %lld ms", (long long)took_ms);
    loop_unhook(loop, on_hook, (void *)(uintptr_t)&names[0]);
    calls = 0;
    loop_turn(loop, 0);
    expect_called("one", (const int[]){2}, 1);
    loop_free(loop);
}

Test(loop, bears_a_hook_that_removes_itself)
{
    static const int names[] = {1, 2};
    loop = drive_loop();
    loop_hook(loop, on_hook_that_goes, (void *)(uintptr_t)&names[0]);
    loop_hook(loop, on_hook, (void *)(uintptr_t)&names[1]);
    int64_t from_ms = clock_mono_ms();
    loop_turn(loop, 1000);
    cr_expect_lt(clock_mono_ms() - from_ms, 500, "the hook behind it may have been passed over");
    loop_turn(loop, 0);
    cr_expect_eq(called[0], 1);
    cr_expect_eq(called[calls - 1], 2);
    loop_free(loop);
}

Test(loop, takes_any_number_of_hooks)
{
    static const int name = 1;
    loop = drive_loop();
    for (int i = 0; i < 100; i++)
        loop_hook(loop, on_hook, (void *)(uintptr_t)&name);
    loop_turn(loop, 0);
    cr_expect_eq(calls, 100);
    loop_free(loop);
}

/* --- descriptors --- */

struct pair {
    int ends[2];
    struct pair *other;
};

static void on_unwatch_both(void *arg, int fd, int events)
{
    struct pair *p = arg;
    (void)events;
    note(fd);
    loop_unwatch(loop, p->ends[0]);
    loop_unwatch(loop, p->other->ends[0]);
    loop_unwatch(loop, 12345);
    loop_unwatch(loop, -1);
}

Test(loop, never_calls_for_a_descriptor_that_a_callback_unwatched)
{
    struct pair a = {.other = NULL}, b = {.other = &a};
    a.other = &b;
    loop = drive_loop();
    cr_assert_eq(pipe(a.ends), 0);
    cr_assert_eq(pipe(b.ends), 0);
    cr_assert_eq(loop_watch(loop, a.ends[0], LOOP_READ, on_unwatch_both, &a), ERR_OK);
    cr_assert_eq(loop_watch(loop, b.ends[0], LOOP_READ, on_unwatch_both, &b), ERR_OK);
    cr_assert_eq(write(a.ends[1], "x", 1), 1);
    cr_assert_eq(write(b.ends[1], "x", 1), 1);
    loop_turn(loop, 100);
    loop_turn(loop, 0);
    cr_expect_eq(calls, 1);
    cr_assert_eq(loop_watch(loop, a.ends[0], LOOP_READ, on_unwatch_both, &a), ERR_OK);
    loop_turn(loop, 100);
    cr_expect_eq(calls, 2, "watched again");
    loop_free(loop);
    for (int i = 0; i < 2; i++) {
        (void)close(a.ends[i]);
        (void)close(b.ends[i]);
    }
}

static int seen_events;

static void on_events(void *arg, int fd, int events)
{
    (void)arg;
    (void)fd;
    seen_events |= events;
}

Test(loop, tells_reading_writing_and_hanging_up)
{
    int ends[2];
    loop = drive_loop();
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(loop_watch(loop, ends[1], LOOP_WRITE, on_events, NULL), ERR_OK);
    loop_turn(loop, 100);
    cr_expect_eq(seen_events, LOOP_WRITE);
    loop_unwatch(loop, ends[1]);
    (void)close(ends[1]);
    seen_events = 0;
    cr_assert_eq(loop_watch(loop, ends[0], LOOP_READ, on_events, NULL), ERR_OK);
    loop_turn(loop, 100);
    cr_expect(seen_events & LOOP_READ, "the other end closed");
    loop_unwatch(loop, ends[0]);
    (void)close(ends[0]);
    cr_expect_eq(loop_watch(loop, ends[0], LOOP_READ, on_events, NULL), ERR_IO, "a closed one");
    loop_free(loop);
}

Test(loop, watches_a_descriptor_whose_number_was_used_before)
{
    int ends[2], again[2];
    loop = drive_loop();
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(loop_watch(loop, ends[0], LOOP_READ, on_events, NULL), ERR_OK);
    (void)close(ends[0]); /* without loop_unwatch */
    (void)close(ends[1]);
    cr_assert_eq(pipe(again), 0);
    cr_assert_eq(again[0], ends[0]);
    cr_expect_eq(loop_watch(loop, again[0], LOOP_READ, on_events, NULL), ERR_OK);
    cr_assert_eq(write(again[1], "x", 1), 1);
    loop_turn(loop, 100);
    cr_expect_eq(seen_events, LOOP_READ);
    loop_free(loop);
    (void)close(again[0]);
    (void)close(again[1]);
}

static void *wake_soon(void *arg)
{
    (void)usleep(20000);
    loop_wake(arg);
    return NULL;
}

Test(loop, is_woken_from_another_thread)
{
    pthread_t thread;
    loop = drive_loop();
    int64_t from_ms = clock_mono_ms();
    cr_assert_eq(pthread_create(&thread, NULL, wake_soon, loop), 0);
    loop_turn(loop, 10000);
    int64_t took_ms = clock_mono_ms() - from_ms;
    cr_expect_lt(took_ms, 5000);
    (void)pthread_join(thread, NULL);
    loop_wake(loop);
    loop_wake(loop);
    loop_turn(loop, 10000); /* the next wait, when there is none now */
    cr_expect_lt(clock_mono_ms() - from_ms, 9000);
    from_ms = clock_mono_ms();
    loop_turn(loop, 20);
    cr_expect_geq(clock_mono_ms() - from_ms, 15, "a wake is used up");
    loop_free(loop);
}
