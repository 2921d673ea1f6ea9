#include "workers/simulator/reports.h"

#include "common/base/buf.h"
#include "common/io/crypto.h"
#include "common/io/httpc.h"
#include "workers/simulator/report_queue.h"

enum { CONNECT_TIMEOUT_MS = 2000, ANSWER_CAP_BYTES = 65536 };

struct reports {
    struct loop *loop;
    struct httpc *httpc;
    struct reports_conf conf;
    bool shuffle;
    struct dice dice;
    struct report_queue fresh, again; /* not tried yet; to be repeated */
    size_t active;                    /* posted and not answered, of any generation */
    size_t active_now;                /* of this one */
    uint32_t generation;
    bool failing;         /* so said the last answer */
    int64_t pace_mono_ms; /* while failing, nothing is repeated before it */
    bool held;            /* nothing is posted */
    bool closing;         /* answers are of no interest any more */
    struct reports_counts counts;
};

static const char *const headers[] = {"Content-Type: application/json", NULL};

static void settle(struct reports *reports, struct report *own_report, bool sent)
{
    if (sent)
        reports->counts.sent++;
    else
        reports->counts.failed++;
    reports->conf.settled(reports->conf.arg, own_report->message, sent);
    report_free(own_report);
}

static void repeat_later(struct reports *reports, struct report *own_report)
{
    int64_t now_ms = loop_now_ms(reports->loop);
    int64_t wait_ms = backoff_ms(reports->conf.backoff, own_report->tries++, crypto_random_u32());
    if (now_ms + wait_ms > own_report->give_up_mono_ms)
        settle(reports, own_report, false);
    else
        report_queue_add(&reports->again, own_report, now_ms + wait_ms);
}

static void on_answer(void *arg, const struct httpc_answer *answer)
{
    struct report *report = arg;
    struct reports *reports = report->reports;
    bool taken = answer->result == HTTPC_ANSWERED && answer->status >= 200 && answer->status < 300;
    reports->active--;
    if (reports->closing || report->generation != reports->generation) {
        report_free(report);
        return;
    }
    reports->active_now--;
    reports->failing = !taken;
    if (taken)
        settle(reports, report, true);
    else
        repeat_later(reports, report);
}

static void post(struct reports *reports, struct report *own_report)
{
    const struct httpc_call call = {
        .url = own_report->url,
        .headers = headers,
        .body = own_report->body,
        .timeout_ms = reports->conf.timeout_ms,
        .done = on_answer,
        .arg = own_report,
    };
    if (own_report->tries > 0)
        reports->counts.retries++;
    if (httpc_post(reports->httpc, &call) != ERR_OK) {
        repeat_later(reports, own_report);
        return;
    }
    reports->active++;
    reports->active_now++;
}

static int64_t again_due_ms(const struct reports *reports)
{
    int64_t due_ms = report_queue_due_ms(&reports->again);
    return reports->failing && due_ms < reports->pace_mono_ms ? reports->pace_mono_ms : due_ms;
}

/* The one that is due first, of both queues. */
static struct report *take_next(struct reports *reports, int64_t now_ms)
{
    struct dice *dice = reports->shuffle ? &reports->dice : NULL;
    int64_t due_ms = again_due_ms(reports);
    if (report_queue_due_ms(&reports->fresh) <= due_ms)
        return report_queue_take(&reports->fresh, now_ms, dice);
    if (due_ms > now_ms)
        return NULL;
    reports->pace_mono_ms = now_ms + reports->conf.pace_ms;
    return report_queue_take(&reports->again, now_ms, dice);
}

/* Before each wait of the loop: one place to start calls from, whatever made them possible. */
static int64_t post_due(void *arg)
{
    struct reports *reports = arg;
    int64_t now_ms = loop_now_ms(reports->loop);
    if (reports->held)
        return -1;
    while (reports->active < reports->conf.max_calls) {
        struct report *report = take_next(reports, now_ms);
        if (report == NULL)
            break;
        post(reports, report);
    }
    if (reports->active >= reports->conf.max_calls)
        return -1;
    int64_t again_ms = again_due_ms(reports), due_ms = report_queue_due_ms(&reports->fresh);
    if (again_ms < due_ms)
        due_ms = again_ms;
    if (due_ms == INT64_MAX)
        return -1;
    return due_ms > now_ms ? due_ms - now_ms : 0;
}

enum err reports_new(struct reports **ret_reports, struct loop *loop,
                     const struct reports_conf *conf)
{
    const struct httpc_conf client = {
        .max_calls = conf->max_calls,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .answer_cap_bytes = ANSWER_CAP_BYTES,
    };
    struct reports *reports = xalloc(sizeof *reports);
    reports->loop = loop;
    reports->conf = *conf;
    enum err err = httpc_new(&reports->httpc, loop, &client);
    if (err) {
        xfree(reports);
        return err;
    }
    loop_hook(loop, post_due, reports);
    *ret_reports = reports;
    return ERR_OK;
}

static void drop_waiting(struct reports *reports)
{
    report_queue_done(&reports->fresh);
    report_queue_done(&reports->again);
}

void reports_free(struct reports *own_reports)
{
    if (own_reports == NULL)
        return;
    own_reports->closing = true;
    loop_unhook(own_reports->loop, post_due, own_reports);
    httpc_free(own_reports->httpc);
    drop_waiting(own_reports);
    xfree(own_reports);
}

void reports_reset(struct reports *reports)
{
    drop_waiting(reports);
    reports->generation++;
    reports->active_now = 0;
    reports->failing = false;
    reports->counts = (struct reports_counts){0};
}

void reports_shuffle(struct reports *reports, bool shuffle, uint64_t seed)
{
    reports->shuffle = shuffle;
    reports->dice = (struct dice){seed};
}

void reports_hold(struct reports *reports, bool hold)
{
    reports->held = hold;
}

bool reports_add(struct reports *reports, uint64_t message, struct str url, struct str body,
                 int64_t due_mono_ms)
{
    if (reports_pending(reports) >= reports->conf.max_pending) {
        reports->counts.dropped++;
        return false;
    }
    struct report *report = report_new(url, body);
    report->reports = reports;
    report->message = message;
    report->generation = reports->generation;
    report->give_up_mono_ms = due_mono_ms + reports->conf.give_up_ms;
    report_queue_add(&reports->fresh, report, due_mono_ms);
    return true;
}

size_t reports_pending(const struct reports *reports)
{
    return reports->fresh.count + reports->again.count + reports->active_now;
}

const struct reports_counts *reports_get_counts(const struct reports *reports)
{
    return &reports->counts;
}
