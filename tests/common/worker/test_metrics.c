#include "common/worker/metrics.h"

#include <criterion/criterion.h>

#define TEST_METRICS(X)                                                                            \
    X(SENT_FAST, COUNTER, "sms_sent_total", "lane=\"fast\"", "Messages\nsent \\ \"so\".")          \
    X(SENT_BULK, COUNTER, "sms_sent_total", "lane=\"bulk\"", "Messages\nsent \\ \"so\".")          \
    X(DEPTH, GAUGE, "sms_depth", "", "Depth.")                                                     \
    X(CALL, HISTOGRAM, "sms_call_seconds", "", "Time.")
enum { TEST_METRICS(METRIC_INDEX) COUNT };
static const struct metric_def defs[] = {TEST_METRICS(METRIC_DEF)};

static const struct metric_def one[] = {
    {"sms_calls_total", METRIC_COUNTER, "", "Calls."},
    {"sms_call_errors_total", METRIC_COUNTER, "kind=\"a\"", "Errors."}};

static void expect_page(struct metrics *m, const char *want)
{
    struct buf out = {.cap = 65536};
    metrics_write(m, &out);
    cr_expect_not_null(strstr(out.p, want), "want\n%s\ngot\n%s", want, out.p);
    buf_done(&out);
}

Test(metrics, counters_and_gauges)
{
    struct metrics *m = metrics_new(defs, COUNT);
    metrics_add(m, SENT_FAST, 2);
    metrics_add(m, SENT_FAST, 3);
    metrics_set(m, DEPTH, -7);
    cr_expect_eq(metrics_get(m, SENT_FAST), 5);
    expect_page(m, "# HELP sms_sent_total Messages\\nsent \\\\ \"so\".\n"
                   "# TYPE sms_sent_total counter\n"
                   "sms_sent_total{lane=\"fast\"} 5\n"
                   "sms_sent_total{lane=\"bulk\"} 0\n"
                   "# HELP sms_depth Depth.\n"
                   "# TYPE sms_depth gauge\n"
                   "sms_depth -7\n");
    metrics_free(m);
}

Test(metrics, histograms_are_cumulative_and_in_seconds)
{
    static const int64_t times_ms[] = {0, 1, 2, 3, 250, 300000, 300001};
    struct metrics *m = metrics_new(defs, COUNT);
    for (size_t i = 0; i < sizeof(times_ms) / sizeof(times_ms[0]); i++)
        metrics_observe_ms(m, CALL, times_ms[i]);
    cr_expect_eq(metrics_get(m, CALL), 7);
    expect_page(m, "# TYPE sms_call_seconds histogram\n"
                   "sms_call_seconds_bucket{le=\"0.001\"} 2\n"
                   "sms_call_seconds_bucket{le=\"0.002\"} 3\n"
                   "sms_call_seconds_bucket{le=\"0.005\"} 4\n"
                   "sms_call_seconds_bucket{le=\"0.01\"} 4\n");
    expect_page(m, "sms_call_seconds_bucket{le=\"0.2\"} 4\n"
                   "sms_call_seconds_bucket{le=\"0.5\"} 5\n");
    expect_page(m, "sms_call_seconds_bucket{le=\"300\"} 6\n"
                   "sms_call_seconds_bucket{le=\"+Inf\"} 7\n"
                   "sms_call_seconds_sum 600.257\n"
                   "sms_call_seconds_count 7\n");
    metrics_free(m);
}

Test(metrics, parts_of_one_table_stand_together)
{
    struct metrics *m = metrics_new(NULL, 0);
    struct metrics *acme = metrics_part(m, one, 2, "carrier", "ac\"m\\e\n");
    metrics_part(m, defs, COUNT, NULL, NULL);
    struct metrics *other = metrics_part(m, one, 2, "carrier", "other");
    metrics_add(acme, 0, 1);
    metrics_add(other, 0, 2);
    expect_page(m, "# HELP sms_calls_total Calls.\n"
                   "# TYPE sms_calls_total counter\n"
                   "sms_calls_total{carrier=\"ac\\\"m\\\\e\\n\"} 1\n"
                   "sms_calls_total{carrier=\"other\"} 2\n"
                   "# HELP sms_call_errors_total Errors.\n"
                   "# TYPE sms_call_errors_total counter\n"
                   "sms_call_errors_total{carrier=\"ac\\\"m\\\\e\\n\",kind=\"a\"} 0\n"
                   "sms_call_errors_total{carrier=\"other\",kind=\"a\"} 0\n"
                   "# HELP sms_sent_total");
    metrics_free(m);
}

static void set_depth(void *arg)
{
    metrics_set(arg, DEPTH, 42);
}

Test(metrics, gauges_are_set_before_the_page_is_written)
{
    struct metrics *m = metrics_new(defs, COUNT);
    metrics_before_write(m, set_depth, m);
    expect_page(m, "sms_depth 42\n");
    metrics_free(m);
}

Test(metrics, process_and_build)
{
    static const char *const names[] = {"process_cpu_seconds_total ",
                                        "process_resident_memory_bytes ", "process_open_fds ",
                                        "process_max_fds ", "process_start_time_seconds "};
    struct buf out = {.cap = 65536};
    metrics_write_build(&out, "api", "1.2", "a\"b");
    cr_expect_not_null(
        strstr(out.p, "\nsms_build_info{worker=\"api\",version=\"1.2\",commit=\"a\\\"b\"} 1\n"));
    buf_clear(&out);
    metrics_write_process(&out);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char line[64] = "\n";
        (void)strncat(line, names[i], sizeof(line) - 2);
        const char *at = strstr(out.p, line);
        cr_assert_not_null(at, "%s", names[i]);
        cr_expect(at[strlen(line)] >= '0' && at[strlen(line)] <= '9');
        cr_expect_str_neq(at + strlen(line), "0\n", "%s", names[i]);
    }
    buf_done(&out);
}
