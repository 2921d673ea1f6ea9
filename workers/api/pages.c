#include "workers/api/pages.h"

#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/problem.h"

enum {
    ANSWER_CAP =
        32 * 1024 * 1024, /* 500 messages of 1,600 characters, each of which JSON may escape */
    CURSOR_LOOKS = 4,     /* for a page behind a cursor, which may be cut short */
    PAGE_LOOKS = 64,
    COUNT_LOOKS = 64
};

static const uint64_t EXACT_MOST = UINT64_C(1) << 40;

/* A request on its way. */
struct pages {
    struct api *api;
    struct httpd_req *req;
    const struct pages_kind *kind;
    void *own_arg;
    struct pages_request request;
    struct list_place place; /* where the next look for rows begins */
    uint64_t before;         /* rows before the page */
    uint64_t skip;           /* of those, how many are still to be passed */
    size_t count;            /* rows of the page */
    struct buf rows;         /* as JSON */
    unsigned looks;
    bool done; /* there is nothing behind `place` */
    bool counting;

    int64_t total; /* -1: not known */
    bool counted;  /* it came from counting, now or when the walk began */
    bool capped;
    struct list_place count_place; /* where counting goes on */
    uint64_t uncounted;            /* at most so many are still to be counted */
};

static void forget(struct pages *own_pages)
{
    own_pages->kind->forget(own_pages->own_arg);
    buf_done(&own_pages->rows);
    xfree(own_pages);
}

static void give_up(struct pages *own_pages)
{
    problem_unavailable(own_pages->req, own_pages->kind->unavailable);
    forget(own_pages);
}

/* --- the answer --- */

static void write_cursor(struct buf *out, const struct pages *p)
{
    char text[LIST_CURSOR_TEXT_SIZE];
    struct list_cursor cursor = p->request.cursor;
    if (p->done) {
        buf_text(out, "null");
        return;
    }
    cursor.place = p->place;
    cursor.page = p->request.page + 1;
    cursor.total = p->counted ? p->total : -1;
    cursor.capped = p->capped;
    list_cursor_write(text, &cursor);
    buf_printf(out, "\"%s\"", text);
}

static void give_answer(struct pages *own_pages)
{
    struct pages *p = own_pages;
    struct buf body = {.cap = ANSWER_CAP};
    buf_printf(&body, "{\"%s\":[", p->kind->member);
    buf_str(&body, buf_view(&p->rows));
    buf_printf(&body, "],\"total\":%lld,\"page\":%u,\"page_size\":%u", (long long)p->total,
               p->request.page, p->request.page_size);
    answer_bool(&body, "has_more", !p->done);
    answer_bool(&body, "total_capped", p->capped);
    buf_text(&body, ",\"next_cursor\":");
    write_cursor(&body, p);
    if (p->kind->write_more != NULL)
        p->kind->write_more(&body, p->own_arg);
    buf_char(&body, '}');
    answer_json(p->req, 200, &body);
    forget(p);
}

/* --- the total --- */

static void count(struct pages *own_pages)
{
    struct pages *p = own_pages;
    const struct pages_look look = {.place = &p->count_place, .skip = p->uncounted};
    p->counting = true;
    if (p->kind->look(p, p->own_arg, &look) != ERR_OK)
        give_up(p);
}

static void on_counted(struct pages *own_pages, const struct pages_found *found)
{
    struct pages *p = own_pages;
    p->total += (int64_t)(p->uncounted - found->skip);
    p->uncounted = found->skip;
    if (!found->done)
        p->count_place = *found->next;
    p->looks++;
    p->capped = !found->done && (p->uncounted == 0 || p->looks >= COUNT_LOOKS);
    if (found->done || (p->capped && !p->request.exact))
        give_answer(p);
    else
        count(p);
}

/* Behind a cursor all is counted; else what comes after the page. */
static void begin_count(struct pages *own_pages)
{
    struct pages *p = own_pages;
    bool from_page = !p->request.cursor.place.set && !p->request.recount;
    uint64_t seen = from_page ? p->before - p->skip + p->count : 0;
    uint64_t most = p->request.exact ? EXACT_MOST : PAGES_TOTAL_MOST;
    p->counted = true;
    p->total = (int64_t)(seen < most ? seen : most);
    p->capped = !p->done && seen >= most;
    if (from_page && (p->done || p->capped)) {
        give_answer(p);
        return;
    }
    p->looks = 0;
    p->uncounted = most - seen;
    if (from_page)
        p->count_place = p->place;
    count(p);
}

/* --- the page --- */

static void look(struct pages *own_pages)
{
    struct pages *p = own_pages;
    const struct pages_look look = {.place = &p->place,
                                    .skip = p->skip,
                                    .limit = p->request.page_size - (unsigned)p->count,
                                    .wants_total =
                                        p->looks == 0 && p->total < 0 && !p->request.recount};
    if (p->kind->look(p, p->own_arg, &look) != ERR_OK)
        give_up(p);
}

struct buf *pages_row(struct pages *pages)
{
    if (pages->count++ > 0)
        buf_char(&pages->rows, ',');
    return &pages->rows;
}

static void take(struct pages *p, const struct pages_found *found)
{
    if (p->looks++ == 0 && p->total < 0)
        p->total = found->total;
    p->skip = found->skip;
    p->done = found->done;
    if (!p->done)
        p->place = *found->next;
    if (!p->request.cursor.place.set && p->total >= 0 && p->before + p->count >= (uint64_t)p->total)
        p->done = true;
}

static void too_deep(struct pages *own_pages)
{
    struct problem problem;
    problem_init(&problem, 422);
    problem_parameter(
        &problem, "page", "too_deep",
        "With these filters the page is too deep to be found by its number. Walk there "
        "with \"cursor\", from the next_cursor of an earlier page.");
    problem_answer(own_pages->req, &problem);
    forget(own_pages);
}

static void on_page(struct pages *own_pages, const struct pages_found *found)
{
    struct pages *p = own_pages;
    take(p, found);
    unsigned most = p->request.cursor.place.set ? CURSOR_LOOKS : PAGE_LOOKS;
    if (!p->done && p->count < p->request.page_size && p->looks < most)
        look(p);
    else if (!p->done && p->skip > 0)
        too_deep(p);
    else if (p->total >= 0)
        give_answer(p);
    else
        begin_count(p);
}

void pages_found(struct pages *pages, enum err err, const struct pages_found *found)
{
    if (err != ERR_OK)
        give_up(pages);
    else if (pages->counting)
        on_counted(pages, found);
    else
        on_page(pages, found);
}

void pages_begin(struct api *api, struct httpd_req *own_req, const struct pages_kind *kind,
                 const struct pages_request *request, void *own_arg)
{
    struct pages *p = xalloc(sizeof(*p));
    *p = (struct pages){.api = api,
                        .req = own_req,
                        .kind = kind,
                        .own_arg = own_arg,
                        .request = *request,
                        .place = request->cursor.place,
                        .rows = {.cap = ANSWER_CAP},
                        .total = request->cursor.total,
                        .counted = request->cursor.total >= 0,
                        .capped = request->cursor.capped};
    if (!request->cursor.place.set)
        p->before = p->skip = (uint64_t)(request->page - 1) * request->page_size;
    if (request->nothing) {
        p->done = true;
        p->total = 0;
        give_answer(p);
    } else {
        look(p);
    }
}
