#include "common/sms/counts.h"

#include <criterion/criterion.h>

static struct counts of(int64_t delivered, int64_t failed)
{
    struct counts counts = {.units = 0};
    counts.by_status[STATUS_DELIVERED] = delivered;
    counts.by_status[STATUS_FAILED] = failed;
    return counts;
}

Test(counts, reads_what_is_stored)
{
    static const struct {
        const char *field, *value;
    } stored[] = {{"W", "1"},     {"Q", "2"},  {"S", "3"}, {"T", "4"},   {"D", "5"}, {"F", "6"},
                  {"C", "7"},     {"R", "8"},  {"u", "9"}, {"x", "10"},  {"", "11"}, {"Q2", "12"},
                  {"e:opt", "3"}, {"D", "-1"}, {"T", ""},  {"F", "many"}};
    struct counts counts = {.units = 0};
    for (size_t i = 0; i < sizeof(stored) / sizeof(stored[0]); i++)
        counts_read(&counts, str_of(stored[i].field), str_of(stored[i].value));
    for (int i = 0; i < STATUS_COUNT; i++)
        cr_expect_eq(counts.by_status[i], i + 1, "%s", status_name((enum status)i));
    cr_expect_eq(counts.units, 9);
}

Test(counts, sent_is_queued_to_failed)
{
    struct counts counts = {.by_status = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000}};
    cr_expect_eq(counts_sent(&counts), 111110);
}

Test(counts, add_up)
{
    struct counts sum = {.units = 3, .by_status = {1, 1, 1, 1, 1, 1, 1, 1}};
    const struct counts more = {.units = 4, .by_status = {1, 2, 3, 4, 5, 6, 7, 8}};
    counts_add(&sum, &more);
    cr_expect_eq(sum.units, 7);
    for (int i = 0; i < STATUS_COUNT; i++)
        cr_expect_eq(sum.by_status[i], i + 2);
}

Test(counts, rates)
{
    static const struct {
        const char *name;
        int64_t delivered, failed, want_milli;
    } cases[] = {
        {"none sent", 0, 0, 0},
        {"none delivered", 0, 5, 0},
        {"all", 5, 0, 1000},
        {"eleven of twelve", 11, 1, 920},
        {"a third", 1, 2, 330},
        {"two thirds", 2, 1, 670},
        {"half a place goes up", 1, 199, 10},
        {"less than half a place goes down", 1, 200, 0},
        {"half a place at the end", 199, 1, 1000},
        {"more than half a place is missing", 198, 2, 990},
        {"many", INT64_C(2000000000000), INT64_C(1000000000000), 670},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct counts counts = of(cases[i].delivered, cases[i].failed);
        cr_expect_eq(counts_rate_milli(&counts), cases[i].want_milli, "%s: %lld", cases[i].name,
                     (long long)counts_rate_milli(&counts));
    }
}

Test(counts, a_rate_is_never_off_by_more_than_half_a_place)
{
    for (int64_t sent = 1; sent <= 300; sent++) {
        for (int64_t delivered = 0; delivered <= sent; delivered++) {
            struct counts counts = of(delivered, sent - delivered);
            int64_t rate = counts_rate_milli(&counts);
            int64_t off = 1000 * delivered - rate * sent; /* in 1/1000 of sent */
            cr_assert(rate % 10 == 0 && rate >= 0 && rate <= 1000);
            cr_assert(off >= -5 * sent && off < 5 * sent, "%lld of %lld: %lld",
                      (long long)delivered, (long long)sent, (long long)rate);
        }
    }
}
