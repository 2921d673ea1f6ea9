#include "tests/support/store.h"

#include "common/store/sender_use.h"
#include "tests/support/drive.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { WAIT_MS = 20000, MOST = 1000 };

static const char PROFILE[] = "0198c0de-7000-7abc-8def-000000000001";
static const char OTHER[] = "0198c0de-7000-7abc-8def-000000000002";

static struct store s;

static struct {
    bool come;
    enum err err;
    unsigned sends;
} got;

static void open_store(void)
{
    store_open(&s);
}

static void close_store(void)
{
    store_close(&s);
}

TestSuite(sender_use, .init = open_store, .fini = close_store);

static bool has_come(void *arg)
{
    (void)arg;
    return got.come;
}

static void on_count(void *arg, enum err err, unsigned sends)
{
    (void)arg;
    got.come = true;
    got.err = err;
    got.sends = sends;
}

static unsigned uses(unsigned most)
{
    struct profile profile = {.sender = {.text = "MyBrand", .custom = true}};
    (void)snprintf(profile.id, sizeof(profile.id), "%s", PROFILE);
    got.come = false;
    cr_assert_eq(sender_use_count(s.redis, s.account, &profile, most, on_count, NULL), ERR_OK);
    cr_assert(drive_until(s.loop, has_come, NULL, WAIT_MS));
    cr_assert_eq(got.err, ERR_OK);
    return got.sends;
}

/* A send; due_ms 0: it is QUEUED. */
static struct chunk make(size_t to_count, const char *from, const char *profile, int64_t due_ms)
{
    struct chunk chunk;
    store_chunk(&chunk, &s, to_count);
    chunk.from = str_of(from);
    chunk.profile = str_of(profile);
    chunk.due_ms = due_ms;
    store_create(&s, &chunk);
    return chunk;
}

Test(sender_use, sends_are_counted_and_not_messages)
{
    cr_expect_eq(uses(MOST), 0);
    (void)make(1, "MyBrand", PROFILE, 0);
    (void)make(100, "MyBrand", PROFILE, 0);
    (void)make(3, "MyBrand", PROFILE, store_now_ms(&s) + 3600000);
    cr_expect_eq(uses(MOST), 3);
    cr_expect_eq(uses(2), 2, "no more than is asked for");
}

Test(sender_use, others_do_not_count)
{
    (void)make(2, "Other", OTHER, 0);
    (void)make(1, "MyBrand", OTHER, 0); /* the profile was made anew */
    (void)make(1, NULL, NULL, 0);
    cr_expect_eq(uses(MOST), 0);
}

Test(sender_use, what_is_under_way_does_not_count)
{
    struct chunk chunk = make(1, "MyBrand", PROFILE, 0);
    struct claim claim = {.chunk = &chunk, .number = 1, .count = 1};
    store_claim(&s, &claim, 60000, 60000);
    cr_expect_eq(uses(MOST), 0);
}

Test(sender_use, a_campaign_of_many_chunks_is_one_send)
{
    enum { CHUNKS = 30 };
    struct chunk chunk;
    store_chunk(&chunk, &s, CHUNK_MAX);
    chunk.from = STR("MyBrand");
    chunk.profile = str_of(PROFILE);
    for (uint32_t i = 0; i < CHUNKS; i++) {
        chunk.number = i;
        store_create(&s, &chunk);
    }
    (void)make(1, "MyBrand", PROFILE, 0);
    cr_expect_eq(uses(MOST), 2);
}

Test(sender_use, among_many_of_another_sender)
{
    for (int i = 0; i < 50; i++)
        (void)make(100, "Other", OTHER, 0);
    (void)make(1, "MyBrand", PROFILE, 0);
    for (int i = 0; i < 30; i++)
        (void)make(100, "Other", OTHER, 0);
    cr_expect_eq(uses(MOST), 1);
}
