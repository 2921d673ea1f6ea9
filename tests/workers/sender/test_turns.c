#include "workers/sender/turns.h"

#include "workers/sender/visit.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { MAX = 400 };

static struct visit visits[MAX];
static size_t made;

static struct visit *visit_of(const char *account)
{
    struct visit *v = &visits[made++];
    *v = (struct visit){0};
    (void)snprintf(v->chunk.account, sizeof(v->chunk.account), "%s", account);
    return v;
}

static void put(struct turns *turns, const char *account, size_t count)
{
    for (size_t i = 0; i < count; i++)
        turns_put_last(turns, visit_of(account));
}

/* The accounts of the next `count` visits, each of so many parts. */
static void take(struct turns *turns, size_t count, int64_t parts, char *accounts)
{
    for (size_t i = 0; i < count; i++)
        *accounts++ = turns_take(turns, parts)->chunk.account[0];
    *accounts = '\0';
}

Test(turns, one_account_keeps_its_order)
{
    struct turns turns = {0};
    struct visit *a = visit_of("a"), *b = visit_of("a"), *c = visit_of("a");
    turns_put_last(&turns, a);
    turns_put_last(&turns, b);
    turns_put_first(&turns, c);
    cr_expect_eq(turns_left(&turns), INT64_MAX, "nobody else waits");
    cr_expect_eq(turns_first(&turns), c);
    cr_expect_eq(turns_take(&turns, 1000), c);
    cr_expect_eq(turns_take(&turns, 1000), a);
    cr_expect_eq(turns_take(&turns, 1), b);
    cr_expect_null(turns_first(&turns));
    put(&turns, "a", 3);
    turns_done(&turns);
}

Test(turns, a_long_queue_delays_nobody_elses)
{
    struct turns turns = {0};
    char got[MAX + 1];
    put(&turns, "a", 100);
    put(&turns, "b", 1);
    put(&turns, "c", 1);
    take(&turns, 10, TURNS_PARTS / 4, got);
    cr_expect_str_eq(got, "aaaabcaaaa");
    turns_done(&turns);
}

Test(turns, who_waits_gets_the_same_number_of_parts)
{
    struct turns turns = {0};
    int64_t parts[3] = {0};
    static const int64_t each[3] = {1, 10, 100};
    put(&turns, "a", 300);
    put(&turns, "b", 30);
    put(&turns, "c", 5);
    while (turns.accounts == 3) {
        size_t who = (size_t)(turns_first(&turns)->chunk.account[0] - 'a');
        (void)turns_take(&turns, each[who]);
        parts[who] += each[who];
    }
    for (size_t i = 0; i < 3; i++)
        cr_expect(parts[i] >= 200 && parts[i] <= 500, "%zu: %lld", i, (long long)parts[i]);
    turns_done(&turns);
}

Test(turns, weights_share_the_parts)
{
    struct turns turns = {0};
    int64_t parts[3] = {0};
    static const int64_t weights[3] = {30, 0, 5}; /* none: as 10 */
    for (size_t who = 0; who < 3; who++) {
        for (size_t i = 0; i < 100; i++) {
            struct visit *visit = visit_of((const char *[]){"a", "b", "c"}[who]);
            visit->claim.weight = weights[who];
            turns_put_last(&turns, visit);
        }
    }
    while (turns.accounts == 3) {
        size_t who = (size_t)(turns_first(&turns)->chunk.account[0] - 'a');
        (void)turns_take(&turns, 10);
        parts[who] += 10;
    }
    cr_expect(parts[0] >= 2 * parts[1] && parts[0] <= 4 * parts[1], "%lld of %lld",
              (long long)parts[0], (long long)parts[1]);
    cr_expect(3 * parts[2] >= parts[1] && 3 * parts[2] <= 2 * parts[1], "%lld of %lld",
              (long long)parts[2], (long long)parts[1]);
    turns_done(&turns);
}

Test(turns, any_number_of_accounts)
{
    struct turns turns = {0};
    char name[CHUNK_ACCOUNT_MAX + 1];
    for (unsigned round = 0; round < 2; round++) {
        made = 0;
        for (unsigned i = 0; i < MAX; i++) {
            (void)snprintf(name, sizeof(name), "account-%u", i);
            put(&turns, name, 1);
        }
        cr_expect_eq(turns.accounts, MAX);
        for (unsigned i = 0; i < MAX; i++)
            cr_expect_eq(turns_take(&turns, 1), &visits[i]);
        cr_expect_null(turns_first(&turns));
    }
}
