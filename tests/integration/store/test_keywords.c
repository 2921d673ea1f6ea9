#include "common/store/keyword_claim.h"
#include "common/store/keywords.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>

#include <stdio.h>

static struct store s;
static struct keyword keyword;
static char other[CHUNK_ACCOUNT_MAX + 1];

static void open_store(void)
{
    store_open(&s);
    (void)snprintf(other, sizeof(other), "%.30s-o", s.account);
    (void)snprintf(keyword.text, sizeof(keyword.text), "T%lld", (long long)store_now_ms(&s));
}

static void close_store(void)
{
    (void)store_int(&s, "DEL kw:%s", keyword.text);
    (void)store_int(&s, "DEL keywords:{%s} keyword_ids:{%s}", other, other);
    store_close(&s);
}

TestSuite(keywords, .init = open_store, .fini = close_store);

struct answer {
    bool came;
    enum err err;
    char record[64];
    size_t count;
};

static void on_record(void *arg, enum err err, struct str record)
{
    struct answer *answer = arg;
    answer->came = true;
    answer->err = err;
    (void)snprintf(answer->record, sizeof(answer->record), "%.*s", (int)record.n,
                   record.p != NULL ? record.p : "");
}

static void on_list(void *arg, enum err err, const struct str *records, size_t count)
{
    struct answer *answer = arg;
    on_record(arg, err, count > 0 ? records[0] : (struct str){0});
    answer->count = count;
}

static void on_claim(void *arg, enum err err)
{
    on_record(arg, err, (struct str){0});
}

static struct answer await(struct answer *answer, enum err err)
{
    cr_assert_eq(err, ERR_OK, "%s", err_text(err));
    for (int turns = 0; !answer->came && turns < 200; turns++)
        loop_turn(s.loop, 50);
    cr_assert(answer->came);
    return *answer;
}

/* An id of that age. */
static struct id id_of(int64_t age_ms)
{
    static uint8_t last;
    const uint8_t random[ID_RANDOM_SIZE] = {++last};
    return id_new(store_now_ms(&s) - age_ms, random);
}

static enum err create(const char *account, struct id id)
{
    struct answer answer = {.came = false};
    (void)await(&answer, keywords_create(s.redis, (struct keywords_ref){account, id}, &keyword,
                                         STR("{}"), on_record, &answer));
    return answer.err;
}

static enum err look(const char *account)
{
    struct answer answer = {.came = false};
    (void)await(&answer,
                keyword_claim_look(s.redis, &keyword, account, id_of(0), on_claim, &answer));
    return answer.err;
}

static enum err drop(const char *account, struct id id)
{
    struct answer answer = {.came = false};
    (void)await(&answer,
                keywords_remove(s.redis, (struct keywords_ref){account, id}, on_record, &answer));
    return answer.err;
}

static struct answer find(struct id id)
{
    struct answer answer = {.came = false};
    return await(&answer,
                 keywords_find(s.redis, (struct keywords_ref){s.account, id}, on_record, &answer));
}

static enum err change(struct id id, const char *before, const char *after)
{
    struct answer answer = {.came = false};
    (void)await(&answer, keywords_change(s.redis, (struct keywords_ref){s.account, id},
                                         str_of(before), str_of(after), on_record, &answer));
    return answer.err;
}

/* A claim whose request never wrote its record. */
static void leave_claim(const char *account, int64_t age_ms)
{
    char id[ID_TEXT_SIZE], value[128];
    id_format(id, id_of(age_ms));
    (void)snprintf(value, sizeof(value), "%s %s", account, id);
    char key[64];
    (void)snprintf(key, sizeof(key), "kw:%s", keyword.text);
    const struct str words[] = {STR("SET"), str_of(key), str_of(value)};
    cr_assert_eq(redis_call(s.redis, 3, words, NULL, NULL), ERR_OK);
}

Test(keywords, one_is_made_and_found)
{
    struct id id = id_of(0);
    struct answer list = {.came = false};
    cr_expect_eq(look(s.account), ERR_OK);
    cr_expect_eq(create(s.account, id), ERR_OK);
    cr_expect_eq(look(s.account), ERR_CONFLICT);
    cr_expect_eq(find(id).err, ERR_OK);
    cr_expect_str_eq(find(id).record, "{}");
    cr_expect_eq(find(id_of(0)).err, ERR_NOT_FOUND);
    (void)await(&list, keywords_list(s.redis, s.account, on_list, &list));
    cr_expect_eq(list.count, 1);
}

Test(keywords, it_belongs_to_one_account)
{
    struct id id = id_of(0);
    cr_expect_eq(create(s.account, id), ERR_OK);
    cr_expect_eq(create(other, id_of(0)), ERR_CONFLICT);
    cr_expect_eq(create(s.account, id_of(0)), ERR_CONFLICT, "nor twice to one");
    cr_expect_eq(look(other), ERR_CONFLICT);
    cr_expect_eq(drop(other, id), ERR_NOT_FOUND);
    cr_expect_eq(drop(s.account, id), ERR_OK);
    cr_expect_eq(drop(s.account, id), ERR_NOT_FOUND);
    cr_expect_eq(look(other), ERR_OK);
    cr_expect_eq(store_int(&s, "EXISTS kw:%s", keyword.text), 0);
    cr_expect_eq(create(other, id_of(0)), ERR_OK);
}

Test(keywords, an_old_record_keeps_its_keyword)
{
    cr_expect_eq(create(s.account, id_of(100 * (int64_t)KEYWORD_CLAIM_MS)), ERR_OK);
    cr_expect_eq(create(other, id_of(0)), ERR_CONFLICT);
}

Test(keywords, a_claim_that_was_left_is_taken_over_after_a_time)
{
    leave_claim(other, KEYWORD_CLAIM_MS / 2);
    cr_expect_eq(look(s.account), ERR_CONFLICT);
    cr_expect_eq(create(s.account, id_of(0)), ERR_CONFLICT, "its request may be under way");
    leave_claim(other, INT64_C(2) * KEYWORD_CLAIM_MS);
    cr_expect_eq(look(s.account), ERR_OK);
    cr_expect_eq(create(s.account, id_of(0)), ERR_OK);
    cr_expect_eq(create(other, id_of(0)), ERR_CONFLICT);
}

Test(keywords, a_claim_of_ones_own_is_taken_over_at_once)
{
    leave_claim(s.account, 0);
    cr_expect_eq(look(s.account), ERR_OK);
    cr_expect_eq(create(s.account, id_of(0)), ERR_OK);
}

Test(keywords, a_claim_is_dropped_by_its_own_record_only)
{
    struct id id = id_of(0);
    cr_expect_eq(create(s.account, id), ERR_OK);
    leave_claim(s.account, 0); /* a later one */
    cr_expect_eq(drop(s.account, id), ERR_OK);
    cr_expect_eq(store_int(&s, "EXISTS kw:%s", keyword.text), 1);
    cr_expect_eq(create(s.account, id_of(0)), ERR_OK);
}

Test(keywords, a_claim_that_cannot_be_read_is_an_error)
{
    (void)store_int(&s, "SET kw:%s nonsense", keyword.text);
    cr_expect_eq(create(s.account, id_of(0)), ERR_IO);
    cr_expect_eq(look(s.account), ERR_IO);
}

Test(keywords, an_account_has_so_many_and_leaves_no_claim_behind)
{
    for (int i = 0; i < KEYWORDS_MAX; i++)
        (void)store_int(&s, "HSET keywords:{%s} K%d {}", s.account, i);
    cr_expect_eq(create(s.account, id_of(0)), ERR_FULL);
    cr_expect_eq(store_int(&s, "EXISTS kw:%s", keyword.text), 0);
    struct answer list = {.came = false};
    (void)await(&list, keywords_list(s.redis, s.account, on_list, &list));
    cr_expect_eq(list.count, KEYWORDS_MAX);
}

Test(keywords, a_change_is_of_what_was_read)
{
    struct id id = id_of(0);
    cr_expect_eq(create(s.account, id), ERR_OK);
    cr_expect_eq(change(id, "{\"a\":1}", "{\"a\":2}"), ERR_CONFLICT);
    cr_expect_eq(change(id, "{}", "{\"a\":1}"), ERR_OK);
    cr_expect_eq(change(id, "{}", "{\"a\":2}"), ERR_CONFLICT);
    cr_expect_str_eq(find(id).record, "{\"a\":1}");
    cr_expect_eq(change(id_of(0), "{}", "{}"), ERR_NOT_FOUND);
}

Test(keywords, of_two_at_the_same_time_one_gets_it)
{
    for (int round = 0; round < 20; round++) {
        struct answer answers[2] = {{.came = false}, {.came = false}};
        const char *const accounts[] = {s.account, round % 2 == 0 ? other : s.account};
        struct id ids[] = {id_of(0), id_of(0)};
        for (int i = 0; i < 2; i++)
            cr_assert_eq(keywords_create(s.redis, (struct keywords_ref){accounts[i], ids[i]},
                                         &keyword, STR("{}"), on_record, &answers[i]),
                         ERR_OK);
        for (int turns = 0; !(answers[0].came && answers[1].came) && turns < 200; turns++)
            loop_turn(s.loop, 50);
        int winner = answers[0].err == ERR_OK ? 0 : 1;
        cr_expect_eq(answers[winner].err, ERR_OK);
        cr_expect_eq(answers[1 - winner].err, ERR_CONFLICT);
        cr_expect_eq(drop(accounts[winner], ids[winner]), ERR_OK);
        (void)store_int(&s, "DEL kw:%s", keyword.text);
    }
}
