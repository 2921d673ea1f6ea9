#include "workers/sender/visit.h"

#include "workers/sender/lane.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { COUNT = 10 };

static struct visit *new_visit(void)
{
    struct chunk chunk = {.account = "a", .parts = 1, .body = STR("x"), .to_count = COUNT};
    struct buf record = {.cap = 65536};
    chunk.until_ms = 1;
    chunk.parts = 1;
    for (size_t i = 0; i < COUNT; i++)
        (void)snprintf(chunk.to[i].digits, sizeof(chunk.to[i].digits), "479000000%zu", i);
    chunk_write(&record, &chunk);
    const struct kafka_record read = {.value = buf_view(&record)};
    struct visit *visit = visit_new(NULL, &read, 7);
    cr_assert_null(visit->dead, "%s", visit->dead);
    buf_done(&record);
    return visit;
}

/* Answers for the question, one letter each: '+' granted, '.' nothing to do, or a digit: that time. */
static void answer(struct visit *visit, const char *answers, int64_t rest_at_ms)
{
    cr_assert_eq(visit->claim.count, strlen(answers));
    for (size_t i = 0; i < visit->claim.count; i++)
        visit->claim.answers[i] = answers[i] == '+' ? 1 : answers[i] == '.' ? 0 : '0' - answers[i];
    visit->claim.rest_at_ms = rest_at_ms;
    visit_answered(visit);
}

static void ask(struct visit *visit, size_t most, size_t first, size_t count)
{
    visit_ask(visit, most, INT64_MAX, true);
    cr_expect(visit->claim.first == first && visit->claim.count == count, "%zu from %zu",
              visit->claim.count, visit->claim.first);
}

Test(visit, asks_for_each_recipient_once)
{
    struct visit *visit = new_visit();
    ask(visit, 4, 0, 4);
    answer(visit, "+.+.", 0);
    cr_expect(!visit_idle(visit));
    ask(visit, 100, 4, 6);
    answer(visit, "......", 0);
    cr_expect(visit_idle(visit) && !visit_settled(visit), "two are under way");
    visit->under_way = 0;
    cr_expect(visit_settled(visit) && visit->later == 0);
    visit_free(visit);
}

Test(visit, asks_for_no_more_parts_than_it_may)
{
    struct visit *visit = new_visit();
    visit_ask(visit, 100, 3, true);
    cr_expect_eq(visit->claim.count, 3);
    cr_expect_eq(visit_cost(visit, true), 3);
    answer(visit, "...", 0);
    visit_ask(visit, 100, 0, true);
    cr_expect_eq(visit->claim.count, 1, "but for at least one");
    visit_free(visit);
}

Test(visit, a_lost_answer_is_asked_for_again_under_the_same_number)
{
    struct visit *visit = new_visit();
    ask(visit, 4, 0, 4);
    visit->asking = false;
    visit->again = true;
    cr_expect(!visit_idle(visit));
    ask(visit, 100, 0, 4);
    cr_expect_eq(visit->claim.number, 7);
    visit_free(visit);
}

Test(visit, the_next_round_is_for_those_that_had_to_wait)
{
    struct visit *visit = new_visit();
    ask(visit, 100, 0, COUNT);
    answer(visit, "+5+3...2..", 0);
    cr_expect(visit_idle(visit));
    cr_expect_eq(visit->later, 3);
    cr_expect_eq(visit->next_at_ms, 2);
    visit_come_back(visit, 2, 1); /* recorded: it was not sent */
    cr_expect_eq(visit->next_at_ms, 1);
    visit_wake(visit, 8);
    cr_expect_eq(visit->claim.number, 8, "others are still under way under the old one");
    ask(visit, 100, 1, 3);
    answer(visit, "+9+", 0);
    cr_expect_eq(visit->next_at_ms, 9);
    ask(visit, 100, 7, 1);
    answer(visit, ".", 0);
    cr_expect(visit_idle(visit));
    cr_expect_eq(visit->later, 1);
    visit_free(visit);
}

Test(visit, all_that_is_left_may_have_to_wait)
{
    struct visit *visit = new_visit();
    ask(visit, 3, 0, 3);
    answer(visit, "+44", 4);
    cr_expect(visit_idle(visit), "the others are not asked for");
    cr_expect_eq(visit->later, COUNT - 1);
    visit_wake(visit, 8);
    ask(visit, 100, 1, COUNT - 1);
    visit_free(visit);
}
