#include "common/io/tracker.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void open_all(struct tracker *t, const int64_t *offsets, size_t n)
{
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(tracker_open(t, offsets[i]), ERR_OK);
}

Test(tracker, gives_the_offset_after_the_last_record_before_the_first_unfinished_one)
{
    static const struct {
        const char *name;
        int64_t open[6];
        size_t count;
        int64_t finish[6], commit[6];
    } cases[] = {
        {"in order", {5, 6, 7}, 3, {5, 6, 7}, {6, 7, 8}},
        {"backwards", {5, 6, 7}, 3, {7, 6, 5}, {-1, -1, 8}},
        {"the middle first", {5, 6, 7}, 3, {6, 5, 7}, {-1, 7, 8}},
        {"with gaps", {5, 9, 20}, 3, {20, 5, 9}, {-1, 6, 21}},
        {"unknown ones", {5, 9}, 4, {4, 6, 5, 9}, {-1, -1, 6, 10}},
        {"twice", {0, 1}, 4, {1, 1, 0, 0}, {-1, -1, 2, -1}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tracker t;
        tracker_init(&t, 10);
        for (size_t k = 0; k < 6 && (k == 0 || cases[i].open[k] > 0); k++)
            open_all(&t, &cases[i].open[k], 1);
        for (size_t k = 0; k < cases[i].count; k++) {
            int64_t got = tracker_finish(&t, cases[i].finish[k]);
            cr_expect_eq(got, cases[i].commit[k], "%s: step %zu gives %lld, want %lld",
                         cases[i].name, k, (long long)got, (long long)cases[i].commit[k]);
        }
        cr_expect_eq(tracker_count(&t), 0, "%s", cases[i].name);
        cr_expect_eq(tracker_unfinished(&t), 0, "%s", cases[i].name);
        tracker_done(&t);
    }
}

Test(tracker, is_full_at_its_cap)
{
    struct tracker t;
    tracker_init(&t, 2);
    open_all(&t, (const int64_t[]){1, 2}, 2);
    cr_expect_eq(tracker_open(&t, 3), ERR_FULL);
    cr_expect_eq(tracker_finish(&t, 2), -1);
    cr_expect_eq(tracker_open(&t, 3), ERR_FULL, "2 waits for 1");
    cr_expect_eq(tracker_unfinished(&t), 1);
    cr_expect_eq(tracker_finish(&t, 1), 3);
    cr_expect_eq(tracker_open(&t, 3), ERR_OK);
    tracker_done(&t);
    cr_expect_eq(tracker_count(&t), 0);
    cr_expect_eq(tracker_open(&t, 9), ERR_OK, "usable again");
    tracker_done(&t);
}

Test(tracker, forgets_the_last)
{
    struct tracker t;
    tracker_init(&t, 10);
    tracker_forget_last(&t);
    open_all(&t, (const int64_t[]){1, 2}, 2);
    tracker_forget_last(&t);
    cr_expect_eq(tracker_finish(&t, 2), -1);
    cr_expect_eq(tracker_finish(&t, 1), 2);
    cr_expect_eq(tracker_open(&t, 2), ERR_OK, "2 comes again");
    cr_expect_eq(tracker_finish(&t, 2), 3);
    tracker_done(&t);
}

Test(tracker, is_empty_when_zeroed)
{
    struct tracker t = {0};
    cr_expect_eq(tracker_count(&t), 0);
    cr_expect_eq(tracker_finish(&t, 0), -1);
    cr_expect_eq(tracker_open(&t, 0), ERR_FULL);
    tracker_done(&t);
}

/* The same as the tracker, said as simply as can be. */
enum { MAX_MODEL = 4000, CAP = 200 };

struct model {
    struct {
        int64_t offset;
        bool done;
    } all[MAX_MODEL];
    size_t n, first; /* first: of those not committed */
};

static int64_t model_finish(struct model *m, int64_t offset)
{
    size_t before = m->first;
    for (size_t i = m->first; i < m->n; i++)
        m->all[i].done = m->all[i].done || m->all[i].offset == offset;
    while (m->first < m->n && m->all[m->first].done)
        m->first++;
    return m->first > before ? m->all[m->first - 1].offset + 1 : -1;
}

static size_t model_unfinished(const struct model *m)
{
    size_t n = 0;
    for (size_t i = m->first; i < m->n; i++)
        n += !m->all[i].done;
    return n;
}

static void step(struct model *m, struct tracker *t, unsigned *random, int seed)
{
    int64_t last = m->n > 0 ? m->all[m->n - 1].offset : 0;
    if (rand_r(random) % 2 == 0) {
        int64_t offset = last + 1 + (rand_r(random) % 8 == 0 ? rand_r(random) % 100 : 0);
        enum err want = m->n - m->first >= CAP ? ERR_FULL : ERR_OK;
        cr_assert_eq(tracker_open(t, offset), want, "seed %d: open %lld", seed, (long long)offset);
        if (want == ERR_OK)
            m->all[m->n++].offset = offset;
        return;
    }
    int64_t from = m->first < m->n ? m->all[m->first].offset : last;
    int64_t offset = from - 2 + rand_r(random) % (int)(last - from + 5);
    int64_t want = model_finish(m, offset), got = tracker_finish(t, offset);
    cr_assert_eq(got, want, "seed %d: finish %lld gives %lld, want %lld", seed, (long long)offset,
                 (long long)got, (long long)want);
}

Test(tracker, does_what_a_simple_model_does)
{
    for (int seed = 1; seed <= 50; seed++) {
        static struct model m;
        unsigned random = (unsigned)seed;
        struct tracker t;
        memset(&m, 0, sizeof(m));
        tracker_init(&t, CAP);
        while (m.n < MAX_MODEL) {
            step(&m, &t, &random, seed);
            cr_assert_eq(tracker_count(&t), m.n - m.first, "seed %d", seed);
        }
        cr_assert_eq(tracker_unfinished(&t), model_unfinished(&m), "seed %d", seed);
        tracker_done(&t);
    }
}
