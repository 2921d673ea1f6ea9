#include "tests/support/store.h"

#include "common/io/crypto.h"
#include "common/store/numbers.h"
#include "tests/support/drive.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { WAIT_MS = 20000, MOST = 8 };

static struct store s;

static struct {
    bool come;
    enum err err;
    size_t count;
    struct phone all[MOST];
} got;

static void open_store(void)
{
    store_open(&s);
}

static void close_store(void)
{
    store_close(&s);
}

TestSuite(numbers, .init = open_store, .fini = close_store);

static bool has_come(void *arg)
{
    (void)arg;
    return got.come;
}

static void on_end(void *arg, enum err err)
{
    (void)arg;
    got.come = true;
    got.err = err;
}

static void on_list(void *arg, enum err err, const struct phone *numbers, size_t count)
{
    cr_assert_leq(count, MOST);
    got.count = count;
    if (count > 0)
        memcpy(got.all, numbers, count * sizeof(numbers[0]));
    on_end(arg, err);
}

static enum err await(enum err asked)
{
    cr_assert_eq(asked, ERR_OK);
    cr_assert(drive_until(s.loop, has_come, NULL, WAIT_MS));
    got.come = false;
    return got.err;
}

static enum err add(const char *account, const struct phone *number)
{
    return await(numbers_add(s.redis, account, number, on_end, NULL));
}

static enum err take_away(const char *account, const struct phone *number)
{
    return await(numbers_remove(s.redis, account, number, on_end, NULL));
}

static size_t count_of(const char *account)
{
    cr_assert_eq(await(numbers_list(s.redis, account, on_list, NULL)), ERR_OK);
    return got.count;
}

/* One that no other test has. */
static struct phone fresh(void)
{
    struct phone number;
    (void)snprintf(number.digits, sizeof(number.digits), "999%010u", crypto_random_u32());
    return number;
}

Test(numbers, added_listed_and_removed)
{
    struct phone numbers[] = {{"99900000002"}, {"99900000001"}, fresh()};
    cr_expect_eq(count_of(s.account), 0);
    for (size_t i = 0; i < 3; i++)
        cr_expect_eq(add(s.account, &numbers[i]), ERR_OK);
    cr_expect_eq(add(s.account, &numbers[2]), ERR_OK, "again is fine");
    cr_expect_eq(count_of(s.account), 3);
    cr_expect_str_eq(got.all[0].digits, "99900000001", "by digits");
    for (size_t i = 0; i < 3; i++)
        cr_expect_eq(take_away(s.account, &numbers[i]), ERR_OK);
    cr_expect_eq(take_away(s.account, &numbers[2]), ERR_NOT_FOUND);
    cr_expect_eq(count_of(s.account), 0);
    cr_expect_eq(store_int(&s, "EXISTS number:%s", numbers[2].digits), 0, "given back");
}

Test(numbers, one_belongs_to_one_account)
{
    struct phone number = fresh();
    char other[CHUNK_ACCOUNT_MAX + 1], owner[STORE_TEXT_SIZE];
    (void)snprintf(other, sizeof(other), "other-%08x", crypto_random_u32());
    cr_assert_eq(add(s.account, &number), ERR_OK);
    cr_expect_eq(add(other, &number), ERR_CONFLICT);
    cr_expect_eq(take_away(other, &number), ERR_NOT_FOUND);
    store_text(&s, owner, "GET number:%s", number.digits);
    cr_expect_str_eq(owner, s.account, "still the first one's");
    cr_assert_eq(take_away(s.account, &number), ERR_OK);
    cr_expect_eq(add(other, &number), ERR_OK);
    cr_expect_eq(take_away(other, &number), ERR_OK);
}

Test(numbers, a_crash_in_between_is_mended)
{
    struct phone number = fresh();
    (void)store_int(&s, "SET number:%s %s", number.digits, s.account);
    cr_expect_eq(take_away(s.account, &number), ERR_NOT_FOUND);
    cr_expect_eq(store_int(&s, "EXISTS number:%s", number.digits), 0, "given back all the same");
    (void)store_int(&s, "SET number:%s %s", number.digits, s.account);
    cr_expect_eq(add(s.account, &number), ERR_OK);
    cr_expect_eq(count_of(s.account), 1);
    cr_expect_eq(take_away(s.account, &number), ERR_OK);
}
