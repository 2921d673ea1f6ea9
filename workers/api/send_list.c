#include "workers/api/send_list.h"

#include "common/base/clock.h"
#include "common/sms/calendar.h"
#include "common/store/sends.h"
#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/list_query.h"
#include "workers/api/pages.h"
#include "workers/api/query.h"
#include "workers/api/send_view.h"

static const char *const names[] = {"page",          "page_size",      "cursor",
                                    "status",        "state",          "customer_ref",
                                    "created_after", "created_before", NULL};

/* A request on its way. */
struct listing {
    struct api *api;
    struct pages *pages; /* undefined unless it looks */
    char account[CHUNK_ACCOUNT_MAX + 1], currency[CURRENCY_SIZE];
    struct list_request request;
    struct sends_query query;
    bool adds_up, counting;
    int64_t sends, first_began_ms, last_began_ms; /* of all that were counted */
    struct counts sums;
};

/* --- what it costs --- */

/* Prices of this month only: those of others would have to be looked up, one by one. */
static struct send_price price_of(const struct listing *l, int month)
{
    bool now = month == calendar_month(clock_wall_ms());
    return (struct send_price){l->currency, now ? prices_unit_milli(l->api, l->currency) : -1};
}

/* --- looks --- */

static void add_up(struct listing *l, const struct sends_listed *listed)
{
    l->sends += listed->passed;
    counts_add(&l->sums, &listed->sums);
    if (listed->first_began_ms > 0 &&
        (l->first_began_ms == 0 || listed->first_began_ms < l->first_began_ms))
        l->first_began_ms = listed->first_began_ms;
    if (listed->last_began_ms > l->last_began_ms)
        l->last_began_ms = listed->last_began_ms;
}

static void on_listed(void *arg, enum err err, const struct sends_listed *listed)
{
    struct listing *l = arg;
    struct pages_found found = {.count = 0};
    for (size_t i = 0; err == ERR_OK && i < listed->count; i++) {
        const struct send_view *send = &listed->sends[i];
        const struct send_price price = price_of(l, send_view_month(send));
        send_view_write(pages_row(l->pages), send, &price, listed->now_ms);
    }
    if (err == ERR_OK && l->counting)
        add_up(l, listed);
    if (err == ERR_OK)
        found = (struct pages_found){.done = listed->done,
                                     .next = &listed->next,
                                     .skip = listed->skip,
                                     .total = listed->total};
    pages_found(l->pages, err, &found);
}

static enum err look(struct pages *pages, void *arg, const struct pages_look *look)
{
    struct listing *l = arg;
    const struct sends_ask ask = {.query = &l->query,
                                  .place = look->place,
                                  .skip = look->skip,
                                  .limit = look->limit,
                                  .wants_total = look->wants_total};
    l->pages = pages;
    l->counting = look->limit == 0;
    return sends_list(l->api->links.redis, l->account, &ask, on_listed, l);
}

/* --- the answer --- */

static void write_totals(struct buf *out, void *arg)
{
    const struct listing *l = arg;
    int month = calendar_month(l->first_began_ms);
    const struct send_price price = month == calendar_month(l->last_began_ms)
                                        ? price_of(l, month)
                                        : (struct send_price){l->currency, -1};
    int64_t recipients = 0;
    if (!l->adds_up) {
        buf_text(out, ",\"totals\":null");
        return;
    }
    for (size_t i = 0; i < STATUS_COUNT; i++)
        recipients += l->sums.by_status[i];
    buf_printf(out, ",\"totals\":{\"sends\":%lld,\"recipients\":%lld", (long long)l->sends,
               (long long)recipients);
    send_view_write_counts(out, &l->sums);
    buf_printf(out, ",\"units\":%lld", (long long)l->sums.units);
    send_view_write_price(out, l->sums.units, &price);
    answer_text(out, "currency", str_of(l->currency));
    buf_char(out, '}');
}

static const struct pages_kind sends = {.member = "sends",
                                        .unavailable =
                                            "The sends can't be read at the moment. Try again.",
                                        .look = look,
                                        .write_more = write_totals,
                                        .forget = xfree};

/* --- the request --- */

static unsigned read_state(const struct httpd_req *req, struct problem *problem)
{
    const char *text = httpd_query(req, "state");
    if (text == NULL)
        return 0;
    enum send_state state = send_state_of(str_of(text));
    if (state == SEND_STATE_COUNT) {
        problem_parameter(problem, "state", "invalid",
                          "\"state\" must be one of scheduled, running, paused, finished, "
                          "cancelled.");
        return 0;
    }
    return 1u << state;
}

static void read_query(struct listing *l, const struct httpd_req *req, struct problem *problem)
{
    const char *values[LIST_PARAMETER_COUNT] = {NULL};
    for (size_t i = 0; names[i] != NULL; i++) {
        for (size_t k = 0; k < LIST_PARAMETER_COUNT; k++) {
            if (strcmp(names[i], list_parameter_names[k]) == 0)
                values[k] = httpd_query(req, names[i]);
        }
    }
    query_check(req, names, problem);
    list_query_read_filters(&l->request, values, problem);
    l->query.states = read_state(req, problem);
    l->request.cursor.mark[0] ^=
        (uint8_t)(l->query.states + 1); /* a list of messages has another */
    list_query_read_cursor(&l->request, values, problem);
    l->query.list = l->request.query;
    l->query.statuses = l->request.query.statuses;
    l->adds_up = l->request.query.ref.p != NULL && !l->request.cursor.place.set;
}

void send_list_get(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct problem problem;
    struct listing *l = xalloc(sizeof(*l));
    l->api = api;
    memcpy(l->account, caller->account->id, sizeof(l->account));
    memcpy(l->currency, caller->account->currency, sizeof(l->currency));
    read_query(l, own_req, &problem);
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        xfree(l);
        return;
    }
    problem_done(&problem);
    const struct pages_request request = {.nothing = l->request.nothing,
                                          .recount = l->adds_up,
                                          .page = l->request.page,
                                          .page_size = l->request.page_size,
                                          .cursor = l->request.cursor};
    pages_begin(api, own_req, &sends, &request, l);
}
