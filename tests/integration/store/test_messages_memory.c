#include "tests/support/drive.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { MESSAGES = 100000, MOST_BYTES = 600, BULK_MOST_BYTES = 150, WAIT_MS = 30000 };

static const char body[] = "A text of one hundred characters, as a shop or a bank sends it to its "
                           "customers; this one is it: 100";

static unsigned made;

static void on_made(void *arg, enum err err)
{
    (void)arg;
    cr_assert_eq(err, ERR_OK);
    made++;
}

static int64_t used_bytes(struct store *s)
{
    char info[STORE_TEXT_SIZE];
    store_text(s, info, "INFO memory");
    const char *at = strstr(info, "used_memory:");
    unsigned long long bytes = 0;
    cr_assert_not_null(at);
    struct str rest = str_of(at + strlen("used_memory:"));
    cr_assert(str_to_uint(str_cut(&rest, '\r'), INT64_MAX, &bytes));
    return (int64_t)bytes;
}

static void create_all(struct store *s, struct chunk *chunks, size_t all)
{
    const struct chunk *list[MESSAGES_BATCH];
    unsigned calls = 0;
    made = 0;
    for (size_t i = 0; i < all; i += MESSAGES_BATCH, calls++) {
        size_t count = all - i < MESSAGES_BATCH ? all - i : MESSAGES_BATCH;
        for (size_t k = 0; k < count; k++)
            list[k] = &chunks[i + k];
        cr_assert_eq(messages_create(s->redis, list, count, on_made, NULL), ERR_OK);
    }
    cr_assert(drive_until_count(s->loop, &made, calls, WAIT_MS));
}

/* Each has a number and a reference of its own. */
static struct chunk *make_chunks(struct store *s)
{
    static char refs[MESSAGES][16];
    struct chunk *chunks = xalloc_array(MESSAGES, sizeof(chunks[0]));
    struct chunk first;
    store_chunk(&first, s, 1);
    first.body = STR(body);
    for (unsigned i = 0; i < MESSAGES; i++) {
        chunks[i] = first;
        chunks[i].send.b[10] = (uint8_t)(i >> 16);
        chunks[i].send.b[11] = (uint8_t)(i >> 8);
        chunks[i].send.b[12] = (uint8_t)i;
        (void)snprintf(refs[i], sizeof(refs[i]), "order-%07u", i);
        chunks[i].ref = str_of(refs[i]);
        (void)snprintf(chunks[i].to[0].digits, sizeof(chunks[i].to[0].digits), "4790%06u", i);
    }
    return chunks;
}

/* Also after its life: a status that is written must not make it larger. */
static void claim_one(struct store *s, const struct chunk *chunk)
{
    struct claim claim = {.chunk = chunk, .number = 7, .count = 1};
    store_claim(s, &claim, 60000, 60000);
    cr_assert_eq(claim.answers[0], 1);
}

Test(messages_memory, a_single_send_stays_below_600_bytes)
{
    struct store s;
    char key[ID_KEY_SIZE];
    store_open(&s);
    cr_assert_eq(sizeof(body) - 1, 100);
    struct chunk *chunks = make_chunks(&s);
    int64_t before = used_bytes(&s);
    create_all(&s, chunks, MESSAGES);
    int64_t each = (used_bytes(&s) - before) / MESSAGES;
    cr_expect_lt(each, MOST_BYTES, "a single send takes %lld bytes", (long long)each);
    id_key(key, chunks[0].send);
    claim_one(&s, &chunks[0]);
    int64_t one = store_int(&s, "MEMORY USAGE m:{%s}:%s", s.account, key);
    cr_expect_gt(one, 100);
    cr_expect_lt(one, MOST_BYTES, "a claimed one takes %lld bytes", (long long)one);
    xfree(chunks);
    store_close(&s);
}

/* The lines of a send of many, its list, its sets, and where its recipients are found. */
Test(messages_memory, a_message_of_many_stays_below_150_bytes)
{
    enum { CHUNKS = MESSAGES / CHUNK_MAX };
    struct store s;
    struct chunk *chunks = xalloc_array(CHUNKS, sizeof(chunks[0]));
    store_open(&s);
    store_chunk(&chunks[0], &s, CHUNK_MAX);
    chunks[0].body = STR(body);
    chunks[0].ref = STR("a campaign");
    chunks[0].from = STR("MyBrand");
    for (unsigned i = 0; i < CHUNKS; i++) {
        chunks[i] = chunks[0];
        chunks[i].number = i;
        for (unsigned k = 0; k < CHUNK_MAX; k++)
            (void)snprintf(chunks[i].to[k].digits, sizeof(chunks[i].to[k].digits), "4790%06u",
                           i * CHUNK_MAX + k);
    }
    int64_t before = used_bytes(&s);
    create_all(&s, chunks, CHUNKS);
    int64_t each = (used_bytes(&s) - before) / MESSAGES;
    cr_expect_lt(each, BULK_MOST_BYTES, "a message of many takes %lld bytes", (long long)each);
    xfree(chunks);
    store_close(&s);
}
