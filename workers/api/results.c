#include "workers/api/results.h"

#include "common/store/results.h"
#include "workers/api/api.h"
#include "workers/api/list_query.h"
#include "workers/api/message.h"
#include "workers/api/query.h"
#include "workers/api/results_csv.h"
#include "workers/api/route.h"

#include <string.h>

enum { SEND_ID_SEGMENT = 3, OPEN_MOST = 32, OPEN_OF_ACCOUNT = 4 }; /* /v1/sms/sends/{id}/messages */

static const char *const names[] = {"status", "error_code", "format", "after", NULL};

/* One that is being answered. */
struct export
{
    struct export *prev, *next; /* in api->exports */
    struct api *api;
    struct httpd_req *req;
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct results_ask ask; /* what is asked next */
    bool csv;
    bool begun;      /* the answer has */
    bool asked;      /* the client waits for more */
    bool gone;       /* the client is */
    bool looking;    /* Redis is asked */
    bool ended;      /* there are no more messages */
    struct buf rows; /* that the client has not been given yet */
};

static void forget(struct export *own_export)
{
    struct export *e = own_export;
    if (e->prev != NULL)
        e->prev->next = e->next;
    else
        e->api->exports = e->next;
    if (e->next != NULL)
        e->next->prev = e->prev;
    buf_done(&e->rows);
    xfree(e);
}

/* --- going out --- */

static void look(struct export *e);

static void end(struct export *own_export, bool whole)
{
    httpd_send_end(own_export->req, whole);
    forget(own_export);
}

static void fail(struct export *own_export)
{
    if (own_export->begun) {
        end(own_export, false);
        return;
    }
    problem_unavailable(own_export->req, "The messages can't be read at the moment. Try again.");
    forget(own_export);
}

/* The client has taken all, or is gone. */
static void on_wanted(void *arg, enum err err)
{
    struct export *e = arg;
    e->gone = err != ERR_OK;
    e->asked = !e->gone;
    if (e->looking)
        return;
    if (e->gone) {
        end(e, false);
    } else if (e->rows.n > 0) {
        e->asked = false;
        httpd_send(e->req, &e->rows);
    } else if (e->ended) {
        end(e, true);
    } else {
        look(e);
    }
}

static void begin(struct export *e)
{
    const struct httpd_answer head = {
        .status = 200, .content_type = e->csv ? "text/csv; charset=utf-8" : "application/x-ndjson"};
    e->begun = true;
    httpd_send_begin(e->req, &head, on_wanted, e);
}

/* --- from Redis --- */

static void write_rows(struct export *e, const struct results *results)
{
    e->rows.cap = SIZE_MAX / 2; /* one answer of the script */
    if (!e->begun && e->csv && e->ask.from == 0)
        results_csv_head(&e->rows);
    for (size_t i = 0; i < results->count; i++) {
        if (e->csv) {
            results_csv_line(&e->rows, &results->messages[i]);
        } else {
            message_write(&e->rows, &results->messages[i]);
            buf_char(&e->rows, '\n');
        }
    }
}

static void on_results(void *arg, enum err err, const struct results *results)
{
    struct export *e = arg;
    e->looking = false;
    if (e->gone) {
        end(e, false);
        return;
    }
    if (err != ERR_OK || (!results->found && e->begun)) {
        fail(e);
        return;
    }
    if (!results->found) {
        problem_simple(e->req, 404, "There is no send with this id.");
        forget(e);
        return;
    }
    write_rows(e, results);
    e->ended = results->next == 0;
    e->ask.from = results->next;
    if (!e->begun)
        begin(e);
    else if (e->asked)
        on_wanted(e, ERR_OK);
}

static void look(struct export *e)
{
    e->looking = true;
    if (results_read(e->api->links.redis, e->account, &e->ask, on_results, e) != ERR_OK) {
        e->looking = false;
        fail(e);
    }
}

/* --- the request --- */

/* As `format` says, else as Accept prefers. */
static bool read_format(const struct httpd_req *req, struct problem *problem)
{
    const char *format = httpd_query(req, "format"), *accept = httpd_header(req, "Accept");
    if (format != NULL) {
        if (strcmp(format, "csv") != 0 && strcmp(format, "ndjson") != 0)
            problem_parameter(problem, "format", "invalid", "\"format\" must be ndjson or csv.");
        return strcmp(format, "csv") == 0;
    }
    return accept != NULL && strstr(accept, "text/csv") != NULL &&
           strstr(accept, "application/x-ndjson") == NULL;
}

static void read_after(struct export *e, struct problem *problem)
{
    struct id id;
    const char *after = httpd_query(e->req, "after");
    if (after == NULL)
        return;
    if (id_parse(&id, str_of(after)) != ERR_OK || !id_eq(id_send(id), e->ask.send)) {
        problem_parameter(problem, "after", "invalid",
                          "\"after\" must be the id of a message of this send.");
        return;
    }
    e->ask.from = id_number(id) + 1;
}

/* Errors are those of FAILED messages; an attempt whose outcome is unknown has one while SENDING. */
static void read_filters(struct export *e, struct problem *problem)
{
    struct list_request request;
    const char *values[LIST_PARAMETER_COUNT] = {NULL};
    values[LIST_PARAMETER_STATUS] = httpd_query(e->req, "status");
    values[LIST_PARAMETER_ERROR] = httpd_query(e->req, "error_code");
    list_query_read(&request, values, problem);
    enum error error = request.query.error;
    unsigned failed = LIST_STATUS(STATUS_FAILED);
    e->ask.statuses = request.query.statuses;
    if (error == ERROR_NONE)
        return;
    e->ask.errors = UINT64_C(1) << error;
    e->ask.statuses &= error == ERROR_OUTCOME ? failed | LIST_STATUS(STATUS_SENDING) : failed;
    if (e->ask.statuses == 0) /* they exclude each other: no message is RECEIVED here */
        e->ask.statuses = LIST_STATUS(STATUS_RECEIVED);
}

static unsigned open_of(const struct api *api, const char *account, unsigned *all)
{
    unsigned own = 0;
    for (const struct export *e = api->exports; e != NULL; e = e->next) {
        own += strcmp(e->account, account) == 0;
        (*all)++;
    }
    return own;
}

static struct export *new_export(struct api *api, struct httpd_req *req,
                                 const struct caller *caller, struct id send)
{
    struct export *e = xalloc(sizeof(*e));
    e->api = api;
    e->req = req;
    e->ask = (struct results_ask){.send = send, .most = RESULTS_MOST};
    memcpy(e->account, caller->account->id, sizeof(e->account));
    e->next = api->exports;
    if (e->next != NULL)
        e->next->prev = e;
    api->exports = e;
    return e;
}

void results_get(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct id id;
    struct problem problem;
    unsigned all = 0, own = open_of(api, caller->account->id, &all);
    if (id_parse(&id, route_segment(httpd_path(own_req), SEND_ID_SEGMENT)) != ERR_OK ||
        id_number(id) != 0) {
        problem_simple(own_req, 404, "There is no send with this id.");
        return;
    }
    if (own >= OPEN_OF_ACCOUNT || all >= OPEN_MOST) {
        problem_later(own_req, 429, "Too many results are being read at once. Try again.", 1);
        return;
    }
    struct export *e = new_export(api, own_req, caller, id);
    query_check(own_req, names, &problem);
    read_filters(e, &problem);
    read_after(e, &problem);
    e->csv = read_format(own_req, &problem);
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        forget(e);
        return;
    }
    problem_done(&problem);
    look(e);
}
