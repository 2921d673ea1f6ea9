#include "tests/support/store.h"

#include "common/io/crypto.h"
#include "common/store/contacts.h"
#include "common/store/groups.h"
#include "tests/support/drive.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { WAIT_MS = 20000, TEXT_SIZE = 256, MOST = 1000 };

static struct store s;
static const struct str NEW = {0};

/* What the last callback told. */
static struct {
    bool come;
    enum err err;
    int64_t total, added;
    size_t count;
    int64_t counts[MOST];
    enum group_add outcomes[MOST];
    struct id ids[MOST];
    char texts[MOST][TEXT_SIZE];
} got;

static void open_store(void)
{
    store_open(&s);
}

static void close_store(void)
{
    store_close(&s);
}

TestSuite(groups, .init = open_store, .fini = close_store);

static bool has_come(void *arg)
{
    (void)arg;
    return got.come;
}

static enum err await(enum err asked)
{
    cr_assert_eq(asked, ERR_OK);
    cr_assert(drive_until(s.loop, has_come, NULL, WAIT_MS));
    got.come = false;
    return got.err;
}

static void on_plain(void *arg, enum err err)
{
    (void)arg;
    got.come = true;
    got.err = err;
}

static void keep(size_t i, struct str text)
{
    (void)snprintf(got.texts[i], TEXT_SIZE, "%.*s", (int)text.n, text.n > 0 ? text.p : "");
}

static void on_counts(void *arg, enum err err, const int64_t *counts, size_t count)
{
    on_plain(arg, err);
    got.count = count;
    memcpy(got.counts, counts, count * sizeof(counts[0]));
}

static void on_next(void *arg, enum err err, const struct group_member *members, size_t count)
{
    on_plain(arg, err);
    got.count = count;
    for (size_t i = 0; i < count; i++) {
        keep(i, members[i].digits);
        got.ids[i] = members[i].contact;
    }
}

static void on_page(void *arg, enum err err, int64_t total, const struct group_record *records,
                    size_t count)
{
    on_plain(arg, err);
    got.total = total;
    got.count = count;
    for (size_t i = 0; i < count; i++) {
        keep(i, records[i].text);
        got.ids[i] = records[i].id;
        got.counts[i] = records[i].members;
    }
}

static void on_contacts(void *arg, enum err err, int64_t total,
                        const struct contact_record *records, size_t count)
{
    on_plain(arg, err);
    got.total = total;
    got.count = count;
    for (size_t i = 0; i < count; i++)
        got.ids[i] = records[i].id;
}

static void on_added(void *arg, enum err err, const enum group_add *outcomes, size_t count,
                     int64_t added, int64_t members)
{
    on_plain(arg, err);
    got.count = count;
    got.added = added;
    got.total = members;
    memcpy(got.outcomes, outcomes, count * sizeof(outcomes[0]));
}

static struct id new_id(void)
{
    static int64_t at_ms = 1769854272345; /* so that their order is that of the calls */
    uint8_t random[ID_RANDOM_SIZE];
    crypto_random(random, sizeof(random));
    return id_new(at_ms++, random);
}

static struct id contact(const char *digits)
{
    struct contact_put item = {.id = new_id(), .text = STR("{}")}, *items[] = {&item};
    (void)snprintf(item.phone.digits, sizeof(item.phone.digits), "%s", digits);
    cr_assert_eq(
        await(contacts_put(s.redis, s.account, &(struct contacts_puts){NULL, false, items, 1},
                           on_plain, NULL)),
        ERR_OK);
    cr_assert_eq(item.written, CONTACT_WRITTEN);
    return item.id;
}

static void set_number(struct id id, const char *digits, const char *before, const char *text)
{
    struct contact_put item = {.id = id, .before = str_of(before), .text = str_of(text)},
                       *items[] = {&item};
    (void)snprintf(item.phone.digits, sizeof(item.phone.digits), "%s", digits);
    cr_assert_eq(
        await(contacts_put(s.redis, s.account, &(struct contacts_puts){NULL, false, items, 1},
                           on_plain, NULL)),
        ERR_OK);
    cr_assert_eq(item.written, CONTACT_WRITTEN);
}

static struct id group(void)
{
    struct id id = new_id();
    cr_assert_eq(await(groups_put(s.redis, s.account,
                                  &(struct group_put){id, NEW, STR("{\"v\":1}")}, on_plain, NULL)),
                 ERR_OK);
    return id;
}

static enum err add(struct id id, const struct id *contacts, size_t count)
{
    return await(groups_add(s.redis, s.account, &(struct groups_adding){id, contacts, count, false},
                            on_added, NULL));
}

static int64_t count_of(struct id id)
{
    cr_assert_eq(await(groups_counts(s.redis, s.account, &id, 1, on_counts, NULL)), ERR_OK);
    cr_assert_eq(got.count, 1);
    return got.counts[0];
}

/* The numbers as "1 2 3". */
static void expect_next(struct id id, const char *after, unsigned most, const char *want)
{
    char have[TEXT_SIZE] = "";
    cr_assert_eq(await(groups_next(s.redis, s.account, &(struct groups_slice){id, after, most},
                                   on_next, NULL)),
                 ERR_OK);
    for (size_t i = 0; i < got.count; i++) {
        size_t n = strlen(have);
        (void)snprintf(have + n, sizeof(have) - n, "%s%s", i > 0 ? " " : "", got.texts[i]);
    }
    cr_expect_str_eq(have, want);
}

Test(groups, are_written_read_and_changed)
{
    struct id one = group(), two = group();
    cr_assert_eq(await(groups_page(s.redis, s.account, 0, 10, on_page, NULL)), ERR_OK);
    cr_expect_eq(got.total, 2);
    cr_assert_eq(got.count, 2);
    cr_expect(id_eq(got.ids[0], one) && id_eq(got.ids[1], two));
    cr_expect_str_eq(got.texts[0], "{\"v\":1}");
    cr_expect_eq(await(groups_put(s.redis, s.account,
                                  &(struct group_put){one, STR("{\"v\":1}"), STR("{\"v\":2}")},
                                  on_plain, NULL)),
                 ERR_OK);
    cr_expect_eq(await(groups_put(s.redis, s.account,
                                  &(struct group_put){one, STR("{\"v\":1}"), STR("{\"v\":3}")},
                                  on_plain, NULL)),
                 ERR_CONFLICT);
    struct id ids[] = {new_id(), one};
    cr_assert_eq(await(groups_get(s.redis, s.account, ids, 2, on_page, NULL)), ERR_OK);
    cr_expect_str_eq(got.texts[0], "");
    cr_expect_str_eq(got.texts[1], "{\"v\":2}");
}

Test(groups, members_are_counted)
{
    struct id g = group(), none = new_id();
    struct id contacts[] = {contact("4799999902"), contact(""), contact("4799999901")};
    cr_expect_eq(count_of(g), 0);
    cr_expect_eq(count_of(none), -1);
    cr_assert_eq(add(g, contacts, 3), ERR_OK);
    cr_expect_eq(got.added, 3);
    cr_expect_eq(got.total, 3);
    cr_assert_eq(add(g, contacts, 2), ERR_OK);
    cr_expect_eq(got.added, 0, "they are members");
    cr_expect_eq(got.total, 3);
    cr_expect_eq(count_of(g), 2, "with a number");
    cr_expect_eq(add(none, contacts, 1), ERR_NOT_FOUND);
}

Test(groups, what_is_no_contact_is_not_added)
{
    struct id g = group(), contacts[] = {new_id(), contact("4799999901")};
    cr_assert_eq(await(groups_add(s.redis, s.account, &(struct groups_adding){g, contacts, 2, true},
                                  on_added, NULL)),
                 ERR_OK);
    cr_expect_eq(got.added, 0, "only looked at");
    cr_expect_eq(count_of(g), 0);
    cr_assert_eq(add(g, contacts, 2), ERR_OK);
    cr_assert_eq(got.count, 2);
    cr_expect_eq(got.outcomes[0], GROUP_ADD_ABSENT);
    cr_expect_eq(got.outcomes[1], GROUP_ADD_FINE);
    cr_expect_eq(got.added, 1);
}

Test(groups, members_come_in_the_order_of_numbers)
{
    static const char *const numbers[] = {"4799", "", "47", "4799", "479", "1", "4799", "99"};
    struct id g = group(), contacts[8];
    for (size_t i = 0; i < 8; i++)
        contacts[i] = contact(numbers[i]);
    cr_assert_eq(add(g, contacts, 8), ERR_OK);
    expect_next(g, "", 100, "1 47 479 4799 99");
    cr_expect(id_eq(got.ids[3], contacts[0]), "of one number, the oldest");
    expect_next(g, "", 2, "1 47");
    expect_next(g, "47", 2, "479 4799");
    expect_next(g, "479", 2, "4799 99");
    expect_next(g, "4799", 2, "99");
    expect_next(g, "99", 2, "");
    expect_next(g, "4798", 1, "4799");
    expect_next(new_id(), "", 10, "");
}

Test(groups, many_members_come_piece_by_piece)
{
    struct id g = group(), contacts[GROUPS_ADD];
    char digits[16], after[16] = "";
    unsigned seen = 0;
    for (unsigned i = 0; i < GROUPS_ADD; i++) {
        (void)snprintf(digits, sizeof(digits), "4790000%03u", i / 2); /* each twice */
        contacts[i] = contact(digits);
    }
    cr_assert_eq(add(g, contacts, GROUPS_ADD), ERR_OK);
    do {
        cr_assert_eq(await(groups_next(s.redis, s.account, &(struct groups_slice){g, after, 7},
                                       on_next, NULL)),
                     ERR_OK);
        for (size_t i = 0; i < got.count; i++, seen++) {
            (void)snprintf(digits, sizeof(digits), "4790000%03u", seen);
            cr_expect_str_eq(got.texts[i], digits);
        }
        if (got.count > 0)
            (void)snprintf(after, sizeof(after), "%.15s", got.texts[got.count - 1]);
    } while (got.count == 7);
    cr_expect_eq(seen, GROUPS_ADD / 2);
}

Test(groups, a_new_number_moves_the_contact_in_all_groups)
{
    struct id one = group(), two = group(), c = contact("4799999901");
    cr_assert_eq(add(one, &c, 1), ERR_OK);
    cr_assert_eq(add(two, &c, 1), ERR_OK);
    set_number(c, "4799999902", "{}", "{\"v\":1}");
    expect_next(one, "", 10, "4799999902");
    expect_next(two, "", 10, "4799999902");
    set_number(c, "", "{\"v\":1}", "{\"v\":2}");
    expect_next(one, "", 10, "");
    cr_assert_eq(await(groups_get(s.redis, s.account, &one, 1, on_page, NULL)), ERR_OK);
    cr_expect_eq(got.counts[0], 1, "still a member");
}

Test(groups, a_deleted_contact_leaves_them)
{
    struct id g = group(), contacts[] = {contact("4799999901"), contact("4799999902")};
    cr_assert_eq(add(g, contacts, 2), ERR_OK);
    cr_assert_eq(await(contacts_drop(s.redis, s.account, contacts[0], on_plain, NULL)), ERR_OK);
    expect_next(g, "", 10, "4799999902");
    cr_assert_eq(await(contacts_page(s.redis, s.account, &(struct contacts_slice){&g, 0, 10},
                                     on_contacts, NULL)),
                 ERR_OK);
    cr_expect_eq(got.total, 1);
    cr_assert_eq(got.count, 1);
    cr_expect(id_eq(got.ids[0], contacts[1]));
}

Test(groups, a_member_is_removed)
{
    struct id g = group(), other = group(), c = contact("4799999901");
    cr_assert_eq(add(g, &c, 1), ERR_OK);
    cr_assert_eq(add(other, &c, 1), ERR_OK);
    cr_expect_eq(await(groups_remove(s.redis, s.account, g, c, on_plain, NULL)), ERR_OK);
    cr_expect_eq(await(groups_remove(s.redis, s.account, g, c, on_plain, NULL)), ERR_NOT_FOUND);
    cr_expect_eq(await(groups_remove(s.redis, s.account, new_id(), c, on_plain, NULL)),
                 ERR_NOT_FOUND);
    cr_expect_eq(count_of(g), 0);
    cr_expect_eq(count_of(other), 1);
    set_number(c, "4799999902", "{}", "{\"v\":1}");
    cr_expect_eq(count_of(g), 0, "it doesn't come back");
}

Test(groups, a_deleted_group_leaves_contacts)
{
    struct id g = group(), c = contact("4799999901"), other = group();
    cr_assert_eq(add(g, &c, 1), ERR_OK);
    cr_assert_eq(await(groups_drop(s.redis, s.account, g, on_plain, NULL)), ERR_OK);
    cr_expect_eq(await(groups_drop(s.redis, s.account, g, on_plain, NULL)), ERR_NOT_FOUND);
    cr_expect_eq(count_of(g), -1);
    expect_next(g, "", 10, "");
    cr_expect_eq(add(g, &c, 1), ERR_NOT_FOUND);
    set_number(c, "4799999902", "{}", "{\"v\":1}");
    cr_expect_eq(count_of(g), -1, "a changed contact doesn't bring it back");
    cr_assert_eq(add(other, &c, 1), ERR_OK);
    cr_expect_eq(count_of(other), 1);
    char ids[STORE_TEXT_SIZE], digits[ID_KEY_SIZE], key[ID_KEY_SIZE];
    id_key(key, c);
    store_text(&s, ids, "HGET contacts_groups:{%s} %s", s.account, key);
    id_key(digits, other);
    cr_expect_str_eq(ids, digits, "the deleted one is forgotten");
}

Test(groups, a_contact_is_in_so_many_at_most)
{
    struct id c = contact("4799999901"), g;
    for (size_t i = 0; i < CONTACTS_GROUPS; i++) {
        g = group();
        cr_assert_eq(add(g, &c, 1), ERR_OK);
        cr_assert_eq(got.outcomes[0], GROUP_ADD_FINE);
    }
    struct id more = group();
    cr_assert_eq(add(more, &c, 1), ERR_OK);
    cr_expect_eq(got.outcomes[0], GROUP_ADD_TOO_MANY);
    struct contact_put item = {.id = c, .before = STR("{}"), .text = STR("{\"v\":1}")},
                       *items[] = {&item};
    cr_assert_eq(
        await(contacts_put(s.redis, s.account, &(struct contacts_puts){&more, false, items, 1},
                           on_plain, NULL)),
        ERR_OK);
    cr_expect_eq(item.written, CONTACT_TOO_MANY_GROUPS);
    cr_assert_eq(await(groups_drop(s.redis, s.account, g, on_plain, NULL)), ERR_OK);
    cr_assert_eq(add(more, &c, 1), ERR_OK);
    cr_expect_eq(got.outcomes[0], GROUP_ADD_FINE, "deleted ones don't count");
}

Test(groups, contacts_are_put_into_one)
{
    struct id g = group();
    struct contact_put puts[] = {{.id = new_id(), .text = STR("{\"v\":1}")},
                                 {.id = new_id(), .text = STR("{\"v\":2}")}};
    struct contact_put *items[] = {&puts[0], &puts[1]};
    memcpy(puts[0].phone.digits, "4799999901", 11);
    cr_assert_eq(await(contacts_put(s.redis, s.account,
                                    &(struct contacts_puts){&g, false, items, 2}, on_plain, NULL)),
                 ERR_OK);
    cr_expect_eq(puts[0].written, CONTACT_WRITTEN);
    cr_expect_eq(puts[1].written, CONTACT_WRITTEN);
    expect_next(g, "", 10, "4799999901");
    puts[0].before = STR("{\"v\":1}");
    puts[0].text = STR("{\"v\":3}");
    memcpy(puts[0].phone.digits, "4799999902", 11);
    cr_assert_eq(await(contacts_put(s.redis, s.account,
                                    &(struct contacts_puts){&g, false, items, 1}, on_plain, NULL)),
                 ERR_OK);
    expect_next(g, "", 10, "4799999902");
}
