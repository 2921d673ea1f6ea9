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
    struct api_key key;
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

static void on_key(void *arg, enum err err, const struct api_key *key)
{
    (void)arg;
    cr_assert_eq(key != NULL, err == ERR_OK);
    got = (struct outcome){.come = true, .err = err};
    if (key != NULL)
        got.key = *key;
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

static enum err get_key(const char *prefix)
{
    got.come = false;
    return await(accounts_get_key(s.redis, prefix, on_key, NULL));
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

/* --- keys --- */

Test(accounts, a_key_is_made_found_and_matched)
{
    char text[KEY_TEXT_SIZE], prefix[33];
    struct str secret;
    got.come = false;
    cr_assert_eq(
        await(accounts_create_key(s.redis, s.account, "a name", 1769854272345, text, on_key, NULL)),
        ERR_OK);
    cr_assert(str_starts(str_of(text), STR("wayscloud_sms_")), "%s", text);
    cr_assert(api_key_split(str_of(text), prefix, &secret));
    cr_expect_eq(strlen(prefix), KEY_PREFIX_SIZE - 1);
    cr_expect_eq(secret.n, KEY_SECRET_SIZE - 1);
    cr_assert_eq(get_key(prefix), ERR_OK);
    cr_expect_str_eq(got.key.account, s.account);
    cr_expect_str_eq(got.key.name, "a name");
    cr_expect_str_eq(got.key.prefix, prefix);
    cr_expect_eq(got.key.created_at_ms, 1769854272345);
    cr_expect(api_key_matches(&got.key, secret));
    cr_expect(!api_key_matches(&got.key, (struct str){secret.p, secret.n - 1}));
    cr_expect(!api_key_matches(&got.key, STR("")));
    text[strlen(text) - 1] ^= 1;
    cr_expect(!api_key_matches(&got.key, secret), "one bit is another");
    char stored[STORE_TEXT_SIZE];
    store_text(&s, stored, "GET key:%s", prefix);
    cr_expect_null(strstr(stored, text + strlen(text) - 20), "the secret is not stored");
    (void)store_int(&s, "DEL key:%s", prefix);
}

Test(accounts, keys_differ)
{
    char first[KEY_TEXT_SIZE], second[KEY_TEXT_SIZE], prefix[33];
    struct str secret;
    char *texts[] = {first, second};
    for (size_t i = 0; i < 2; i++) {
        got.come = false;
        cr_assert_eq(await(accounts_create_key(s.redis, s.account, "k", 1, texts[i], on_key, NULL)),
                     ERR_OK);
        cr_assert(api_key_split(str_of(texts[i]), prefix, &secret));
        (void)store_int(&s, "DEL key:%s", prefix);
    }
    cr_expect_str_neq(first, second);
}

Test(accounts, a_key_that_is_not_there)
{
    cr_expect_eq(get_key("0000000000"), ERR_NOT_FOUND);
}

Test(api_key, split)
{
    static const struct {
        const char *name, *text, *prefix, *secret; /* NULL: it can't be a key */
    } cases[] = {
        {"as they are made", "wayscloud_sms_abc12XYZ90_s3cret", "abc12XYZ90", "s3cret"},
        {"the secret holds underscores", "wayscloud_sms_abc12_YOUR_SECRET_", "abc12",
         "YOUR_SECRET_"},
        {"a prefix of one", "wayscloud_sms_a_b", "a", "b"},
        {"a prefix of 32", "wayscloud_sms_01234567890123456789012345678901_b",
         "01234567890123456789012345678901", "b"},
        {"a prefix of 33", "wayscloud_sms_012345678901234567890123456789012_b", NULL, NULL},
        {"empty", "", NULL, NULL},
        {"another beginning", "wayscloud_ai_abc12_secret", NULL, NULL},
        {"only the beginning", "wayscloud_sms_", NULL, NULL},
        {"no secret", "wayscloud_sms_abc12", NULL, NULL},
        {"an empty secret", "wayscloud_sms_abc12_", NULL, NULL},
        {"an empty prefix", "wayscloud_sms__secret", NULL, NULL},
        {"a prefix that is a pattern", "wayscloud_sms_a*_secret", NULL, NULL},
        {"a prefix with a space", "wayscloud_sms_a b_secret", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char prefix[33] = "";
        struct str secret = {0};
        bool ok = api_key_split(str_of(cases[i].text), prefix, &secret);
        cr_expect_eq(ok, cases[i].prefix != NULL, "%s", cases[i].name);
        if (!ok || cases[i].prefix == NULL)
            continue;
        cr_expect_str_eq(prefix, cases[i].prefix, "%s", cases[i].name);
        cr_expect(str_eq(secret, str_of(cases[i].secret)), "%s", cases[i].name);
    }
}

Test(api_key, a_very_long_one_is_none)
{
    char text[400], prefix[33];
    struct str secret;
    memset(text, 'a', sizeof(text));
    (void)snprintf(text, sizeof(text), "wayscloud_sms_abc12_");
    text[strlen(text)] = 'a';
    cr_expect(!api_key_split((struct str){text, sizeof(text)}, prefix, &secret));
    cr_expect(api_key_split((struct str){text, 256}, prefix, &secret));
}
