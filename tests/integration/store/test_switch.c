/* The switch is one for all of a Redis: nothing else in these tests looks at it, and these look in turn. */
#include "common/store/switch.h"

#include "tests/support/drive.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>

enum { WAIT_MS = 20000 };

static struct store s;
static bool answered;
static struct switch_state got;
static unsigned changes;
static bool seen;

static void open_store(void)
{
    store_open(&s);
    (void)store_int(&s, "DEL control");
}

static void close_store(void)
{
    (void)store_int(&s, "DEL control");
    store_close(&s);
}

TestSuite(switches, .init = open_store, .fini = close_store);

static bool is_answered(void *arg)
{
    (void)arg;
    return answered;
}

static void on_state(void *arg, enum err err, const struct switch_state *state)
{
    (void)arg;
    cr_assert_eq(err, ERR_OK, "%s", err_text(err));
    got = *state;
    answered = true;
}

static void await(enum err called)
{
    cr_assert_eq(called, ERR_OK);
    cr_assert(drive_until(s.loop, is_answered, NULL, WAIT_MS));
    answered = false;
}

static void set(bool paused)
{
    await(switch_set(s.redis, paused, on_state, NULL));
}

static void says_what_it_was_set_to_and_since_when(void)
{
    await(switch_get(s.redis, on_state, NULL));
    cr_expect_not(got.paused);
    cr_expect_eq(got.at_ms, 0);
    set(true);
    cr_expect(got.paused);
    int64_t at_ms = got.at_ms;
    cr_expect_gt(at_ms, 0);
    drive_for(s.loop, 5);
    set(true);
    cr_expect_eq(got.at_ms, at_ms);
    await(switch_get(s.redis, on_state, NULL));
    cr_expect(got.paused);
    set(false);
    cr_expect_not(got.paused);
}

static void on_changed(void *arg, bool paused)
{
    (void)arg;
    changes++;
    seen = paused;
}

static bool has_seen(void *arg)
{
    return changes == *(unsigned *)arg;
}

static void await_changes(unsigned count)
{
    cr_assert(drive_until(s.loop, has_seen, &count, WAIT_MS));
}

static void a_watch_sees_it(void)
{
    struct switch_watch watch = {.changed = on_changed};
    cr_expect(switch_stopped(&watch), "nothing is known yet");
    switch_watch(&watch, s.loop, s.redis);
    await_changes(1);
    cr_expect_not(switch_stopped(&watch));
    set(true);
    await_changes(2);
    cr_expect(seen);
    cr_expect(switch_stopped(&watch));
    set(false);
    await_changes(3);
    cr_expect_not(switch_stopped(&watch));
    switch_unwatch(&watch);
    drive_for(s.loop, 2 * (int64_t)SWITCH_LOOK_MS);
    cr_expect_eq(changes, 3);
}

Test(switches, are_kept_and_seen)
{
    says_what_it_was_set_to_and_since_when();
    a_watch_sees_it();
}
