#include "workers/api/counts.h"

#include "common/base/clock.h"
#include "common/sms/money.h"
#include "common/sms/periods.h"
#include "common/store/days.h"
#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/profile.h"
#include "workers/api/query.h"

enum { ANSWER_CAP = 16 * 1024 };

static void unreadable(struct httpd_req *own_req)
{
    problem_unavailable(own_req, "The counts can't be read at the moment. Try again.");
}

/* --- stats --- */

struct stats {
    struct httpd_req *req;
    struct periods periods;
};

static void write_period(struct buf *out, const char *name, const struct days_counts *counts,
                         struct days days)
{
    struct counts sum = days_sum(counts, days);
    buf_printf(out,
               "\"%s\":{\"messages_sent\":%lld,\"messages_received\":%lld,\"units_used\":%lld,"
               "\"delivery_rate\":",
               name, (long long)counts_sent(&sum), (long long)sum.by_status[STATUS_RECEIVED],
               (long long)sum.units);
    money_write(out, counts_rate_milli(&sum));
    buf_text(out, "},");
}

static void write_breakdown(struct buf *out, const struct counts *sum)
{
    static const enum status outbound[] = {STATUS_QUEUED,   STATUS_SCHEDULED, STATUS_SENDING,
                                           STATUS_SENT,     STATUS_DELIVERED, STATUS_FAILED,
                                           STATUS_CANCELLED};
    buf_text(out, "\"status_breakdown\":{");
    for (size_t i = 0; i < sizeof(outbound) / sizeof(outbound[0]); i++)
        buf_printf(out, "%s\"%s\":%lld", i > 0 ? "," : "", status_name(outbound[i]),
                   (long long)sum->by_status[outbound[i]]);
    buf_char(out, '}');
}

static void on_stats(void *arg, enum err err, const struct days_counts *counts)
{
    struct stats *stats = arg;
    const struct periods *p = &stats->periods;
    struct buf body = {.cap = ANSWER_CAP};
    if (err != ERR_OK) {
        unreadable(stats->req);
    } else {
        struct counts month = days_sum(counts, p->month);
        buf_char(&body, '{');
        write_period(&body, "today", counts, p->today);
        write_period(&body, "this_week", counts, p->week);
        write_period(&body, "this_month", counts, p->month);
        write_period(&body, "last_30_days", counts, p->last_30);
        write_breakdown(&body, &month);
        buf_char(&body, '}');
        answer_json(stats->req, 200, &body);
    }
    xfree(stats);
}

void counts_stats(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct stats *stats = xalloc(sizeof(*stats));
    *stats = (struct stats){own_req, periods_at(clock_wall_ms())};
    enum err err = days_read(api->links.redis, caller->account->id, periods_all(&stats->periods),
                             on_stats, stats);
    if (err != ERR_OK)
        on_stats(stats, err, NULL);
}

/* --- status --- */

/* Two answers make one. */
struct state {
    struct api *api;
    struct httpd_req *req;
    char currency[CURRENCY_SIZE];
    bool active, has_profiles, has_default;
    struct profile default_sender;
    struct periods periods;
    struct counts today, month, last_30;
    unsigned waiting;
    enum err err; /* the first of either */
};

/* Whoever asks has a key that works. */
static void write_state(struct buf *out, const struct state *state)
{
    buf_printf(out,
               "{\"active\":%s,\"has_sender_profiles\":%s,\"has_api_key\":true,"
               "\"default_sender\":",
               state->active ? "true" : "false", state->has_profiles ? "true" : "false");
    if (state->has_default)
        profile_write(out, state->api, state->currency, &state->default_sender);
    else
        buf_text(out, "null");
    buf_printf(out,
               ",\"messages_today\":%lld,\"messages_this_month\":%lld,\"messages_sent_30d\":%lld,"
               "\"messages_received_30d\":%lld}",
               (long long)counts_sent(&state->today), (long long)counts_sent(&state->month),
               (long long)counts_sent(&state->last_30),
               (long long)state->last_30.by_status[STATUS_RECEIVED]);
}

static void end_state(struct state *state, enum err err)
{
    struct buf body = {.cap = ANSWER_CAP};
    if (state->err == ERR_OK)
        state->err = err;
    if (--state->waiting > 0)
        return;
    if (state->err == ERR_OK) {
        write_state(&body, state);
        answer_json(state->req, 200, &body);
    } else {
        unreadable(state->req);
    }
    xfree(state);
}

static void on_state_counts(void *arg, enum err err, const struct days_counts *counts)
{
    struct state *state = arg;
    if (err == ERR_OK) {
        state->today = days_sum(counts, state->periods.today);
        state->month = days_sum(counts, state->periods.month);
        state->last_30 = days_sum(counts, state->periods.last_30);
    }
    end_state(state, err);
}

static void on_profiles(void *arg, enum err err, const struct profile *profiles, size_t count)
{
    struct state *state = arg;
    state->has_profiles = count > 0;
    for (size_t i = 0; i < count; i++) {
        if (profiles[i].is_default) {
            state->default_sender = profiles[i];
            state->has_default = true;
        }
    }
    end_state(state, err);
}

void counts_status(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    const struct account *account = caller->account;
    struct state *state = xalloc(sizeof(*state));
    state->api = api;
    state->req = own_req;
    state->active = account->active;
    memcpy(state->currency, account->currency, sizeof(state->currency));
    state->periods = periods_at(clock_wall_ms());
    state->waiting = 2;
    enum err err = days_read(api->links.redis, account->id, periods_all(&state->periods),
                             on_state_counts, state);
    if (err != ERR_OK)
        end_state(state, err);
    err = profiles_list(api->links.redis, account->id, on_profiles, state);
    if (err != ERR_OK)
        end_state(state, err);
}

/* --- usage --- */

/* Two answers make one. */
struct bill {
    struct httpd_req *req;
    char currency[CURRENCY_SIZE];
    int month;
    unsigned waiting;
    enum err err; /* the first of either */
    struct price price;
    struct counts counts;
};

static void write_money(struct buf *out, const char *name, int64_t milli)
{
    buf_printf(out, ",\"%s\":", name);
    money_write(out, milli);
}

static void write_bill(struct buf *out, const struct bill *bill)
{
    const int64_t *n = bill->counts.by_status;
    const struct days days = calendar_days_of_month(bill->month);
    int64_t outbound = money_cost(bill->counts.units, bill->price.unit_milli);
    int64_t inbound = money_cost(n[STATUS_RECEIVED], bill->price.inbound_milli);
    char month[CALENDAR_MONTH_SIZE], first[CALENDAR_DAY_SIZE], last[CALENDAR_DAY_SIZE];
    calendar_format_month(month, bill->month);
    calendar_format_day(first, days.first);
    calendar_format_day(last, days.last);
    buf_printf(out,
               "{\"period\":\"%s\",\"period_start\":\"%s\",\"period_end\":\"%s\","
               "\"messages_sent\":%lld,\"messages_received\":%lld,\"messages_failed\":%lld,"
               "\"units_used\":%lld",
               month, first, last, (long long)counts_sent(&bill->counts),
               (long long)n[STATUS_RECEIVED], (long long)n[STATUS_FAILED],
               (long long)bill->counts.units);
    write_money(out, "cost", money_sum(outbound, inbound));
    answer_text(out, "currency", str_of(bill->currency));
    write_money(out, "price_per_unit", bill->price.unit_milli);
    write_money(out, "outbound_cost", outbound);
    write_money(out, "inbound_cost", inbound);
    buf_char(out, '}');
}

static void end_one(struct bill *bill, enum err err)
{
    struct buf body = {.cap = ANSWER_CAP};
    if (bill->err == ERR_OK)
        bill->err = err;
    if (--bill->waiting > 0)
        return;
    if (bill->err == ERR_OK) {
        write_bill(&body, bill);
        answer_json(bill->req, 200, &body);
    } else {
        unreadable(bill->req);
    }
    xfree(bill);
}

static void on_counts(void *arg, enum err err, const struct days_counts *counts)
{
    struct bill *bill = arg;
    if (err == ERR_OK)
        bill->counts = days_sum(counts, counts->days);
    end_one(bill, err);
}

static void on_price(void *arg, enum err err, const struct price *price)
{
    struct bill *bill = arg;
    if (err == ERR_OK)
        bill->price = *price;
    end_one(bill, err);
}

/* The month that the request names, or the present one. False: it was answered. */
static bool read_month(struct httpd_req *own_req, int *ret_month)
{
    static const char *const names[] = {"period", NULL};
    struct problem problem;
    const char *period = httpd_query(own_req, "period");
    int present = calendar_month(clock_wall_ms());
    query_check(own_req, names, &problem);
    *ret_month = present;
    if (period != NULL && calendar_parse_month(ret_month, str_of(period)) != ERR_OK)
        problem_parameter(&problem, "period", "invalid",
                          "\"period\" must be a month written as YYYY-MM, such as 2026-01.");
    else if (*ret_month > present)
        problem_parameter(&problem, "period", "out_of_range",
                          "\"period\" is a month that has not begun.");
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        return false;
    }
    problem_done(&problem);
    return true;
}

void counts_usage(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    int month;
    if (!read_month(own_req, &month))
        return;
    struct bill *bill = xalloc(sizeof(*bill));
    bill->req = own_req;
    bill->month = month;
    bill->waiting = 2;
    memcpy(bill->currency, caller->account->currency, sizeof(bill->currency));
    enum err err = days_read(api->links.redis, caller->account->id, calendar_days_of_month(month),
                             on_counts, bill);
    if (err != ERR_OK)
        end_one(bill, err);
    err = prices_of_month(api, caller->account->currency, month, on_price, bill);
    if (err != ERR_OK)
        end_one(bill, err);
}
