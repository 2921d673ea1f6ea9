#include "workers/api/send_view.h"

#include "common/base/clock.h"
#include "common/base/milli.h"
#include "common/sms/calendar.h"
#include "common/sms/money.h"
#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/message.h"
#include "workers/api/problem.h"
#include "workers/api/route.h"

enum { ANSWER_CAP = 64 * 1024, SEND_ID_SEGMENT = 3 }; /* /v1/sms/sends/{id} */

static const char UNREADABLE[] = "The send can't be read at the moment. Try again.";

/* --- pieces --- */

void send_view_write_counts(struct buf *out, const struct counts *counts)
{
    static const enum status outbound[] = {STATUS_SCHEDULED, STATUS_QUEUED,    STATUS_SENDING,
                                           STATUS_SENT,      STATUS_DELIVERED, STATUS_FAILED,
                                           STATUS_CANCELLED};
    buf_text(out, ",\"counts\":{");
    for (size_t i = 0; i < sizeof(outbound) / sizeof(outbound[0]); i++)
        buf_printf(out, "%s\"%s\":%lld", i > 0 ? "," : "", status_name(outbound[i]),
                   (long long)counts->by_status[outbound[i]]);
    buf_char(out, '}');
}

static void write_errors(struct buf *out, const struct send_view *send)
{
    bool first = true;
    buf_text(out, ",\"errors\":{");
    for (unsigned i = 1; i < SEND_ERRORS; i++) {
        if (send->errors[i] <= 0)
            continue;
        buf_printf(out, "%s\"%s\":%lld", first ? "" : ",", error_code((enum error)i),
                   (long long)send->errors[i]);
        first = false;
    }
    buf_char(out, '}');
}

void send_view_write_price(struct buf *out, int64_t units, const struct send_price *price)
{
    buf_text(out, ",\"price\":");
    if (units == 0)
        money_write(out, 0);
    else if (price->unit_milli < 0)
        buf_text(out, "null");
    else
        money_write(out, money_cost(units, price->unit_milli));
}

static void write_rate(struct buf *out, const char *name, int64_t milli, bool known)
{
    buf_printf(out, ",\"%s\":", name);
    if (known)
        milli_write(out, milli);
    else
        buf_text(out, "null");
}

static void write_quiet(struct buf *out, const struct quiet *quiet)
{
    if (!quiet->given) {
        buf_text(out, ",\"quiet_hours\":null");
        return;
    }
    buf_printf(out, ",\"quiet_hours\":{\"from\":\"%02d:%02d\",\"to\":\"%02d:%02d\"}",
               quiet->from_min / 60, quiet->from_min % 60, quiet->to_min / 60, quiet->to_min % 60);
}

int send_view_month(const struct send_view *send)
{
    return calendar_month(send->began_ms > 0 ? send->began_ms : send->description.at_ms);
}

static int64_t messages_made(const struct send_view *send)
{
    int64_t all = 0;
    for (size_t i = 0; i < STATUS_COUNT; i++)
        all += send->counts.by_status[i];
    return all;
}

/* When the last message will have gone out, if it goes on as it does; 0: nobody knows. */
static int64_t estimated_end_ms(const struct send_view *send, int64_t now_ms)
{
    const int64_t *by_status = send->counts.by_status;
    int64_t from_ms = now_ms, milli = send->pace_milli;
    int64_t left = by_status[STATUS_SCHEDULED] + by_status[STATUS_QUEUED] + send->estimate -
                   messages_made(send);
    if (send->state == SEND_STATE_SCHEDULED && send->due_ms > now_ms)
        from_ms = send->due_ms;
    if (milli == 0 || (send->rate_milli > 0 && milli > send->rate_milli))
        milli = send->rate_milli;
    if ((send->state != SEND_STATE_RUNNING && send->state != SEND_STATE_SCHEDULED) || milli == 0 ||
        left <= 0)
        return 0;
    return from_ms + left * 1000 / milli * 1000 + left * 1000 % milli * 1000 / milli;
}

/* --- all of it --- */

static void write_times(struct buf *out, const struct send_view *send, int64_t now_ms)
{
    answer_time(out, "created_at", send->description.at_ms);
    answer_time(out, "scheduled_at", send->due_ms);
    answer_time(out, "expires_at", send->until_ms);
    answer_time(out, "started_at", send->began_ms);
    answer_time(out, "paused_at", send->paused_ms);
    answer_time(out, "cancelled_at", send->state == SEND_STATE_CANCELLED ? send->cancelled_ms : 0);
    answer_time(out, "finished_at", send->ended_ms);
    answer_time(out, "estimated_finish_at", estimated_end_ms(send, now_ms));
}

void send_view_write(struct buf *out, const struct send_view *send, const struct send_price *price,
                     int64_t now_ms)
{
    const struct description *d = &send->description;
    bool limited = send->rate_milli > 0;
    char id[ID_TEXT_SIZE];
    id_format(id, send->id);
    buf_printf(out, "{\"id\":\"%s\",\"status\":\"%s\",\"state\":\"%s\"", id,
               status_name(send->status), send_state_name(send->state));
    answer_bool(out, "paused", send->state == SEND_STATE_PAUSED);
    answer_text(out, "customer_ref", d->ref);
    answer_text(out, "sender_profile_id", d->profile);
    message_write_from(out, d->from);
    buf_printf(out, ",\"message_type\":\"%s\",\"recipients\":%lld,\"recipients_estimate\":%lld",
               message_type_name(d->type), (long long)messages_made(send),
               (long long)send->estimate);
    answer_bool(out, "expanding", send->expanding);
    send_view_write_counts(out, &send->counts);
    write_errors(out, send);
    buf_printf(out, ",\"units\":%lld", (long long)send->counts.units);
    send_view_write_price(out, send->counts.units, price);
    answer_text(out, "currency", str_of(price->currency));
    write_rate(out, "rate_per_second", send->rate_milli, limited);
    write_rate(out, "rate_now_per_second", send->pace_milli, !send->single);
    write_quiet(out, &d->quiet);
    write_times(out, send, now_ms);
    buf_char(out, '}');
}

/* --- GET --- */

/* A request on its way. The send is read, then what it costs is looked up, if it is of another month. */
struct viewing {
    struct api *api;
    struct httpd_req *req;
    char account[CHUNK_ACCOUNT_MAX + 1], currency[CURRENCY_SIZE];
    struct id id;
    int64_t unit_milli; /* -1: not known */
    int month;          /* that the price is of */
};

static void ask(struct viewing *own_viewing);

static void unreadable(struct viewing *own_viewing)
{
    problem_unavailable(own_viewing->req, UNREADABLE);
    xfree(own_viewing);
}

static void on_price(void *arg, enum err err, const struct price *price)
{
    struct viewing *v = arg;
    if (err != ERR_OK) {
        unreadable(v);
        return;
    }
    v->unit_milli = price->unit_milli;
    ask(v);
}

static void on_send(void *arg, enum err err, const struct sends_listed *listed)
{
    struct viewing *v = arg;
    struct buf body = {.cap = ANSWER_CAP};
    if (err != ERR_OK) {
        unreadable(v);
        return;
    }
    if (listed->count == 0) {
        problem_simple(v->req, 404, "There is no send with this id.");
        xfree(v);
        return;
    }
    int month = send_view_month(&listed->sends[0]);
    if (v->month != month) {
        v->month = month;
        if (prices_of_month(v->api, v->currency, month, on_price, v) != ERR_OK)
            unreadable(v);
        return;
    }
    const struct send_price price = {v->currency, v->unit_milli};
    send_view_write(&body, &listed->sends[0], &price, listed->now_ms);
    answer_json(v->req, 200, &body);
    xfree(v);
}

static void ask(struct viewing *own_viewing)
{
    struct viewing *v = own_viewing;
    if (sends_get(v->api->links.redis, v->account, v->id, on_send, v) != ERR_OK)
        unreadable(v);
}

void send_view_get(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct id id;
    if (id_parse(&id, route_segment(httpd_path(own_req), SEND_ID_SEGMENT)) != ERR_OK ||
        id_number(id) != 0) {
        problem_simple(own_req, 404, "There is no send with this id.");
        return;
    }
    struct viewing *v = xalloc(sizeof(*v));
    v->api = api;
    v->req = own_req;
    v->id = id;
    memcpy(v->account, caller->account->id, sizeof(v->account));
    memcpy(v->currency, caller->account->currency, sizeof(v->currency));
    v->unit_milli = prices_unit_milli(api, v->currency);
    v->month = calendar_month(clock_wall_ms());
    ask(v);
}
