#include "tests/support/store.h"

#include "common/store/approvals.h"
#include "tests/support/drive.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { WAIT_MS = 20000, MOST = 100 };

static const char PROFILE_A[] = "0198c0de-7000-7abc-8def-000000000001";
static const char PROFILE_B[] = "0198c0de-7000-7abc-8def-000000000002";

static struct store s;

static struct {
    bool come;
    enum err err;
    size_t count;
    int64_t total;
    struct approvals_entry all[MOST];
} got;

static void open_store(void)
{
    store_open(&s);
}

static void close_store(void)
{
    approvals_drop(s.redis, s.account, PROFILE_A);
    approvals_drop(s.redis, s.account, PROFILE_B);
    store_close(&s);
}

TestSuite(approvals, .init = open_store, .fini = close_store);

static bool has_come(void *arg)
{
    (void)arg;
    return got.come;
}

static void on_list(void *arg, enum err err, const struct approvals_entry *entries, size_t count,
                    int64_t total)
{
    (void)arg;
    cr_assert_leq(count, MOST);
    got.come = true;
    got.err = err;
    got.count = count;
    got.total = total;
    if (count > 0)
        memcpy(got.all, entries, count * sizeof(entries[0]));
}

static void list(int64_t skip, int64_t most)
{
    got.come = false;
    cr_assert_eq(approvals_list(s.redis, skip, most, on_list, NULL), ERR_OK);
    cr_assert(drive_until(s.loop, has_come, NULL, WAIT_MS));
    cr_assert_eq(got.err, ERR_OK);
}

static void add(const char *profile, int64_t at_ms)
{
    struct approvals_entry entry = {.at_ms = at_ms};
    (void)snprintf(entry.account, sizeof(entry.account), "%s", s.account);
    (void)snprintf(entry.profile, sizeof(entry.profile), "%s", profile);
    cr_assert_eq(approvals_add(s.redis, &entry), ERR_OK);
}

Test(approvals, the_longest_waiting_first)
{
    add(PROFILE_B, 2); /* before anybody else's */
    add(PROFILE_A, 1);
    list(0, 2);
    cr_assert_eq(got.count, 2);
    cr_expect_geq(got.total, 2);
    cr_expect_str_eq(got.all[0].account, s.account);
    cr_expect_str_eq(got.all[0].profile, PROFILE_A);
    cr_expect_eq(got.all[0].at_ms, 1);
    cr_expect_str_eq(got.all[1].profile, PROFILE_B);
    list(1, 1);
    cr_assert_eq(got.count, 1);
    cr_expect_str_eq(got.all[0].profile, PROFILE_B);
}

Test(approvals, dropped)
{
    add(PROFILE_A, 1);
    approvals_drop(s.redis, s.account, PROFILE_A);
    approvals_drop(s.redis, s.account, PROFILE_B);
    list(0, MOST);
    for (size_t i = 0; i < got.count; i++)
        cr_expect_str_neq(got.all[i].account, s.account);
}

Test(approvals, an_entry_that_cannot_be_read_is_left_out)
{
    (void)store_int(
        &s, "ZADD approvals 1 no-profile-in-it-but-one-word-that-is-far-too-long-for-an-account");
    add(PROFILE_A, 2);
    list(0, 2);
    (void)store_int(
        &s, "ZREM approvals no-profile-in-it-but-one-word-that-is-far-too-long-for-an-account");
    cr_assert_eq(got.count, 1);
    cr_expect_str_eq(got.all[0].profile, PROFILE_A);
}
