#include "tests/support/store.h"

#include "common/io/crypto.h"
#include "common/store/profiles.h"
#include "tests/support/drive.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

enum { WAIT_MS = 20000, STEPS = 600 };

static struct store s;
static unsigned made; /* makes ids */
static uint64_t seed, dice;

static struct {
    bool come;
    enum err err;
    size_t count;
    struct profile all[PROFILES_MAX];
    struct account account;
} got;

static void open_store(void)
{
    store_open(&s);
}

static void close_store(void)
{
    store_close(&s);
}

TestSuite(profiles, .init = open_store, .fini = close_store);

static bool has_come(void *arg)
{
    (void)arg;
    return got.come;
}

static void on_profiles(void *arg, enum err err, const struct profile *profiles, size_t count)
{
    (void)arg;
    got.come = true;
    got.err = err;
    got.count = count;
    if (count > 0)
        memcpy(got.all, profiles, count * sizeof(profiles[0]));
}

static void on_profile(void *arg, enum err err, const struct profile *profile)
{
    cr_assert_eq(profile != NULL, err == ERR_OK);
    on_profiles(arg, err, profile, profile != NULL ? 1 : 0);
}

static void on_account(void *arg, enum err err, const struct account *account)
{
    (void)arg;
    got.come = true;
    got.err = err;
    if (account != NULL)
        got.account = *account;
}

static enum err await(enum err asked)
{
    cr_assert_eq(asked, ERR_OK);
    cr_assert(drive_until(s.loop, has_come, NULL, WAIT_MS));
    got.come = false;
    return got.err;
}

static enum err create(const char *sender, bool wants_default)
{
    struct profile profile = {
        .name = "The \"first\" \xc3\xa6", .allow_reply = true, .wants_default = wants_default};
    (void)snprintf(profile.id, sizeof(profile.id), "0198c0de-7000-7abc-8def-%012x", ++made);
    cr_assert_eq(sender_id_parse(&profile.sender, str_of(sender)), ERR_OK);
    return await(profiles_create(s.redis, s.account, &profile, on_profile, NULL));
}

static enum err list(void)
{
    return await(profiles_list(s.redis, s.account, on_profiles, NULL));
}

static enum err decide(const char *id, bool approve)
{
    struct str reason = approve ? (struct str){0} : STR("not your brand");
    return await(profiles_decide(s.redis, s.account, id, reason, on_profile, NULL));
}

static enum err take_away(const char *id)
{
    return await(profiles_remove(s.redis, s.account, id, on_profile, NULL));
}

static enum err find(const char *id, const char *sender)
{
    return await(profiles_find(s.redis, s.account, str_of(id), str_of(sender), on_profile, NULL));
}

static struct sender default_sender(void)
{
    (void)store_int(&s,
                    "SET account:{%s} "
                    "{\"id\":\"%s\",\"name\":\"n\",\"currency\":\"NOK\",\"active\":true}",
                    s.account, s.account);
    cr_assert_eq(await(accounts_get(s.redis, s.account, on_account, NULL)), ERR_OK);
    return got.account.default_sender;
}

/* --- one thing at a time --- */

Test(profiles, a_brand_waits_for_approval)
{
    cr_assert_eq(create("MyBrand", false), ERR_OK);
    cr_expect_eq(got.all[0].approval, APPROVAL_PENDING);
    cr_expect(!got.all[0].is_default);
    cr_assert_eq(list(), ERR_OK);
    cr_assert_eq(got.count, 1);
    cr_expect_str_eq(got.all[0].name, "The \"first\" \xc3\xa6");
    cr_expect_str_eq(got.all[0].sender.text, "MyBrand");
    cr_expect(got.all[0].sender.custom);
    cr_expect(got.all[0].allow_reply);
    cr_expect_leq(got.all[0].created_at_ms, store_now_ms(&s));
    cr_expect_geq(got.all[0].created_at_ms, store_now_ms(&s) - WAIT_MS);
    cr_expect_str_eq(default_sender().profile, "");
}

Test(profiles, a_number_of_the_accounts_own_is_approved_at_once)
{
    (void)store_int(&s, "SADD numbers:{%s} 4799999999", s.account);
    cr_assert_eq(create("+4799999999", false), ERR_OK);
    cr_expect_eq(got.all[0].approval, APPROVAL_APPROVED);
    cr_expect(got.all[0].is_default, "the first approved one");
    cr_assert_eq(create("4799999998", false), ERR_OK);
    cr_expect_eq(got.all[0].approval, APPROVAL_PENDING, "anybody's number");
    struct sender sender = default_sender();
    cr_expect_str_eq(sender.text, "4799999999");
    cr_expect(sender.allow_reply);
}

Test(profiles, what_a_send_takes)
{
    cr_assert_eq(create("A B & C", false), ERR_OK);
    struct profile profile = got.all[0];
    cr_assert_eq(decide(profile.id, true), ERR_OK);
    struct sender kept = default_sender(), read = profile_sender(&got.all[0]);
    cr_expect_str_eq(kept.profile, profile.id);
    cr_expect_str_eq(kept.text, "A B & C", "spaces and all");
    cr_expect(!kept.allow_reply, "nobody can reply to a name");
    cr_expect_str_eq(read.profile, kept.profile);
    cr_expect_str_eq(read.text, kept.text);
    cr_expect(!read.allow_reply);
}

Test(profiles, a_broken_copy_of_the_default_counts_as_none)
{
    static const char *const texts[] = {"x", "0198c0de", "1", "\xff"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        (void)store_int(&s, "SET sender:{%s} %s", s.account, texts[i]);
        cr_expect_str_eq(default_sender().profile, "", "%s", texts[i]);
    }
}

Test(profiles, the_same_sender_again)
{
    cr_assert_eq(create("MyBrand", false), ERR_OK);
    cr_expect_eq(create("MyBrand", true), ERR_CONFLICT);
    cr_expect_eq(create("mybrand", false), ERR_OK, "another name");
    cr_assert_eq(list(), ERR_OK);
    cr_expect_eq(got.count, 2);
}

Test(profiles, no_more_than_the_most)
{
    char name[16];
    for (int i = 0; i < PROFILES_MAX; i++) {
        (void)snprintf(name, sizeof(name), "Brand%d", i);
        cr_assert_eq(create(name, false), ERR_OK);
    }
    cr_expect_eq(create("OneMore", false), ERR_FULL);
    cr_assert_eq(list(), ERR_OK);
    cr_assert_eq(got.count, PROFILES_MAX);
    for (int i = 0; i < PROFILES_MAX; i++) {
        (void)snprintf(name, sizeof(name), "Brand%d", i);
        cr_expect_str_eq(got.all[i].sender.text, name, "the oldest first");
    }
}

Test(profiles, find)
{
    cr_assert_eq(create("MyBrand", false), ERR_OK);
    struct profile brand = got.all[0];
    cr_assert_eq(create("+4799999999", false), ERR_OK);
    struct profile number = got.all[0];
    const struct {
        const char *name, *id, *sender, *want;
        enum err err;
    } cases[] = {
        {"by id", brand.id, NULL, brand.id, ERR_OK},
        {"by sender", NULL, "MyBrand", brand.id, ERR_OK},
        {"by number with plus", NULL, "+4799999999", number.id, ERR_OK},
        {"by number", NULL, "4799999999", number.id, ERR_OK},
        {"by both", brand.id, "MyBrand", brand.id, ERR_OK},
        {"they disagree", brand.id, "4799999999", NULL, ERR_CONFLICT},
        {"the sender can't be one", brand.id, "\xc3\xa6", NULL, ERR_CONFLICT},
        {"no such id", "0198c0de-7000-7abc-8def-ffffffffffff", NULL, NULL, ERR_NOT_FOUND},
        {"no such id, with a sender", "0198c0de-7000-7abc-8def-ffffffffffff", "MyBrand", NULL,
         ERR_NOT_FOUND},
        {"not an id", "x", NULL, NULL, ERR_NOT_FOUND},
        {"an empty id", "", NULL, NULL, ERR_NOT_FOUND},
        {"no such sender", NULL, "Other", NULL, ERR_NOT_FOUND},
        {"not a sender", NULL, "", NULL, ERR_NOT_FOUND},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_expect_eq(find(cases[i].id, cases[i].sender), cases[i].err, "%s: %s", cases[i].name,
                     err_text(got.err));
        if (cases[i].want != NULL)
            cr_expect_str_eq(got.all[0].id, cases[i].want, "%s", cases[i].name);
    }
}

Test(profiles, a_rejection_has_a_reason_until_it_is_approved)
{
    cr_assert_eq(create("MyBrand", false), ERR_OK);
    struct profile brand = got.all[0];
    cr_assert_eq(decide(brand.id, false), ERR_OK);
    cr_expect_eq(got.all[0].approval, APPROVAL_REJECTED);
    cr_expect_str_eq(got.all[0].reason, "not your brand");
    cr_assert_eq(decide(brand.id, true), ERR_OK);
    cr_expect_str_eq(got.all[0].reason, "");
    cr_expect(got.all[0].is_default);
    cr_expect_eq(decide("0198c0de-7000-7abc-8def-ffffffffffff", true), ERR_NOT_FOUND);
}

Test(profiles, the_only_one_stays_while_it_is_the_default)
{
    cr_assert_eq(create("MyBrand", false), ERR_OK);
    struct profile brand = got.all[0];
    cr_assert_eq(decide(brand.id, true), ERR_OK);
    cr_expect_eq(take_away(brand.id), ERR_CONFLICT);
    cr_assert_eq(decide(brand.id, false), ERR_OK);
    cr_expect_eq(take_away(brand.id), ERR_OK);
    cr_expect_eq(take_away(brand.id), ERR_NOT_FOUND);
}

Test(profiles, what_cannot_be_read_is_an_error)
{
    static const char *const values[] = {"x", "{}", "[]", "{\"id\":1}"};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        (void)store_int(&s, "HSET profiles:{%s} 0198c0de-7000-7abc-8def-000000000000 %s", s.account,
                        values[i]);
        cr_expect_eq(list(), ERR_IO, "%s", values[i]);
        cr_expect_eq(find(NULL, "MyBrand"), ERR_IO, "%s", values[i]);
        cr_expect_eq(find("0198c0de-7000-7abc-8def-000000000000", NULL), ERR_IO, "%s", values[i]);
    }
}

/* --- many things in any order, beside a model --- */

struct model {
    size_t count; /* the oldest first */
    struct profile all[PROFILES_MAX];
};

static const char *const senders[] = {"4790000001", "4790000002", "4790000003", "Brand1",
                                      "Brand2",     "Brand3",     "Brand4"};
enum { SENDERS = sizeof(senders) / sizeof(senders[0]), OWN_NUMBERS = 2 };

static void model_make_default(struct model *m, struct profile *profile)
{
    for (size_t i = 0; i < m->count; i++)
        m->all[i].is_default = &m->all[i] == profile;
}

/* xorshift64 */
static unsigned roll(unsigned sides)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return (unsigned)(dice >> 33) % sides;
}

static void set_dice(void)
{
    const char *given = getenv("SMS_TEST_SEED"); /* NOLINT(concurrency-mt-unsafe): nobody sets it */
    unsigned long long value = 0;
    if (given == NULL || !str_to_uint(str_of(given), UINT32_MAX, &value))
        value = crypto_random_u32();
    seed = value;
    dice = seed * 2654435761u + 1;
}

/* After a loss: is there a default among the approved ones? The oldest else. */
static void model_mend(struct model *m)
{
    struct profile *oldest = NULL;
    for (size_t i = m->count; i-- > 0;) {
        if (m->all[i].approval == APPROVAL_APPROVED && m->all[i].is_default)
            return;
        if (m->all[i].approval == APPROVAL_APPROVED)
            oldest = &m->all[i];
    }
    model_make_default(m, oldest);
}

static void model_approve(struct model *m, struct profile *profile)
{
    bool before = profile->approval == APPROVAL_APPROVED;
    profile->approval = APPROVAL_APPROVED;
    if (!before && profile->wants_default)
        model_make_default(m, profile);
    model_mend(m);
}

static void step_create(struct model *m)
{
    unsigned which = roll(SENDERS);
    bool wants = roll(3) == 0;
    enum err want = ERR_OK;
    for (size_t i = 0; i < m->count; i++) {
        if (strcmp(m->all[i].sender.text, senders[which]) == 0)
            want = ERR_CONFLICT;
    }
    cr_assert_eq(create(senders[which], wants), want);
    if (want != ERR_OK)
        return;
    struct profile *profile = &m->all[m->count++];
    *profile = (struct profile){.approval = APPROVAL_PENDING, .wants_default = wants};
    memcpy(profile->id, got.all[0].id, sizeof(profile->id));
    (void)snprintf(profile->sender.text, sizeof(profile->sender.text), "%s", senders[which]);
    if (which < OWN_NUMBERS)
        model_approve(m, profile);
}

static void step_decide(struct model *m, struct profile *profile)
{
    bool approve = roll(2) == 0;
    cr_assert_eq(decide(profile->id, approve), ERR_OK);
    if (approve) {
        model_approve(m, profile);
        return;
    }
    profile->approval = APPROVAL_REJECTED;
    profile->is_default = false;
    model_mend(m);
}

static void step_remove(struct model *m, struct profile *profile)
{
    bool only = m->count == 1 && profile->is_default;
    cr_assert_eq(take_away(profile->id), only ? ERR_CONFLICT : ERR_OK);
    if (only)
        return;
    size_t at = (size_t)(profile - m->all);
    memmove(profile, profile + 1, (m->count - at - 1) * sizeof(*profile));
    m->count--;
    model_mend(m);
}

static void compare(const struct model *m)
{
    const struct profile *chosen = NULL;
    cr_assert_eq(list(), ERR_OK);
    cr_assert_eq(got.count, m->count);
    for (size_t i = 0; i < m->count; i++) {
        cr_assert_str_eq(got.all[i].id, m->all[i].id);
        cr_assert_eq(got.all[i].approval, m->all[i].approval);
        cr_assert_eq(got.all[i].is_default, m->all[i].is_default, "%s (seed %llu)",
                     m->all[i].sender.text, (unsigned long long)seed);
        chosen = m->all[i].is_default ? &m->all[i] : chosen;
    }
    struct sender sender = default_sender();
    cr_assert_str_eq(sender.profile, chosen != NULL ? chosen->id : "");
    cr_assert_str_eq(sender.text, chosen != NULL ? chosen->sender.text : "");
}

Test(profiles, the_default_in_any_order_of_things)
{
    static struct model m;
    set_dice();
    for (size_t i = 0; i < OWN_NUMBERS; i++)
        (void)store_int(&s, "SADD numbers:{%s} %s", s.account, senders[i]);
    for (int i = 0; i < STEPS; i++) {
        struct profile *any = m.count > 0 ? &m.all[roll((unsigned)m.count)] : NULL;
        switch (any != NULL ? roll(4) : 0) {
        case 0:
        case 1:
            step_create(&m);
            break;
        case 2:
            step_decide(&m, any);
            break;
        default:
            step_remove(&m, any);
            break;
        }
        compare(&m);
    }
}
