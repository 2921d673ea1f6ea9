#include "workers/simulator/report_queue.h"

#include <criterion/criterion.h>

static void add(struct report_queue *queue, uint64_t message, int64_t due_mono_ms)
{
    struct report *report = report_new(STR("http://a"), STR("{}"));
    report->message = message;
    report_queue_add(queue, report, due_mono_ms);
}

/* 0: nothing is due */
static uint64_t take(struct report_queue *queue, int64_t now_ms, struct dice *dice)
{
    struct report *report = report_queue_take(queue, now_ms, dice);
    uint64_t message = report != NULL ? report->message : 0;
    report_free(report);
    return message;
}

Test(report_queue, a_report_carries_url_and_body)
{
    struct report *report = report_new(STR("http://a/b"), STR("{\"id\":1}"));
    cr_expect_str_eq(report->url, "http://a/b");
    cr_expect(str_eq(report->body, STR("{\"id\":1}")));
    report_free(report);
}

Test(report_queue, equal_times_leave_in_order)
{
    struct report_queue queue = {0};
    for (uint64_t i = 1; i <= 1000; i++)
        add(&queue, i, 5);
    cr_expect_eq(take(&queue, 4, NULL), 0);
    for (uint64_t i = 1; i <= 1000; i++)
        cr_assert_eq(take(&queue, 5, NULL), i);
    cr_expect_eq(take(&queue, 5, NULL), 0);
    report_queue_done(&queue);
}

Test(report_queue, the_soonest_leaves_first_and_none_before_its_time)
{
    struct report_queue queue = {0};
    struct dice dice = {11};
    int64_t last_ms = 0;
    for (uint64_t i = 0; i < 5000; i++) {
        uint32_t due_ms = 1 + dice_below(&dice, 1000);
        add(&queue, due_ms, due_ms);
    }
    for (int64_t now_ms = 0; now_ms <= 1000; now_ms += 10) {
        for (uint64_t due_ms; (due_ms = take(&queue, now_ms, NULL)) != 0;) {
            cr_assert((int64_t)due_ms >= last_ms && (int64_t)due_ms <= now_ms);
            last_ms = (int64_t)due_ms;
        }
        cr_assert(report_queue_due_ms(&queue) > now_ms);
    }
    cr_expect_eq(queue.count, 0);
    cr_expect_eq(report_queue_due_ms(&queue), INT64_MAX);
    report_queue_done(&queue);
}

Test(report_queue, shuffled_all_leave_once_in_another_order)
{
    enum { MANY = 1000 };
    struct report_queue queue = {0};
    struct dice dice = {5};
    int seen[MANY + 1] = {0}, moved = 0;
    for (uint64_t i = 1; i <= MANY; i++)
        add(&queue, i, 0);
    for (uint64_t i = 1; i <= MANY; i++) {
        uint64_t message = take(&queue, 0, &dice);
        cr_assert(message >= 1 && message <= MANY);
        seen[message]++;
        moved += message != i;
    }
    for (int i = 1; i <= MANY; i++)
        cr_expect_eq(seen[i], 1, "%d left %d times", i, seen[i]);
    cr_expect_gt(moved, MANY / 2);
    report_queue_done(&queue);
}

Test(report_queue, done_frees_what_waits)
{
    struct report_queue queue = {0};
    add(&queue, 1, 1);
    add(&queue, 2, 2);
    report_queue_done(&queue);
    cr_expect_eq(queue.count, 0);
}
