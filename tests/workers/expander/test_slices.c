#include "workers/expander/slices.h"

#include <criterion/criterion.h>

/* Sends whose chunks go through one queue to a carrier that takes so many a second. */
enum {
    FLOWS = 40,
    QUEUE = 4096,
    LATE_MS = 40 /* from when a look is due until its chunks arrive */
};

struct flow {
    struct job_pace pace;
    int64_t weight, start_ms, look_ms, rate_milli;
    int64_t total, made, queued, gone;
    int64_t sleepers; /* the first of its recipients have quiet hours */
    bool stuck;       /* its messages wait for something of their own */
};

struct world {
    struct flow flows[FLOWS];
    size_t count;
    struct {
        size_t flow;
        int64_t left;
    } queue[QUEUE];
    size_t head, tail;
    int64_t now_ms, carrier_per_s, budget; /* budget: in thousandths of a message */
    unsigned looks;
};

static struct world w;

static struct flow *add(int64_t weight, int64_t start_ms)
{
    struct flow *flow = &w.flows[w.count++];
    *flow = (struct flow){
        .weight = weight, .start_ms = start_ms, .look_ms = start_ms, .total = INT64_MAX};
    return flow;
}

static struct slices_share share_of(const struct flow *flow)
{
    struct slices_share share = {0};
    int64_t weights = 0;
    for (size_t i = 0; i < w.count; i++) {
        if (w.flows[i].start_ms > w.now_ms || w.flows[i].made >= w.flows[i].total)
            continue;
        weights += w.flows[i].weight;
        share.all_milli += w.flows[i].pace.drain_milli;
    }
    share.millionths = weights > 0 ? flow->weight * 1000000 / weights : 0;
    return share;
}

static void look(size_t i)
{
    struct flow *flow = &w.flows[i];
    const struct slices_seen seen = {.now_ms = w.now_ms + 1,
                                     .made = flow->made,
                                     .queued = flow->queued,
                                     .asleep =
                                         flow->made < flow->sleepers ? flow->made : flow->sleepers,
                                     .rate_milli = flow->rate_milli};
    slices_look(&flow->pace, &seen);
    const struct slices_share share = share_of(flow);
    const struct slices_plan plan = slices_plan(&flow->pace, &seen, &share);
    cr_assert(plan.chunks <= SLICES_CHUNKS_MAX && plan.wait_ms > 0 && plan.wait_ms <= 5000);
    for (unsigned k = 0; k < plan.chunks && flow->made < flow->total; k++) {
        flow->made += CHUNK_MAX;
        flow->queued += CHUNK_MAX;
        if (flow->stuck || flow->made <= flow->sleepers)
            continue;
        w.queue[w.tail % QUEUE].flow = i;
        w.queue[w.tail++ % QUEUE].left = CHUNK_MAX;
        cr_assert_lt(w.tail - w.head, QUEUE, "the queue grows without bounds");
    }
    flow->look_ms = w.now_ms + plan.wait_ms + LATE_MS;
    w.looks++;
}

static void run(int64_t until_ms)
{
    for (; w.now_ms < until_ms; w.now_ms++) {
        for (size_t i = 0; i < w.count; i++) {
            if (w.now_ms >= w.flows[i].look_ms && w.flows[i].made < w.flows[i].total)
                look(i);
        }
        w.budget += w.carrier_per_s;
        for (; w.budget >= 1000 && w.head < w.tail; w.budget -= 1000) {
            struct flow *flow = &w.flows[w.queue[w.head % QUEUE].flow];
            flow->queued--;
            flow->gone++;
            w.head += --w.queue[w.head % QUEUE].left == 0;
        }
        if (w.head == w.tail)
            w.budget = 0;
    }
}

static void begin(int64_t carrier_per_s)
{
    w = (struct world){.carrier_per_s = carrier_per_s};
}

static int64_t gone_in(const struct flow *flow, int64_t from_ms, int64_t to_ms)
{
    run(from_ms);
    int64_t before = flow->gone;
    run(to_ms);
    return flow->gone - before;
}

TestSuite(slices);

Test(slices, one_send_keeps_any_carrier_busy)
{
    static const int64_t carriers[] = {20, 100, 700, 3000, 25000, 60000};
    for (size_t i = 0; i < sizeof(carriers) / sizeof(carriers[0]); i++) {
        begin(carriers[i]);
        struct flow *flow = add(10, 0);
        int64_t gone = gone_in(flow, 30000, 40000);
        cr_expect_geq(gone, carriers[i] * 10 * 97 / 100, "%lld/s: %lld", (long long)carriers[i],
                      (long long)gone);
        cr_expect_leq(flow->queued, carriers[i] + 2 * CHUNK_MAX, "%lld/s: %lld wait",
                      (long long)carriers[i], (long long)flow->queued);
        cr_expect_leq(w.looks, 40 * 7, "%lld/s: %u looks", (long long)carriers[i], w.looks);
    }
}

Test(slices, a_second_send_has_its_share_from_the_first_second)
{
    static const int64_t carriers[] = {700, 3000, 25000};
    for (size_t i = 0; i < sizeof(carriers) / sizeof(carriers[0]); i++) {
        begin(carriers[i]);
        (void)add(10, 0);
        struct flow *second = add(10, 5000);
        int64_t first_s = gone_in(second, 5500, 6500), later = gone_in(second, 8000, 12000) / 4;
        cr_expect(first_s >= carriers[i] * 30 / 100 && first_s <= carriers[i] * 70 / 100,
                  "%lld/s: %lld", (long long)carriers[i], (long long)first_s);
        cr_expect(later >= carriers[i] * 40 / 100 && later <= carriers[i] * 60 / 100,
                  "%lld/s: %lld later", (long long)carriers[i], (long long)later);
    }
}

Test(slices, shares_follow_the_weights)
{
    begin(10000);
    struct flow *light = add(10, 0);
    (void)add(30, 3000);
    int64_t gone = gone_in(light, 7000, 17000);
    cr_expect(gone >= 20000 && gone <= 30000, "%lld", (long long)gone);
}

Test(slices, what_others_leave_is_used)
{
    begin(10000);
    struct flow *slow = add(10, 0), *quick = add(10, 0);
    slow->rate_milli = 1000000;
    for (int64_t ms = 0; ms < 14000; ms += 1000) { /* what the rate doesn't let through waits */
        if (ms == 4000)
            w.flows[0].gone = w.flows[1].gone = 0;
        run(ms);
    }
    cr_expect_leq(slow->queued, 2000 + CHUNK_MAX);
    cr_expect_geq(quick->gone + slow->gone, 97000 - 4000);
}

Test(slices, many_small_sends_end_and_large_ones_go_on)
{
    begin(5000);
    struct flow *large = add(10, 0);
    for (int i = 1; i < FLOWS; i++)
        add(10, 2000 + i * 20)->total = 2000;
    run(2000);
    int64_t before = large->gone;
    run(24000);
    for (int i = 1; i < FLOWS; i++)
        cr_expect_eq(w.flows[i].gone, 2000, "send %d: %lld", i, (long long)w.flows[i].gone);
    cr_expect_geq(large->gone - before, 20000);
}

Test(slices, a_send_that_stands_still_is_hardly_added_to_and_starts_again)
{
    begin(5000);
    struct flow *flow = add(10, 0);
    run(5000);
    w.carrier_per_s = 0;
    run(65000);
    cr_expect_leq(flow->queued, 5000 + 15 * CHUNK_MAX, "%lld", (long long)flow->queued);
    w.carrier_per_s = 5000;
    int64_t gone = gone_in(flow, 71000, 76000);
    cr_expect_geq(gone, 5000 * 5 * 97 / 100, "%lld", (long long)gone);
}

Test(slices, lines_that_wait_for_themselves_do_not_hold_the_rest_for_ever)
{
    begin(5000);
    struct flow *flow = add(10, 0);
    flow->stuck = true;
    run(30000);
    int64_t made = flow->made;
    cr_expect_geq(made, 800);
    flow->stuck = false;
    run(36000);
    cr_expect_gt(flow->gone, 0);
}

Test(slices, who_sleeps_keeps_nobody_waiting)
{
    begin(5000);
    struct flow *flow = add(10, 0);
    flow->sleepers = 200000;
    flow->total = 300000;
    run(45000);
    cr_expect_eq(flow->made, 300000, "%lld", (long long)flow->made);
    cr_expect_geq(flow->gone, 50000, "%lld", (long long)flow->gone);
}

Test(slices, a_rate_keeps_two_seconds_ahead_at_most)
{
    begin(200);
    struct flow *flow = add(10, 0);
    flow->rate_milli = 200000;
    int64_t gone = gone_in(flow, 3000, 13000);
    cr_expect_geq(gone, 1940);
    cr_expect_leq(flow->queued, 500);
}

Test(slices, a_large_record_is_looked_at_less_often)
{
    struct job_pace pace = {0};
    const struct slices_seen seen = {.now_ms = 1000, .least_wait_ms = 1700};
    const struct slices_share share = {0};
    slices_look(&pace, &seen);
    const struct slices_plan plan = slices_plan(&pace, &seen, &share);
    cr_expect_eq(plan.wait_ms, 1700);
    cr_expect_eq(plan.chunks, 5);
}
