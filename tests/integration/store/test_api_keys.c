#include "common/store/api_keys.h"

#include "tests/support/drive.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { WAIT_MS = 20000, MOST = 4 };

static struct store s;

struct outcome {
    bool come;
    enum err err;
    struct api_key key, list[MOST];
    size_t count;
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

TestSuite(api_keys, .init = open_store, .fini = close_store);

static bool has_come(void *arg)
{
    (void)arg;
    return got.come;
}

static void on_key(void *arg, enum err err, const struct api_key *key)
{
    (void)arg;
    cr_assert_eq(key != NULL, err == ERR_OK);
    got = (struct outcome){.come = true, .err = err};
    if (key != NULL)
        got.key = *key;
}

static void on_list(void *arg, enum err err, const struct api_key *list, size_t count)
{
    (void)arg;
    cr_assert_eq(err, ERR_OK);
    cr_assert_leq(count, MOST);
    got = (struct outcome){.come = true, .count = count};
    memcpy(got.list, list, count * sizeof(list[0]));
}

static enum err await(enum err asked)
{
    cr_assert_eq(asked, ERR_OK);
    cr_assert(drive_until(s.loop, has_come, NULL, WAIT_MS));
    return got.err;
}

static enum err get(const char *prefix)
{
    got.come = false;
    return await(api_keys_get(s.redis, prefix, on_key, NULL));
}

static void list(void)
{
    got.come = false;
    (void)await(api_keys_list(s.redis, s.account, on_list, NULL));
}

/* What a key is made of: `at` is when, and more in its name. */
static struct api_key sample(int64_t at_ms)
{
    struct api_key key = {.scopes = SCOPE_READ | SCOPE_SEND,
                          .limit = {7, 9},
                          .created_at_ms = at_ms,
                          .expires_at_ms = at_ms + 5};
    memcpy(key.account, s.account, sizeof(key.account));
    (void)snprintf(key.name, sizeof(key.name), "a \"name\"");
    return key;
}

static void make(char text[KEY_TEXT_SIZE], int64_t at_ms)
{
    const struct api_key key = sample(at_ms);
    got.come = false;
    cr_assert_eq(await(api_keys_create(s.redis, &key, text, on_key, NULL)), ERR_OK);
}

static void drop(const char *prefix)
{
    (void)store_int(&s, "DEL key:%s", prefix);
}

Test(api_keys, a_key_is_made_found_and_matched)
{
    char text[KEY_TEXT_SIZE], prefix[33], stored[STORE_TEXT_SIZE];
    struct str secret;
    make(text, 1769854272345);
    cr_assert(str_starts(str_of(text), STR("wayscloud_sms_")), "%s", text);
    cr_assert(api_key_split(str_of(text), prefix, &secret));
    cr_expect_eq(strlen(prefix), KEY_PREFIX_SIZE - 1);
    cr_expect_eq(secret.n, KEY_SECRET_SIZE - 1);
    cr_assert_eq(get(prefix), ERR_OK);
    cr_expect_str_eq(got.key.account, s.account);
    cr_expect_str_eq(got.key.name, "a \"name\"");
    cr_expect_str_eq(got.key.prefix, prefix);
    cr_expect_eq(got.key.scopes, SCOPE_READ | SCOPE_SEND);
    cr_expect_eq(got.key.limit.per_s, 7);
    cr_expect_eq(got.key.limit.burst, 9);
    cr_expect_eq(got.key.created_at_ms, 1769854272345);
    cr_expect_eq(got.key.expires_at_ms, 1769854272350);
    cr_expect(api_key_matches(&got.key, secret));
    cr_expect(!api_key_matches(&got.key, (struct str){secret.p, secret.n - 1}));
    cr_expect(!api_key_matches(&got.key, STR("")));
    text[strlen(text) - 1] ^= 1;
    cr_expect(!api_key_matches(&got.key, secret), "one bit is another");
    store_text(&s, stored, "GET key:%s", prefix);
    cr_expect_null(strstr(stored, text + strlen(text) - 20), "the secret is not stored");
    drop(prefix);
}

Test(api_keys, one_stored_without_scopes_has_all)
{
    (void)store_int(&s,
                    "SET key:x%s {\"account\":\"%s\",\"name\":\"n\",\"sha256\":\"00\","
                    "\"created_at\":1}",
                    s.account, s.account);
    char prefix[40];
    (void)snprintf(prefix, sizeof(prefix), "x%s", s.account);
    cr_assert_eq(get(prefix), ERR_OK);
    cr_expect_eq(got.key.scopes, SCOPE_ALL);
    cr_expect_eq(got.key.limit.per_s, 0);
    cr_expect_eq(got.key.expires_at_ms, 0);
    drop(prefix);
}

Test(api_keys, they_are_listed_with_their_last_use_and_forgotten_when_gone)
{
    char text[KEY_TEXT_SIZE], first[33], second[33];
    list();
    cr_expect_eq(got.count, 0);
    make(text, 2000);
    memcpy(second, got.key.prefix, sizeof(second));
    make(text, 1000);
    memcpy(first, got.key.prefix, sizeof(first));
    api_keys_used(s.redis, &got.key, 1769854272345);
    list();
    cr_assert_eq(got.count, 2);
    cr_expect_str_eq(got.list[0].prefix, first, "the oldest first");
    cr_expect_eq(got.list[0].used_at_ms, 1769854272345);
    cr_expect_str_eq(got.list[1].prefix, second);
    cr_expect_eq(got.list[1].used_at_ms, 0);
    drop(first);
    list();
    cr_assert_eq(got.count, 1);
    cr_expect_str_eq(got.list[0].prefix, second);
    cr_expect_eq(store_int(&s, "SCARD keys:{%s}", s.account), 1);
    cr_expect_eq(store_int(&s, "HLEN used:{%s}", s.account), 0);
    drop(second);
}

Test(api_keys, revoked_and_expired_ones_are_over_and_go_later)
{
    char text[KEY_TEXT_SIZE], prefix[33];
    make(text, 1000);
    memcpy(prefix, got.key.prefix, sizeof(prefix));
    cr_expect_eq(api_key_state(&got.key, 1004), API_KEY_ACTIVE);
    cr_expect_eq(api_key_state(&got.key, 1005), API_KEY_EXPIRED);
    got.come = false;
    cr_assert_eq(await(api_keys_expire(s.redis, prefix, 1000, 3000, on_key, NULL)), ERR_OK);
    cr_expect_eq(api_key_state(&got.key, 2999), API_KEY_ACTIVE);
    cr_expect_eq(api_key_state(&got.key, 3000), API_KEY_EXPIRED);
    int64_t left_ms = store_int(&s, "PTTL key:%s", prefix);
    cr_expect(left_ms > API_KEYS_KEEP_MS - 60000 && left_ms <= API_KEYS_KEEP_MS + 2000);
    got.come = false;
    cr_assert_eq(await(api_keys_revoke(s.redis, prefix, 1500, on_key, NULL)), ERR_OK);
    cr_expect_eq(api_key_state(&got.key, 1500), API_KEY_REVOKED);
    cr_expect_eq(got.key.scopes, SCOPE_READ | SCOPE_SEND, "a list survives the change");
    cr_assert_eq(get(prefix), ERR_OK);
    cr_expect_eq(got.key.revoked_at_ms, 1500);
    drop(prefix);
    got.come = false;
    cr_expect_eq(await(api_keys_revoke(s.redis, prefix, 1500, on_key, NULL)), ERR_NOT_FOUND);
}

Test(api_keys, an_account_has_so_many)
{
    char text[KEY_TEXT_SIZE];
    const struct api_key key = sample(1);
    for (int i = 0; i < API_KEYS_MAX; i++)
        (void)store_int(&s, "SADD keys:{%s} p%d", s.account, i);
    got.come = false;
    cr_expect_eq(await(api_keys_create(s.redis, &key, text, on_key, NULL)), ERR_FULL);
}

Test(api_keys, keys_differ)
{
    char first[KEY_TEXT_SIZE], second[KEY_TEXT_SIZE];
    make(first, 1);
    drop(got.key.prefix);
    make(second, 1);
    drop(got.key.prefix);
    cr_expect_str_neq(first, second);
}

Test(api_keys, a_key_that_is_not_there)
{
    cr_expect_eq(get("0000000000"), ERR_NOT_FOUND);
}

Test(api_key, scopes_have_names)
{
    static const unsigned scopes[] = {SCOPE_READ, SCOPE_SEND, SCOPE_MANAGE};
    struct buf text = {.cap = 100};
    for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
        cr_expect_eq(scope_of_name(scope_name(scopes[i])), scopes[i]);
    cr_expect_eq(scope_of_name("admin"), 0);
    cr_expect_null(scope_name(SCOPE_ALL));
    scopes_write(&text, SCOPE_READ | SCOPE_MANAGE);
    cr_expect_str_eq(text.p, "[\"read\",\"manage\"]");
    buf_done(&text);
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
