#include "workers/api/list.h"

#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/list_query.h"
#include "workers/api/message.h"
#include "workers/api/query.h"

enum {
    ANSWER_CAP =
        32 * 1024 * 1024, /* 500 messages of 1,600 characters, each of which JSON may escape */
    CURSOR_LOOKS = 4,     /* for a page behind a cursor, which may be cut short */
    PAGE_LOOKS = 64,
    COUNT_LOOKS = 64
};

static const uint64_t EXACT_MOST = UINT64_C(1) << 40;

/* A request on its way. */
struct listing {
    struct api *api;
    struct httpd_req *req;
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct list_request request;
    struct list_place place; /* where the next look for messages begins */
    uint64_t before;         /* messages before the page */
    uint64_t skip;           /* of those, how many are still to be passed */
    size_t count;            /* messages of the page */
    struct buf rows;         /* as JSON */
    unsigned looks;
    bool done; /* there is nothing behind `place` */

    int64_t total; /* -1: not known */
    bool counted;  /* it came from counting, now or when the walk began */
    bool capped;
    struct list_place count_place; /* where counting goes on */
    uint64_t uncounted;            /* at most so many are still to be counted */
};

static void forget(struct listing *own_listing)
{
    buf_done(&own_listing->rows);
    xfree(own_listing);
}

static void give_up(struct listing *own_listing)
{
    problem_unavailable(own_listing->req, "The messages can't be read at the moment. Try again.");
    forget(own_listing);
}

/* --- the answer --- */

static void write_cursor(struct buf *out, const struct listing *listing)
{
    char text[LIST_CURSOR_TEXT_SIZE];
    struct list_cursor cursor = listing->request.cursor;
    if (listing->done) {
        buf_text(out, "null");
        return;
    }
    cursor.place = listing->place;
    cursor.page = listing->request.page + 1;
    cursor.total = listing->counted ? listing->total : -1;
    cursor.capped = listing->capped;
    list_cursor_write(text, &cursor);
    buf_printf(out, "\"%s\"", text);
}

static void give_answer(struct listing *own_listing)
{
    struct listing *l = own_listing;
    struct buf body = {.cap = ANSWER_CAP};
    buf_text(&body, "{\"messages\":[");
    buf_str(&body, buf_view(&l->rows));
    buf_printf(&body, "],\"total\":%lld,\"page\":%u,\"page_size\":%u", (long long)l->total,
               l->request.page, l->request.page_size);
    answer_bool(&body, "has_more", !l->done);
    answer_bool(&body, "total_capped", l->capped);
    buf_text(&body, ",\"next_cursor\":");
    write_cursor(&body, l);
    buf_char(&body, '}');
    answer_json(l->req, 200, &body);
    forget(l);
}

/* --- the total --- */

static void on_counted(void *arg, enum err err, const struct listed *listed);

static void count(struct listing *own_listing)
{
    struct listing *l = own_listing;
    const struct list_ask ask = {
        .query = &l->request.query, .place = &l->count_place, .skip = l->uncounted};
    if (messages_list(l->api->links.redis, l->account, &ask, on_counted, l) != ERR_OK)
        give_up(l);
}

static void on_counted(void *arg, enum err err, const struct listed *listed)
{
    struct listing *l = arg;
    if (err != ERR_OK) {
        give_up(l);
        return;
    }
    l->total += (int64_t)(l->uncounted - listed->skip);
    l->uncounted = listed->skip;
    l->count_place = listed->next;
    l->looks++;
    l->capped = !listed->done && (l->uncounted == 0 || l->looks >= COUNT_LOOKS);
    if (listed->done || (l->capped && !l->request.exact))
        give_answer(l);
    else
        count(l);
}

/* Behind a cursor all is counted; else what comes after the page. */
static void begin_count(struct listing *own_listing)
{
    struct listing *l = own_listing;
    bool from_page = !l->request.cursor.place.set;
    uint64_t seen = from_page ? l->before - l->skip + l->count : 0;
    uint64_t most = l->request.exact ? EXACT_MOST : LIST_TOTAL_MOST;
    l->counted = true;
    l->total = (int64_t)(seen < most ? seen : most);
    l->capped = !l->done && seen >= most;
    if (from_page && (l->done || l->capped)) {
        give_answer(l);
        return;
    }
    l->looks = 0;
    l->uncounted = most - seen;
    if (from_page)
        l->count_place = l->place;
    count(l);
}

/* --- the page --- */

static void on_page(void *arg, enum err err, const struct listed *listed);

static void look(struct listing *own_listing)
{
    struct listing *l = own_listing;
    const struct list_ask ask = {.query = &l->request.query,
                                 .place = &l->place,
                                 .skip = l->skip,
                                 .limit = l->request.page_size - (unsigned)l->count,
                                 .wants_total = l->looks == 0 && l->total < 0};
    if (messages_list(l->api->links.redis, l->account, &ask, on_page, l) != ERR_OK)
        give_up(l);
}

static void take(struct listing *l, const struct listed *listed)
{
    for (size_t i = 0; i < listed->count; i++) {
        if (l->count++ > 0)
            buf_char(&l->rows, ',');
        message_write(&l->rows, &listed->messages[i]);
    }
    if (l->looks++ == 0 && l->total < 0)
        l->total = listed->total;
    l->skip = listed->skip;
    l->done = listed->done;
    if (!l->done)
        l->place = listed->next;
    if (!l->request.cursor.place.set && l->total >= 0 && l->before + l->count >= (uint64_t)l->total)
        l->done = true;
}

static void too_deep(struct listing *own_listing)
{
    struct problem problem;
    problem_init(&problem, 422);
    problem_parameter(
        &problem, "page", "too_deep",
        "With these filters the page is too deep to be found by its number. Walk there "
        "with \"cursor\", from the next_cursor of an earlier page.");
    problem_answer(own_listing->req, &problem);
    forget(own_listing);
}

static void on_page(void *arg, enum err err, const struct listed *listed)
{
    struct listing *l = arg;
    if (err != ERR_OK) {
        give_up(l);
        return;
    }
    take(l, listed);
    unsigned most = l->request.cursor.place.set ? CURSOR_LOOKS : PAGE_LOOKS;
    if (!l->done && l->count < l->request.page_size && l->looks < most)
        look(l);
    else if (!l->done && l->skip > 0)
        too_deep(l);
    else if (l->total >= 0)
        give_answer(l);
    else
        begin_count(l);
}

static void begin(struct listing *own_listing)
{
    struct listing *l = own_listing;
    struct list_request *request = &l->request;
    l->place = request->cursor.place;
    l->total = request->cursor.total;
    l->counted = l->total >= 0;
    l->capped = request->cursor.capped;
    if (!request->cursor.place.set)
        l->before = l->skip = (uint64_t)(request->page - 1) * request->page_size;
    if (request->nothing) {
        l->done = true;
        l->total = 0;
        give_answer(l);
    } else {
        look(l);
    }
}

void list_get(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    const char *values[LIST_PARAMETER_COUNT];
    struct problem problem;
    struct listing *l = xalloc(sizeof(*l));
    *l = (struct listing){.api = api, .req = own_req, .rows = {.cap = ANSWER_CAP}};
    memcpy(l->account, caller->account->id, sizeof(l->account));
    for (size_t i = 0; i < LIST_PARAMETER_COUNT; i++)
        values[i] = httpd_query(own_req, list_parameter_names[i]);
    query_check(own_req, list_parameter_names, &problem);
    list_query_read(&l->request, values, &problem);
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        forget(l);
        return;
    }
    problem_done(&problem);
    begin(l);
}
