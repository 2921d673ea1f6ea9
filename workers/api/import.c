#include "workers/api/import.h"

#include "common/base/log.h"
#include "common/store/contacts.h"
#include "common/store/groups.h"
#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/directory.h"
#include "workers/api/import_rows.h"
#include "workers/api/import_writer.h"
#include "workers/api/query.h"

#include <jansson.h>
#include <stdio.h>
#include <strings.h>

enum { DETAIL_SIZE = 400, ANSWER_CAP = 1000 };

struct import {
    struct import *next, *prev; /* of api->imports */
    struct api *api;
    struct httpd_req *req;
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct id group_id;
    const struct id *group; /* NULL: none */
    enum import_kind kind;
    struct import_rows *rows;
    struct import_writer *writer;
    bool ended;               /* no more rows come */
    bool gone;                /* the client is */
    int status;               /* of the answer, when ended */
    char detail[DETAIL_SIZE]; /* of another answer than 200 */
};

/* --- the end --- */

static struct import *import_new(const struct import *from)
{
    struct import *import = xalloc(sizeof(*import));
    struct api *api = from->api;
    *import = *from;
    import->group = from->group != NULL ? &import->group_id : NULL;
    import->next = api->imports;
    if (import->next != NULL)
        import->next->prev = import;
    api->imports = import;
    api->imports_open++;
    return import;
}

static void import_free(struct import *own_import)
{
    struct api *api = own_import->api;
    if (own_import->next != NULL)
        own_import->next->prev = own_import->prev;
    if (own_import->prev != NULL)
        own_import->prev->next = own_import->next;
    else
        api->imports = own_import->next;
    api->imports_open--;
    import_rows_free(own_import->rows);
    import_writer_free(own_import->writer);
    xfree(own_import);
}

/* One account never has more than half of the places. */
static bool has_place(const struct api *api, const char *account)
{
    int64_t most = api->ctx->settings->api_max_imports, own = 0;
    for (const struct import *import = api->imports; import != NULL; import = import->next)
        own += strcmp(import->account, account) == 0;
    return api->imports_open < most && own < (most + 1) / 2;
}

static void answer_well(const struct import *import)
{
    const struct import_result *r = import_writer_result(import->writer);
    struct buf body = {.cap = DIRECTORY_ANSWER_CAP};
    buf_printf(&body, "{\"created\":%lld,\"updated\":%lld,\"rejected\":%lld,\"rejected_rows\":[",
               (long long)r->created, (long long)r->updated, (long long)r->rejected);
    for (size_t i = 0; i < r->listed_count; i++) {
        buf_printf(&body, "%s{\"line\":%zu,\"reason\":", i > 0 ? "," : "", r->listed[i].line);
        buf_json(&body, str_of(r->listed[i].reason));
        buf_char(&body, '}');
    }
    buf_text(&body, "]}");
    answer_json(import->req, 200, &body);
}

static void answer_badly(const struct import *import)
{
    const struct import_result *r = import_writer_result(import->writer);
    struct buf detail = {.cap = ANSWER_CAP};
    buf_printf(
        &detail, "%s The rows before it were taken: %lld created, %lld updated, %lld rejected.",
        import->detail, (long long)r->created, (long long)r->updated, (long long)r->rejected);
    problem_simple(import->req, import->status, detail.p);
    buf_done(&detail);
}

static void finish(struct import *own_import)
{
    const struct import_result *r = import_writer_result(own_import->writer);
    LOG(LOG_INFO, EV("imported"), KSTR("account", own_import->account), KINT("created", r->created),
        KINT("updated", r->updated), KINT("rejected", r->rejected),
        KINT("status", own_import->status));
    if (own_import->status == 200)
        answer_well(own_import);
    else
        answer_badly(own_import);
    import_free(own_import);
}

/* No more rows are read; those that wait are still written. */
static void end(struct import *import, int status, const char *detail)
{
    import->ended = true;
    import->status = status;
    (void)snprintf(import->detail, sizeof(import->detail), "%s", detail);
}

static void take_failure(struct import *import, enum err err)
{
    import_writer_stop(import->writer);
    if (err == ERR_NOT_FOUND)
        end(import, 409, "The group was deleted during the import.");
    else if (err != ERR_OK)
        end(import, 500, "Redis can't be reached any more. The import may be repeated.");
    else
        end(import, 500, "The client is gone."); /* for the log */
}

/* --- going on --- */

/* Whatever is next: a batch, the end, or more of the body. */
static void go_on(struct import *import)
{
    while (!import_writer_busy(import->writer)) {
        enum err err = import_writer_err(import->writer);
        if (err != ERR_OK || import->gone)
            take_failure(import, err);
        size_t waiting = import_writer_waiting(import->writer);
        if (import->ended && waiting == 0) {
            finish(import);
            return;
        }
        if (!import->ended && waiting < CONTACTS_BATCH) {
            httpd_read_more(import->req);
            return;
        }
        import_writer_start(import->writer);
    }
}

static void on_batch(void *arg)
{
    go_on(arg);
}

static void on_row(void *arg, size_t line, json_t *own_body, const char *reason)
{
    struct import *import = arg;
    import_writer_add(import->writer, line, own_body, reason);
}

static void take_piece(struct import *import, struct str piece)
{
    enum err err =
        piece.n > 0 ? import_rows_feed(import->rows, piece) : import_rows_end(import->rows);
    if (err != ERR_OK)
        end(import, 422, import_rows_fault(import->rows));
    else if (piece.n == 0)
        end(import, 200, "");
}

static bool on_piece(void *arg, enum err err, struct str piece)
{
    struct import *import = arg;
    if (err == ERR_OK) {
        take_piece(import, piece);
    } else if (err == ERR_TOO_LONG) {
        end(import, 413, "The body is larger than this endpoint takes.");
    } else {
        import->gone = import->ended = true;
        import_writer_stop(import->writer);
    }
    bool ended = import->ended;
    go_on(import); /* it may be over then, if it has ended */
    return !ended && import_writer_waiting(import->writer) < CONTACTS_BATCH;
}

/* --- the request --- */

static bool read_kind(const struct httpd_req *req, enum import_kind *ret_kind)
{
    struct str type = str_of(httpd_header(req, "Content-Type"));
    type = str_cut(&type, ';');
    while (type.n > 0 && type.p[type.n - 1] == ' ')
        type.n--;
    bool csv = type.n == 8 && strncasecmp(type.p, "text/csv", 8) == 0;
    *ret_kind = csv ? IMPORT_CSV : IMPORT_NDJSON;
    return csv || (type.n == 20 && strncasecmp(type.p, "application/x-ndjson", 20) == 0);
}

static void unknown_group(struct problem *problem)
{
    problem_parameter(problem, "group", "unknown_group", "There is no group with this id.");
}

static bool read_request(struct import *import, struct problem *problem)
{
    static const char *const names[] = {"group", NULL};
    const char *group = httpd_query(import->req, "group");
    query_check(import->req, names, problem);
    if (group != NULL && !directory_id(&import->group_id, str_of(group)))
        unknown_group(problem);
    import->group = group != NULL ? &import->group_id : NULL;
    return problem->errors == 0;
}

static void begin(struct import *import)
{
    import->rows = import_rows_new(import->kind, on_row, import);
    import->writer =
        import_writer_new(import->api, import->account, import->group, on_batch, import);
    httpd_read(import->req, on_piece, import);
}

static void on_group(void *arg, enum err err, int64_t total, const struct group_record *records,
                     size_t count)
{
    struct import *import = arg;
    struct problem problem;
    (void)total;
    if (err == ERR_OK && count > 0 && records[0].text.p != NULL) {
        begin(import);
        return;
    }
    if (err != ERR_OK) {
        directory_failed(import->req, DIRECTORY_GROUP, err);
    } else {
        problem_init(&problem, 422);
        unknown_group(&problem);
        problem_answer(import->req, &problem);
    }
    import_free(import);
}

void import_post(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct problem problem;
    struct import import = {.api = api, .req = own_req};
    if (!read_kind(own_req, &import.kind)) {
        problem_simple(own_req, 415,
                       "Give the contacts as text/csv or application/x-ndjson (Content-Type).");
        return;
    }
    if (!has_place(api, caller->account->id)) {
        problem_unavailable(own_req, "Other imports are under way. Try again later.");
        return;
    }
    if (!read_request(&import, &problem)) {
        problem_answer(own_req, &problem);
        return;
    }
    problem_done(&problem);
    memcpy(import.account, caller->account->id, sizeof(import.account));
    struct import *own_import = import_new(&import);
    if (own_import->group == NULL) {
        begin(own_import);
        return;
    }
    enum err err = groups_get(api->links.redis, own_import->account, own_import->group, 1, on_group,
                              own_import);
    if (err != ERR_OK)
        on_group(own_import, err, 0, NULL, 0);
}
