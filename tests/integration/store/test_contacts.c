#include "tests/support/store.h"

#include "common/io/crypto.h"
#include "common/store/contacts.h"
#include "common/store/groups.h"
#include "tests/support/drive.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { WAIT_MS = 20000, TEXT_SIZE = 256, MOST = 200 };

static struct store s;
static const struct str NEW = {0};

/* What the last callback told. */
static struct {
    bool come;
    enum err err;
    int64_t total;
    size_t count;
    struct id ids[MOST];
    char texts[MOST][TEXT_SIZE]; /* "" = there is none */
} got;

static void open_store(void)
{
    store_open(&s);
}

static void close_store(void)
{
    store_close(&s);
}

TestSuite(contacts, .init = open_store, .fini = close_store);

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

static void on_many(void *arg, enum err err, const struct str *texts, size_t count)
{
    (void)arg;
    got.come = true;
    got.err = err;
    got.count = count;
    for (size_t i = 0; i < count && i < MOST; i++)
        keep(i, texts[i]);
}

static void on_page(void *arg, enum err err, int64_t total, const struct contact_record *records,
                    size_t count)
{
    (void)arg;
    got.come = true;
    got.err = err;
    got.total = total;
    got.count = count;
    for (size_t i = 0; i < count && i < MOST; i++) {
        got.ids[i] = records[i].id;
        keep(i, records[i].text);
    }
}

static struct id new_id(void)
{
    static int64_t at_ms = 1769854272345; /* so that their order is that of the calls */
    uint8_t random[ID_RANDOM_SIZE];
    crypto_random(random, sizeof(random));
    return id_new(at_ms++, random);
}

static struct phone phone(const char *digits)
{
    struct phone p = {0};
    (void)snprintf(p.digits, sizeof(p.digits), "%s", digits);
    return p;
}

static enum contact_written put(struct id id, struct str before, const char *digits,
                                const char *text)
{
    struct contact_put item = {
        .id = id, .before = before, .text = str_of(text), .phone = phone(digits)};
    struct contact_put *items[] = {&item};
    cr_assert_eq(
        await(contacts_put(s.redis, s.account, &(struct contacts_puts){NULL, false, items, 1},
                           on_plain, NULL)),
        ERR_OK);
    return item.written;
}

static struct id create(const char *digits, const char *text)
{
    struct id id = new_id();
    cr_assert_eq(put(id, NEW, digits, text), CONTACT_WRITTEN);
    return id;
}

static const char *get(struct id id)
{
    cr_assert_eq(await(contacts_get_many(s.redis, s.account, &id, 1, on_many, NULL)), ERR_OK);
    cr_assert_eq(got.count, 1);
    return got.texts[0];
}

static struct id found(const char *digits)
{
    struct phone wanted = phone(digits);
    cr_assert_eq(await(contacts_find(s.redis, s.account, &wanted, 1, on_page, NULL)), ERR_OK);
    cr_assert_eq(got.count, 1);
    return got.ids[0];
}

static void page(int64_t first, size_t most)
{
    cr_assert_eq(await(contacts_page(s.redis, s.account,
                                     &(struct contacts_slice){NULL, first, most}, on_page, NULL)),
                 ERR_OK);
}

Test(contacts, are_written_and_read)
{
    struct id one = create("4799999901", "{\"name\":\"one\"}"), two = create("", "{\"n\":2}");
    struct id ids[] = {two, new_id(), one};
    cr_assert_eq(await(contacts_get_many(s.redis, s.account, ids, 3, on_many, NULL)), ERR_OK);
    cr_assert_eq(got.count, 3);
    cr_expect_str_eq(got.texts[0], "{\"n\":2}");
    cr_expect_str_eq(got.texts[1], "");
    cr_expect_str_eq(got.texts[2], "{\"name\":\"one\"}");
}

Test(contacts, one_that_differs_from_what_was_read_stays)
{
    struct id id = create("4799999901", "{\"v\":1}");
    cr_expect_eq(put(id, STR("{\"v\":0}"), "4799999901", "{\"v\":2}"), CONTACT_DIFFERS);
    cr_expect_eq(put(id, NEW, "4799999901", "{\"v\":2}"), CONTACT_DIFFERS);
    cr_expect_str_eq(get(id), "{\"v\":1}");
    cr_expect_eq(put(id, STR("{\"v\":1}"), "4799999901", "{\"v\":2}"), CONTACT_WRITTEN);
    cr_expect_str_eq(get(id), "{\"v\":2}");
    cr_expect_eq(put(id, STR("{\"v\":1}"), "4799999901", "{\"v\":2}"), CONTACT_WRITTEN,
                 "a repetition");
    cr_expect_eq(put(new_id(), STR("{}"), "", "{}"), CONTACT_DIFFERS, "it was deleted");
}

Test(contacts, are_found_by_their_number)
{
    struct id first = create("4799999901", "{\"v\":1}"), second = create("4799999901", "{\"v\":2}");
    cr_expect(id_eq(found("4799999901"), first));
    cr_expect_str_eq(got.texts[0], "{\"v\":1}");
    (void)found("479999990");
    cr_expect_str_eq(got.texts[0], "");
    cr_expect_eq(put(first, STR("{\"v\":1}"), "4799999902", "{\"v\":3}"), CONTACT_WRITTEN);
    cr_expect(id_eq(found("4799999901"), second));
    cr_expect(id_eq(found("4799999902"), first));
    cr_expect_eq(put(first, STR("{\"v\":3}"), "", "{\"v\":4}"), CONTACT_WRITTEN);
    (void)found("4799999902");
    cr_expect_str_eq(got.texts[0], "");
    cr_assert_eq(await(contacts_of_phone(s.redis, s.account, phone("4799999901"), on_page, NULL)),
                 ERR_OK);
    cr_expect_eq(got.total, 1);
    cr_assert_eq(got.count, 1);
    cr_expect(id_eq(got.ids[0], second));
    cr_expect_str_eq(got.texts[0], "{\"v\":2}");
    cr_assert_eq(await(contacts_of_phone(s.redis, s.account, phone("4799999902"), on_page, NULL)),
                 ERR_OK);
    cr_expect_eq(got.total + (int64_t)got.count, 0);
    cr_expect_eq(store_int(&s, "HLEN contacts_phone:{%s}", s.account), 1);
}

Test(contacts, only_so_many_have_one_number)
{
    for (size_t i = 0; i < CONTACTS_PER_PHONE; i++)
        (void)create("4799999901", "{}");
    cr_expect_eq(put(new_id(), NEW, "4799999901", "{}"), CONTACT_TOO_MANY_OF_A_PHONE);
    struct id other = create("4799999902", "{\"v\":1}");
    cr_expect_eq(put(other, STR("{\"v\":1}"), "4799999901", "{}"), CONTACT_TOO_MANY_OF_A_PHONE);
    cr_expect_str_eq(get(other), "{\"v\":1}");
    cr_expect(id_eq(found("4799999902"), other));
    page(0, 1);
    cr_expect_eq(got.total, CONTACTS_PER_PHONE + 1);
}

Test(contacts, one_per_phone_makes_no_second)
{
    (void)create("4799999901", "{}");
    struct contact_put puts[] = {
        {.id = new_id(), .text = STR("{\"v\":1}"), .phone = phone("4799999901")},
        {.id = new_id(), .text = STR("{\"v\":2}"), .phone = phone("4799999902")},
        {.id = new_id(), .text = STR("{\"v\":3}"), .phone = phone("4799999902")},
    };
    struct contact_put *items[] = {&puts[0], &puts[1], &puts[2]};
    cr_assert_eq(await(contacts_put(s.redis, s.account,
                                    &(struct contacts_puts){NULL, true, items, 3}, on_plain, NULL)),
                 ERR_OK);
    cr_expect_eq(puts[0].written, CONTACT_DIFFERS);
    cr_expect_eq(puts[1].written, CONTACT_WRITTEN);
    cr_expect_eq(puts[2].written, CONTACT_DIFFERS);
}

Test(contacts, pages_are_in_the_order_of_creation)
{
    struct id ids[5];
    for (size_t i = 0; i < 5; i++)
        ids[i] = create("", "{}");
    page(1, 3);
    cr_expect_eq(got.total, 5);
    cr_assert_eq(got.count, 3);
    for (size_t i = 0; i < 3; i++)
        cr_expect(id_eq(got.ids[i], ids[i + 1]), "%zu", i);
    page(5, 3);
    cr_expect_eq(got.total, 5);
    cr_expect_eq(got.count, 0);
}

Test(contacts, a_dropped_one_leaves_nothing)
{
    struct id id = create("4799999901", "{}"), other = create("4799999901", "{}");
    cr_assert_eq(await(contacts_drop(s.redis, s.account, id, on_plain, NULL)), ERR_OK);
    cr_expect_str_eq(get(id), "");
    cr_expect(id_eq(found("4799999901"), other));
    cr_expect_eq(await(contacts_drop(s.redis, s.account, id, on_plain, NULL)), ERR_NOT_FOUND);
    cr_assert_eq(await(contacts_drop(s.redis, s.account, other, on_plain, NULL)), ERR_OK);
    static const char *const keys[] = {"contacts", "contacts_order", "contacts_phone",
                                       "contacts_groups"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        cr_expect_eq(store_int(&s, "EXISTS %s:{%s}", keys[i], s.account), 0, "%s", keys[i]);
}

Test(contacts, of_a_group_that_is_not_there)
{
    struct id group = new_id();
    struct contact_put item = {.id = new_id(), .text = STR("{}")}, *items[] = {&item};
    cr_expect_eq(
        await(contacts_put(s.redis, s.account, &(struct contacts_puts){&group, false, items, 1},
                           on_plain, NULL)),
        ERR_NOT_FOUND);
    cr_expect_str_eq(get(item.id), "");
    cr_expect_eq(await(contacts_page(s.redis, s.account, &(struct contacts_slice){&group, 0, 10},
                                     on_page, NULL)),
                 ERR_NOT_FOUND);
}
