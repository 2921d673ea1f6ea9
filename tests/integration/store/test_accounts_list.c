#include "tests/support/store.h"

#include "common/store/accounts_list.h"
#include "tests/support/drive.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { WAIT_MS = 20000, MADE = 5 };

static struct store s;

static struct {
    bool come;
    enum err err;
    size_t count;
    int64_t total;
    struct account all[ACCOUNTS_LIST_MAX];
} got;

static void open_store(void)
{
    store_open(&s);
}

static char *name(size_t i)
{
    static char text[CHUNK_ACCOUNT_MAX + 1];
    (void)snprintf(text, sizeof(text), "%.28s-%u", s.account, (unsigned)i % 10);
    return text;
}

static void close_store(void)
{
    for (size_t i = 0; i < MADE; i++) {
        (void)store_int(&s, "ZREM accounts %s", name(i));
        (void)store_int(&s, "DEL account:{%s}", name(i));
    }
    store_close(&s);
}

TestSuite(accounts_list, .init = open_store, .fini = close_store);

static bool has_come(void *arg)
{
    (void)arg;
    return got.come;
}

static void on_account(void *arg, enum err err, const struct account *account)
{
    (void)arg;
    (void)account;
    got.come = true;
    got.err = err;
}

static void on_list(void *arg, enum err err, const struct account *accounts, size_t count,
                    int64_t total)
{
    (void)arg;
    got.come = true;
    got.err = err;
    got.count = count;
    got.total = total;
    if (count > 0)
        memcpy(got.all, accounts, count * sizeof(accounts[0]));
}

static enum err await(enum err asked)
{
    cr_assert_eq(asked, ERR_OK);
    cr_assert(drive_until(s.loop, has_come, NULL, WAIT_MS));
    got.come = false;
    return got.err;
}

static void make(size_t i)
{
    struct account account = {.name = "A \"name\"", .currency = "SEK", .active = true};
    (void)snprintf(account.id, sizeof(account.id), "%s", name(i));
    cr_assert_eq(await(accounts_create(s.redis, &account, on_account, NULL)), ERR_OK);
}

/* Where the test's accounts begin among those of others. */
static int64_t rank(void)
{
    return store_int(&s, "ZRANK accounts %s", name(0));
}

Test(accounts_list, by_id_and_page)
{
    for (size_t i = MADE; i-- > 0;)
        make(i);
    cr_assert_eq(await(accounts_list(s.redis, rank(), MADE, on_list, NULL)), ERR_OK);
    cr_assert_eq(got.count, MADE);
    cr_expect_geq(got.total, MADE);
    for (size_t i = 0; i < MADE; i++) {
        cr_expect_str_eq(got.all[i].id, name(i));
        cr_expect_str_eq(got.all[i].currency, "SEK");
    }
    cr_assert_eq(await(accounts_list(s.redis, rank() + 1, 2, on_list, NULL)), ERR_OK);
    cr_assert_eq(got.count, 2);
    cr_expect_str_eq(got.all[0].id, name(1));
    cr_assert_eq(await(accounts_list(s.redis, got.total + 100, 2, on_list, NULL)), ERR_OK);
    cr_expect_eq(got.count, 0);
}

Test(accounts_list, one_that_was_never_made_is_left_out)
{
    make(0);
    make(2);
    cr_assert_eq(accounts_list_add(s.redis, name(1)), ERR_OK);
    cr_assert_eq(await(accounts_list(s.redis, rank(), 3, on_list, NULL)), ERR_OK);
    cr_assert_eq(got.count, 2);
    cr_expect_str_eq(got.all[1].id, name(2));
}

Test(accounts_list, what_cannot_be_read_is_an_error)
{
    make(0);
    (void)store_int(&s, "SET account:{%s} x", name(0));
    cr_expect_eq(await(accounts_list(s.redis, rank(), 1, on_list, NULL)), ERR_IO);
}
