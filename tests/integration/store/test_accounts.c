#include "tests/support/store.h"

#include "common/store/accounts.h"
#include "tests/support/drive.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { WAIT_MS = 20000 };

static struct store s;

struct outcome {
    bool come;
    enum err err;
    struct account account;
};

static struct outcome got;

static void open_store(void)
{
    store_open(&s);
}

static void close_store(void)
{
    store_close(&s);
}

TestSuite(accounts, .init = open_store, .fini = close_store);

static bool has_come(void *arg)
{
    (void)arg;
    return got.come;
}

static void on_account(void *arg, enum err err, const struct account *account)
{
    (void)arg;
    cr_assert_eq(account != NULL, err == ERR_OK);
    got = (struct outcome){.come = true, .err = err};
    if (account != NULL)
        got.account = *account;
}

static enum err await(enum err asked)
{
    cr_assert_eq(asked, ERR_OK);
    cr_assert(drive_until(s.loop, has_come, NULL, WAIT_MS));
    return got.err;
}

static enum err create(const struct account *account)
{
    got.come = false;
    return await(accounts_create(s.redis, account, on_account, NULL));
}

static enum err get(const char *id)
{
    got.come = false;
    return await(accounts_get(s.redis, id, on_account, NULL));
}

static struct account sample(void)
{
    struct account account = {.name = "The \"Acme\" \xc3\xa6\\Company",
                              .currency = "NOK",
                              .active = true,
                              .created_at_ms = 1769854272345};
    memcpy(account.id, s.account, sizeof(account.id));
    return account;
}

Test(accounts, create_and_get)
{
    const struct account account = sample();
    cr_expect_eq(get(account.id), ERR_NOT_FOUND);
    cr_assert_eq(create(&account), ERR_OK);
    cr_assert_eq(get(account.id), ERR_OK);
    cr_expect_str_eq(got.account.id, account.id);
    cr_expect_str_eq(got.account.name, account.name);
    cr_expect_str_eq(got.account.currency, "NOK");
    cr_expect(got.account.active);
    cr_expect_eq(got.account.created_at_ms, account.created_at_ms);
}

Test(accounts, a_second_one_of_that_id_is_refused)
{
    struct account account = sample();
    cr_assert_eq(create(&account), ERR_OK);
    memcpy(account.name, "other", 6);
    cr_expect_eq(create(&account), ERR_CONFLICT);
    cr_assert_eq(get(account.id), ERR_OK);
    cr_expect_str_eq(got.account.name, "The \"Acme\" \xc3\xa6\\Company", "unchanged");
}

Test(accounts, what_cannot_be_read_is_an_error)
{
    static const char *const values[] = {"", "{}", "[]", "{\"id\":1}", "\xff"};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        (void)store_int(&s, "SET account:{%s} %s", s.account,
                        values[i][0] != '\0' ? values[i] : "x");
        cr_expect_eq(get(s.account), ERR_IO, "%s", values[i]);
    }
}

static enum err change(const char *id, const struct account_change *what)
{
    got.come = false;
    return await(accounts_change(s.redis, id, what, on_account, NULL));
}

Test(accounts, a_change_touches_only_what_it_names)
{
    const struct account account = sample();
    const struct account_quotas quotas = {1000000000000, 9999999999999};
    const struct rate_limit limit = {50, 100};
    const bool active = false;
    cr_expect_eq(change(account.id, &(struct account_change){.active = &active}), ERR_NOT_FOUND);
    cr_assert_eq(create(&account), ERR_OK);
    cr_assert_eq(change(account.id, &(struct account_change){.quotas = &quotas, .limit = &limit}),
                 ERR_OK);
    cr_assert_eq(change(account.id, &(struct account_change){.active = &active}), ERR_OK);
    cr_expect(!got.account.active);
    cr_assert_eq(get(account.id), ERR_OK);
    cr_expect_str_eq(got.account.name, account.name);
    cr_expect_str_eq(got.account.currency, "NOK");
    cr_expect(!got.account.active);
    cr_expect_eq(got.account.created_at_ms, account.created_at_ms);
    cr_expect_eq(got.account.quotas.messages_a_day, 1000000000000);
    cr_expect_eq(got.account.quotas.spend_a_month_milli, 9999999999999);
    cr_expect_eq(got.account.limit.per_s, 50);
    cr_expect_eq(got.account.limit.burst, 100);
    const struct account_quotas none = {0};
    const struct account_change last = {
        .name = "\xc3\x86 / \"2\"", .currency = "EUR", .quotas = &none};
    cr_assert_eq(change(account.id, &last), ERR_OK);
    cr_expect_str_eq(got.account.name, last.name);
    cr_expect_str_eq(got.account.currency, "EUR");
    cr_expect_eq(got.account.quotas.messages_a_day, 0);
    cr_expect_eq(got.account.quotas.spend_a_month_milli, 0);
    cr_expect_eq(got.account.limit.per_s, 50);
}

Test(accounts, a_field_of_another_writer_stays)
{
    const bool active = false;
    char stored[STORE_TEXT_SIZE];
    (void)store_int(&s,
                    "SET account:{%s} {\"id\":\"%s\",\"name\":\"n\",\"currency\":\"NOK\","
                    "\"active\":true,\"created_at\":1,\"other\":{\"a\":[1,\"x\"]}}",
                    s.account, s.account);
    cr_assert_eq(change(s.account, &(struct account_change){.active = &active}), ERR_OK);
    store_text(&s, stored, "GET account:{%s}", s.account);
    cr_expect_not_null(strstr(stored, "\"other\":{\"a\":[1,\"x\"]}"), "%s", stored);
    cr_expect_not_null(strstr(stored, "\"active\":false"), "%s", stored);
}
