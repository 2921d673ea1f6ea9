#include "workers/api/list.h"

#include "workers/api/api.h"
#include "workers/api/list_query.h"
#include "workers/api/message.h"
#include "workers/api/pages.h"
#include "workers/api/query.h"

/* A request on its way. */
struct listing {
    struct api *api;
    struct pages *pages; /* undefined unless it looks */
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct list_request request;
};

static void on_listed(void *arg, enum err err, const struct listed *listed)
{
    const struct listing *l = arg;
    struct pages_found found = {.count = 0};
    for (size_t i = 0; err == ERR_OK && i < listed->count; i++)
        message_write(pages_row(l->pages), &listed->messages[i]);
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
    const struct list_ask ask = {.query = &l->request.query,
                                 .place = look->place,
                                 .skip = look->skip,
                                 .limit = look->limit,
                                 .wants_total = look->wants_total};
    l->pages = pages;
    return messages_list(l->api->links.redis, l->account, &ask, on_listed, l);
}

static const struct pages_kind messages = {
    .member = "messages",
    .unavailable = "The messages can't be read at the moment. Try again.",
    .look = look,
    .forget = xfree};

void list_get(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    const char *values[LIST_PARAMETER_COUNT];
    struct problem problem;
    struct listing *l = xalloc(sizeof(*l));
    l->api = api;
    memcpy(l->account, caller->account->id, sizeof(l->account));
    for (size_t i = 0; i < LIST_PARAMETER_COUNT; i++)
        values[i] = httpd_query(own_req, list_parameter_names[i]);
    query_check(own_req, list_parameter_names, &problem);
    list_query_read(&l->request, values, &problem);
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        xfree(l);
        return;
    }
    problem_done(&problem);
    const struct pages_request request = {.nothing = l->request.nothing,
                                          .exact = l->request.exact,
                                          .page = l->request.page,
                                          .page_size = l->request.page_size,
                                          .cursor = l->request.cursor};
    pages_begin(api, own_req, &messages, &request, l);
}
