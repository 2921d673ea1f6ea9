#include "tests/support/store.h"

#include "common/io/crypto.h"
#include "common/store/due.h"
#include "tests/support/drive.h"

#include <criterion/criterion.h>
#include <stdio.h>

/* SHARDS is far more than a worker has, so that a shard found by chance is the test's own; NAMES
 * fall into it. */
enum {
    HOUR_MS = 3600000,
    WAIT_MS = 20000,
    SHARDS = 1 << 16,
    FIRST = 1 << 12,
    NAMES = 5,
    TEXT = 64
};

static struct store s;
static unsigned shard;
static char names[NAMES][TEXT];

struct taken {
    bool come;
    size_t count;
    int64_t next_ms;
    char lease[TEXT], names[NAMES][TEXT], records[NAMES][TEXT], topic[TEXT], key[TEXT];
};

static struct taken taken;

static void find_names(void)
{
    unsigned found = 0;
    for (unsigned i = 0; found < NAMES; i++) {
        (void)snprintf(names[found], TEXT, "%s/%u", s.account, i);
        unsigned at = due_shard(str_of(names[found]), SHARDS);
        if (found == 0 && at >= FIRST)
            shard = at;
        found += at >= FIRST && at == shard;
    }
}

static void open_store(void)
{
    store_open(&s);
    find_names();
}

static void close_store(void)
{
    (void)store_int(&s, "DEL due:{due:%u} rec:{due:%u}", shard, shard);
    store_close(&s);
}

TestSuite(due, .init = open_store, .fini = close_store);

static bool has_come(void *arg)
{
    return *(const bool *)arg;
}

static void on_done(void *arg, enum err err)
{
    cr_assert_eq(err, ERR_OK, "%s", err_text(err));
    *(bool *)arg = true;
}

static void copy(char text[TEXT], struct str from)
{
    (void)snprintf(text, TEXT, "%.*s", (int)from.n, from.n > 0 ? from.p : "");
}

static void on_taken(void *arg, enum err err, const struct due_taken *got)
{
    struct taken *t = arg;
    cr_assert_eq(err, ERR_OK, "%s", err_text(err));
    cr_assert_leq(got->count, NAMES);
    const struct due *list = got->list;
    t->come = true;
    t->count = got->count;
    t->next_ms = got->next_ms;
    copy(t->lease, got->lease);
    for (size_t i = 0; i < got->count; i++) {
        copy(t->names[i], list[i].name);
        copy(t->records[i], list[i].record);
        copy(t->topic, list[i].topic);
        copy(t->key, list[i].key);
    }
}

static void put(const char *name, const char *record, int64_t at_ms)
{
    bool come = false;
    const struct due due = {str_of(name), STR("sms.jobs"), STR("a key"), str_of(record)};
    cr_assert_eq(due_put(s.redis, SHARDS, &due, at_ms, on_done, &come), ERR_OK);
    cr_assert(drive_until(s.loop, has_come, &come, WAIT_MS));
}

static size_t take_bytes(int64_t lease_ms, unsigned most, size_t bytes)
{
    taken = (struct taken){.come = false};
    const struct due_limits limits = {lease_ms, most, bytes};
    cr_assert_eq(due_take(s.redis, shard, &limits, on_taken, &taken), ERR_OK);
    cr_assert(drive_until(s.loop, has_come, &taken.come, WAIT_MS));
    return taken.count;
}

static size_t take(int64_t lease_ms, unsigned most)
{
    return take_bytes(lease_ms, most, SIZE_MAX / 2);
}

static void done(const char *lease, const char *name)
{
    bool come = false;
    const struct str list[] = {str_of(name)};
    cr_assert_eq(due_done(s.redis, shard, str_of(lease), list, 1, on_done, &come), ERR_OK);
    cr_assert(drive_until(s.loop, has_come, &come, WAIT_MS));
}

static int64_t left(void)
{
    int64_t waiting = store_int(&s, "ZCARD due:{due:%u}", shard);
    cr_assert_eq(waiting, store_int(&s, "HLEN rec:{due:%u}", shard), "names and records differ");
    return waiting;
}

Test(due, what_is_put_is_taken_and_done)
{
    put(names[0], "a\nrecord\n", 1000);
    cr_assert_eq(take(HOUR_MS, 10), 1);
    cr_expect_str_eq(taken.names[0], names[0]);
    cr_expect_str_eq(taken.topic, "sms.jobs");
    cr_expect_str_eq(taken.key, "a key");
    cr_expect_str_eq(taken.records[0], "a\nrecord\n");
    cr_expect_eq(take(HOUR_MS, 10), 0, "lent");
    cr_expect_eq(left(), 1);
    cr_assert_eq(store_int(&s, "PING"), 0);
    put(names[1], "later", store_now_ms(&s) + HOUR_MS);
    cr_expect_eq(take(HOUR_MS, 10), 0, "not due yet");
}

Test(due, done_removes_it)
{
    put(names[0], "r", 1000);
    cr_assert_eq(take(HOUR_MS, 10), 1);
    done(taken.lease, names[0]);
    cr_expect_eq(left(), 0);
    done(taken.lease, names[0]);
    cr_expect_eq(left(), 0);
}

Test(due, is_due_again_when_its_lease_ends)
{
    put(names[0], "r", 1000);
    cr_assert_eq(take(20, 10), 1);
    char stale[32];
    memcpy(stale, taken.lease, sizeof(stale));
    size_t count = 0;
    for (int i = 0; i < 200 && count == 0; i++) {
        drive_for(s.loop, 5);
        count = take(HOUR_MS, 10);
    }
    cr_assert_eq(count, 1);
    done(stale, names[0]);
    cr_expect_eq(left(), 1, "another's by now");
    done(taken.lease, names[0]);
    cr_expect_eq(left(), 0);
}

Test(due, put_anew_while_it_is_lent_survives_the_done)
{
    int64_t times[] = {1000, store_now_ms(&s) + HOUR_MS, store_now_ms(&s) + 10 * (int64_t)HOUR_MS};
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        put(names[i], "old", 1000);
        cr_assert_eq(take(2 * (int64_t)HOUR_MS, 10), 1);
        put(names[i], "new", times[i]);
        done(taken.lease, names[i]);
        cr_expect_eq(left(), 1, "%lld", (long long)times[i]);
        cr_expect_eq(store_int(&s, "ZSCORE due:{due:%u} %s", shard, names[i]), times[i]);
        char record[STORE_TEXT_SIZE];
        store_text(&s, record, "HGET rec:{due:%u} %s", shard, names[i]);
        cr_expect_str_eq(record, "sms.jobs\na key\nnew");
        (void)store_int(&s, "DEL due:{due:%u} rec:{due:%u}", shard, shard);
    }
}

Test(due, the_first_come_first_and_no_more_than_asked_for)
{
    static const int order[NAMES] = {3, 1, 4, 0, 2};
    for (int i = 0; i < NAMES; i++)
        put(names[order[i]], "r", 1000 + order[i]);
    cr_assert_eq(take(HOUR_MS, 2), 2);
    cr_expect_str_eq(taken.names[0], names[0]);
    cr_expect_str_eq(taken.names[1], names[1]);
    cr_assert_eq(take(HOUR_MS, 1), 1);
    cr_expect_str_eq(taken.names[0], names[2]);
    cr_assert_eq(take(HOUR_MS, NAMES), 2);
    cr_expect_str_eq(taken.names[0], names[3]);
    cr_expect_str_eq(taken.names[1], names[4]);
}

Test(due, of_two_times_the_sooner_counts)
{
    int64_t now_ms = store_now_ms(&s);
    put(names[0], "r", now_ms + HOUR_MS);
    put(names[0], "r", now_ms + 2 * (int64_t)HOUR_MS);
    cr_expect_eq(store_int(&s, "ZSCORE due:{due:%u} %s", shard, names[0]), now_ms + HOUR_MS);
    put(names[0], "r", 1000);
    cr_expect_eq(take(HOUR_MS, 1), 1);
}

/* --- by name --- */

static struct {
    bool come;
    size_t count;
} found;

static void on_found(void *arg, enum err err, size_t count)
{
    (void)arg;
    cr_assert_eq(err, ERR_OK, "%s", err_text(err));
    found.come = true;
    found.count = count;
}

/* Of the first three names, and one in another shard that nobody has put. */
static size_t by_name(bool drops, int64_t at_ms)
{
    const struct str list[] = {str_of(names[0]), str_of(names[1]), STR("nobody's"),
                               str_of(names[2])};
    const struct due_names asked = {list, sizeof(list) / sizeof(list[0])};
    found.come = false;
    enum err err = drops ? due_drop(s.redis, SHARDS, &asked, on_found, NULL)
                         : due_move(s.redis, SHARDS, &asked, at_ms, on_found, NULL);
    cr_assert_eq(err, ERR_OK);
    cr_assert(drive_until(s.loop, has_come, &found.come, WAIT_MS));
    return found.count;
}

static int64_t score(const char *name)
{
    return store_int(&s, "ZSCORE due:{due:%u} %s", shard, name);
}

Test(due, what_waits_is_moved_if_that_is_sooner)
{
    int64_t now_ms = store_now_ms(&s);
    put(names[0], "r", now_ms + 2 * (int64_t)HOUR_MS);
    put(names[1], "r", now_ms + 60000);
    cr_expect_eq(by_name(false, now_ms + HOUR_MS), 2);
    cr_expect_eq(score(names[0]), now_ms + HOUR_MS);
    cr_expect_eq(score(names[1]), now_ms + 60000);
    cr_expect_eq(by_name(false, 1000), 2);
    cr_expect_eq(take(HOUR_MS, NAMES), 2);
}

Test(due, what_is_lent_is_not_moved)
{
    put(names[0], "r", 1000);
    cr_assert_eq(take(HOUR_MS, 10), 1);
    cr_expect_eq(by_name(false, 1000), 1);
    done(taken.lease, names[0]);
    cr_expect_eq(left(), 0);
}

Test(due, what_is_dropped_is_gone)
{
    for (int i = 0; i < 4; i++)
        put(names[i], "r", 1000 + i);
    cr_assert_eq(take(HOUR_MS, 1), 1);
    cr_expect_eq(by_name(true, 0), 3);
    cr_expect_eq(left(), 1);
    done(taken.lease, names[0]);
    cr_expect_eq(by_name(true, 0), 0);
    cr_expect_eq(score(names[3]), 1003);
}

Test(due, shards_are_spread_and_stay)
{
    unsigned counts[16] = {0};
    for (unsigned i = 0; i < 16000; i++) {
        char name[TEXT];
        (void)snprintf(name, sizeof(name), "acme/0123456789ab7fffbfffffffff/%u", i);
        unsigned at = due_shard(str_of(name), 16);
        cr_assert_lt(at, 16);
        cr_assert_eq(at, due_shard(str_of(name), 16));
        counts[at]++;
    }
    for (size_t i = 0; i < 16; i++)
        cr_expect(counts[i] > 700 && counts[i] < 1300, "shard %zu has %u of 1000", i, counts[i]);
    cr_expect_eq(due_shard(STR("acme"), 1), 0);
    cr_expect_eq(due_shard(STR(""), 16), 2166136261u % 16);
}

Test(due, a_take_is_bounded_in_bytes_but_for_its_first)
{
    for (size_t i = 0; i < 3; i++)
        put(names[i], "ten bytes.", 1000 + (int64_t)i);
    size_t stored = strlen("sms.jobs\na key\nten bytes.");
    cr_expect_eq(take_bytes(HOUR_MS, 10, 1), 1);
    cr_expect_eq(taken.next_ms, 0, "more is due");
    cr_expect_eq(take_bytes(HOUR_MS, 10, 2 * stored), 2);
    cr_expect_gt(taken.next_ms, 0, "all are lent");
}

Test(due, a_take_tells_when_the_next_is_due)
{
    cr_expect_eq(take(HOUR_MS, 10), 0);
    cr_expect_eq(taken.next_ms, -1);
    put(names[0], "later", store_now_ms(&s) + HOUR_MS);
    cr_expect_eq(take(HOUR_MS, 10), 0);
    cr_expect(taken.next_ms > HOUR_MS - 60000 && taken.next_ms <= HOUR_MS, "%lld",
              (long long)taken.next_ms);
    put(names[1], "now", 1000);
    put(names[2], "now", 1000);
    cr_expect_eq(take(HOUR_MS, 1), 1);
    cr_expect_eq(taken.next_ms, 0);
}
