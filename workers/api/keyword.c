#include "workers/api/keyword.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/io/crypto.h"
#include "common/store/keyword_claim.h"
#include "common/store/keywords.h"
#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/fields.h"
#include "workers/api/keyword_body.h"
#include "workers/api/route.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    RECORD_CAP = 64 * 1024,
    KEYWORD_SEGMENT = 3, /* /v1/sms/keywords/{id} */
    CHECK_SEGMENT = 4,   /* /v1/sms/keywords/check/{keyword} */
    TRIES = 5,
};

/* A request on its way. */
struct call {
    struct api *api;
    struct httpd_req *req;
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct id id;
    struct keyword keyword; /* that is made, or asked for */
    json_t *body;           /* of a change */
    unsigned tries;
};

static struct call *new_call(struct api *api, struct httpd_req *req, const struct caller *caller)
{
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){.api = api, .req = req};
    memcpy(call->account, caller->account->id, sizeof(call->account));
    return call;
}

static void free_call(struct call *own_call)
{
    json_decref(own_call->body);
    xfree(own_call);
}

static struct keywords_ref ref_of(const struct call *call)
{
    return (struct keywords_ref){call->account, call->id};
}

static struct id new_id(void)
{
    uint8_t random[ID_RANDOM_SIZE];
    crypto_random(random, sizeof(random));
    return id_new(clock_wall_ms(), random);
}

/* --- answers --- */

static void answer_record(struct httpd_req *own_req, int status, struct str record)
{
    struct buf body = {.cap = RECORD_CAP};
    json_auto_t *root = json_loadb(record.p != NULL ? record.p : "", record.n, 0, NULL);
    keyword_body_write(&body, root);
    answer_json(own_req, status, &body);
}

static void unavailable(struct httpd_req *own_req)
{
    problem_unavailable(own_req, "Redis can't be reached at the moment. Try again.");
}

static void refuse(const struct call *call, enum err err)
{
    char detail[200];
    if (err == ERR_CONFLICT)
        (void)snprintf(detail, sizeof(detail), "The keyword %s is taken.", call->keyword.text);
    else if (err == ERR_FULL)
        (void)snprintf(detail, sizeof(detail),
                       "An account may have %d keywords at most. Delete one first.", KEYWORDS_MAX);
    else
        (void)snprintf(detail, sizeof(detail),
                       "It is not known whether the keyword was created. Look at the list before "
                       "you try again.");
    if (err == ERR_IO)
        unavailable(call->req);
    else
        problem_simple(call->req, err == ERR_UNKNOWN ? 500 : 409, detail);
}

/* For a reading, and for a change that may be asked for again. */
static void failed(struct httpd_req *own_req, enum err err)
{
    if (err == ERR_NOT_FOUND)
        problem_simple(own_req, 404, "There is no keyword with this id.");
    else
        unavailable(own_req);
}

/* The id in the path; false: it can't be one, and the request is answered. */
static bool read_path(struct id *ret_id, struct httpd_req *own_req)
{
    if (id_parse(ret_id, route_segment(httpd_path(own_req), KEYWORD_SEGMENT)) == ERR_OK)
        return true;
    failed(own_req, ERR_NOT_FOUND);
    return false;
}

/* --- list --- */

struct item {
    json_t *record;
};

static int by_age(const void *a, const void *b)
{
    const struct item *one = a, *other = b;
    const char *x = json_string_value(json_object_get(one->record, "id"));
    const char *y = json_string_value(json_object_get(other->record, "id"));
    return strcmp(x != NULL ? x : "", y != NULL ? y : ""); /* ids begin with their time */
}

static void on_list(void *arg, enum err err, const struct str *records, size_t count)
{
    struct httpd_req *req = arg;
    struct buf body = {.cap = (size_t)RECORD_CAP * KEYWORDS_MAX};
    struct item items[KEYWORDS_MAX];
    if (err != ERR_OK) {
        unavailable(req);
        return;
    }
    for (size_t i = 0; i < count; i++)
        items[i].record =
            json_loadb(records[i].p != NULL ? records[i].p : "", records[i].n, 0, NULL);
    qsort(items, count, sizeof(items[0]), by_age);
    buf_char(&body, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_char(&body, ',');
        keyword_body_write(&body, items[i].record);
        json_decref(items[i].record);
    }
    buf_char(&body, ']');
    answer_json(req, 200, &body);
}

void keyword_list(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    if (keywords_list(api->links.redis, caller->account->id, on_list, own_req) != ERR_OK)
        unavailable(own_req);
}

/* --- create --- */

static void on_created(void *arg, enum err err, struct str record)
{
    struct call *call = arg;
    if (err == ERR_OK) {
        LOG(LOG_INFO, EV("keyword_created"), KSTR("account", call->account),
            KSTR("keyword", call->keyword.text));
        answer_record(call->req, 201, record);
    } else {
        refuse(call, err);
    }
    free_call(call);
}

static void create(struct call *own_call, const json_t *record)
{
    struct buf text = {.cap = RECORD_CAP};
    keyword_body_store(&text, record);
    enum err err = keywords_create(own_call->api->links.redis, ref_of(own_call), &own_call->keyword,
                                   buf_view(&text), on_created, own_call);
    if (err != ERR_OK)
        on_created(own_call, ERR_IO, (struct str){0});
    buf_done(&text);
}

void keyword_create(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct problem problem;
    struct call *call = new_call(api, own_req, caller);
    json_auto_t *body = fields_read(httpd_body(own_req), false, keyword_body_new_fields, &problem);
    if (json_is_object(body))
        keyword_body_keyword(&call->keyword, body, &problem);
    call->id = new_id();
    json_auto_t *record = keyword_body_record(call->id, &call->keyword, id_at_ms(call->id));
    if (json_is_object(body))
        keyword_body_apply(record, body, &problem);
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        free_call(call);
        return;
    }
    problem_done(&problem);
    create(call, record);
}

/* --- get --- */

static void on_found(void *arg, enum err err, struct str record)
{
    if (err == ERR_OK)
        answer_record(arg, 200, record);
    else
        failed(arg, err);
}

void keyword_get(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct id id;
    if (read_path(&id, own_req) &&
        keywords_find(api->links.redis, (struct keywords_ref){caller->account->id, id}, on_found,
                      own_req) != ERR_OK)
        unavailable(own_req);
}

/* --- change: read, apply, write if nobody was faster --- */

static void on_before(void *arg, enum err err, struct str record);

static void start_change(struct call *own_call)
{
    enum err err = keywords_find(own_call->api->links.redis, ref_of(own_call), on_before, own_call);
    if (err != ERR_OK)
        on_before(own_call, err, (struct str){0});
}

static void on_changed(void *arg, enum err err, struct str record)
{
    struct call *call = arg;
    if (err == ERR_CONFLICT && ++call->tries < TRIES) {
        start_change(call);
        return;
    }
    on_found(call->req, err, record);
    free_call(call);
}

static void change(struct call *own_call, struct str before, json_t *record)
{
    struct problem problem;
    struct buf after = {.cap = RECORD_CAP};
    problem_init(&problem, 422);
    keyword_body_apply(record, own_call->body, &problem);
    if (problem.errors > 0) {
        problem_answer(own_call->req, &problem);
        free_call(own_call);
        return;
    }
    problem_done(&problem);
    keyword_body_store(&after, record);
    enum err err = keywords_change(own_call->api->links.redis, ref_of(own_call), before,
                                   buf_view(&after), on_changed, own_call);
    if (err != ERR_OK)
        on_changed(own_call, ERR_IO, (struct str){0});
    buf_done(&after);
}

static void on_before(void *arg, enum err err, struct str record)
{
    struct call *call = arg;
    json_auto_t *root = json_loadb(record.p != NULL ? record.p : "", record.n, 0, NULL);
    if (err == ERR_OK && json_is_object(root)) {
        change(call, record, root);
        return;
    }
    failed(call->req, err);
    free_call(call);
}

void keyword_patch(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct problem problem;
    struct id id;
    if (!read_path(&id, own_req))
        return;
    json_t *body = fields_read(httpd_body(own_req), false, keyword_body_change_fields, &problem);
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        json_decref(body);
        return;
    }
    problem_done(&problem);
    struct call *call = new_call(api, own_req, caller);
    call->id = id;
    call->body = body;
    start_change(call);
}

/* --- delete --- */

static void on_deleted(void *arg, enum err err, struct str record)
{
    (void)record;
    if (err == ERR_OK)
        answer_nothing(arg);
    else
        failed(arg, err);
}

void keyword_delete(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct id id;
    if (read_path(&id, own_req) &&
        keywords_remove(api->links.redis, (struct keywords_ref){caller->account->id, id},
                        on_deleted, own_req) != ERR_OK)
        unavailable(own_req);
}

/* --- check --- */

static void answer_check(struct call *own_call, const char *why)
{
    struct buf body = {.cap = RECORD_CAP};
    buf_printf(&body, "{\"keyword\":\"%s\"", own_call->keyword.text);
    answer_bool(&body, "available", why == NULL);
    answer_text(&body, "reason", str_of(why));
    buf_char(&body, '}');
    answer_json(own_call->req, 200, &body);
    free_call(own_call);
}

static void on_looked(void *arg, enum err err)
{
    struct call *call = arg;
    if (err == ERR_OK || err == ERR_CONFLICT) {
        answer_check(call, err == ERR_OK ? NULL : "taken");
        return;
    }
    unavailable(call->req);
    free_call(call);
}

void keyword_check(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct call *call = new_call(api, own_req, caller);
    struct str text = route_segment(httpd_path(own_req), CHECK_SEGMENT);
    if (keyword_parse(&call->keyword, text) != ERR_OK) {
        problem_simple(own_req, 422,
                       "A keyword is 1 to 20 letters (A to Z and the Nordic ones) and digits.");
        free_call(call);
        return;
    }
    if (keyword_reserved(&call->keyword)) {
        answer_check(call, "reserved");
        return;
    }
    enum err err = keyword_claim_look(api->links.redis, &call->keyword, call->account, new_id(),
                                      on_looked, call);
    if (err != ERR_OK)
        on_looked(call, err);
}
