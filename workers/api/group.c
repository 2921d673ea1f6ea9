#include "workers/api/group.h"

#include "common/base/clock.h"
#include "common/store/groups.h"
#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/directory.h"
#include "workers/api/fields.h"
#include "workers/api/paging.h"
#include "workers/api/query.h"

#include <jansson.h>

enum { GROUP_SEGMENT = 3, NAME_MAX = 200, DESCRIPTION_MAX = 1000, JSON_MAX = 8192 };

/* A group that is being made or changed. */
struct edit {
    struct api *api;
    struct httpd_req *req;
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct id id;
    bool is_new, idempotent;
    unsigned tries;
    int64_t members;
    struct buf before, text; /* its JSON as it was read, and as it is written */
};

static void write_group(struct buf *out, struct id id, struct str text, int64_t members)
{
    char id_text[ID_TEXT_SIZE];
    json_auto_t *group = json_loadb(text.p != NULL ? text.p : "", text.n, 0, NULL);
    const json_t *name = json_object_get(group, "name");
    const json_t *description = json_object_get(group, "description");
    id_format(id_text, id);
    buf_printf(out, "{\"id\":\"%s\"", id_text);
    answer_text(out, "name", (struct str){json_string_value(name), json_string_length(name)});
    answer_text(out, "description",
                (struct str){json_string_value(description), json_string_length(description)});
    buf_printf(out, ",\"member_count\":%lld", (long long)members);
    answer_time(out, "created_at", json_integer_value(json_object_get(group, "created")));
    answer_time(out, "updated_at", json_integer_value(json_object_get(group, "updated")));
    buf_char(out, '}');
}

static void answer_group(struct httpd_req *own_req, int status, struct id id, struct str text,
                         int64_t members)
{
    struct buf body = {.cap = DIRECTORY_ANSWER_CAP};
    write_group(&body, id, text, members);
    answer_json(own_req, status, &body);
}

/* --- making and changing --- */

static struct edit *edit_new(struct api *api, struct httpd_req *req, const struct caller *caller)
{
    struct edit *edit = xalloc(sizeof(*edit));
    edit->api = api;
    edit->req = req;
    memcpy(edit->account, caller->account->id, sizeof(edit->account));
    buf_init(&edit->before, JSON_MAX);
    buf_init(&edit->text, JSON_MAX);
    return edit;
}

static void edit_free(struct edit *own_edit)
{
    buf_done(&own_edit->before);
    buf_done(&own_edit->text);
    xfree(own_edit);
}

static void start_reading(struct edit *edit);
static void answer_existing(struct edit *own_edit);

static void on_put(void *arg, enum err err)
{
    struct edit *edit = arg;
    if (err == ERR_CONFLICT && !edit->is_new && ++edit->tries < DIRECTORY_TRIES) {
        start_reading(edit);
        return;
    }
    if (err == ERR_CONFLICT && edit->is_new && edit->idempotent) {
        answer_existing(edit);
        return;
    }
    if (err == ERR_OK)
        answer_group(edit->req, edit->is_new ? 201 : 200, edit->id, buf_view(&edit->text),
                     edit->members);
    else if (err == ERR_CONFLICT)
        problem_simple(edit->req, 409, "Others change this group at the same time. Try again.");
    else if (err == ERR_FULL && edit->is_new)
        problem_simple(edit->req, 409, "An account may have 10000 groups, and has them.");
    else if (edit->is_new)
        directory_not_made(edit->req, DIRECTORY_GROUP, err, edit->idempotent);
    else
        directory_failed(edit->req, DIRECTORY_GROUP, err);
    edit_free(edit);
}

/* "" takes a text away. */
static void set_text(json_t *group, const json_t *body, const char *name, size_t most,
                     struct problem *problem)
{
    struct str text = fields_text(body, name, most, problem);
    if (text.p != NULL && text.n == 0)
        (void)json_object_del(group, name);
    else if (text.p != NULL)
        (void)json_object_set_new(group, name, json_stringn(text.p, text.n));
}

static bool read_body(const struct edit *edit, json_t *group, struct problem *problem)
{
    static const char *const names[] = {"name", "description", NULL};
    json_auto_t *body = fields_read(httpd_body(edit->req), false, names, problem);
    if (!json_is_object(body) || problem->errors > 0)
        return false;
    set_text(group, body, "name", NAME_MAX, problem);
    set_text(group, body, "description", DESCRIPTION_MAX, problem);
    if (problem->errors == 0 && json_object_get(group, "name") == NULL)
        problem_error(problem, "/name", "missing", "\"name\" is required.");
    return problem->errors == 0;
}

static int append(const char *bytes, size_t n, void *arg)
{
    buf_add(arg, bytes, n);
    return 0;
}

static void change(struct edit *own_edit, json_t *group)
{
    struct edit *edit = own_edit;
    struct problem problem;
    if (!read_body(edit, group, &problem)) {
        problem_answer(edit->req, &problem);
        edit_free(edit);
        return;
    }
    problem_done(&problem);
    if (edit->is_new)
        (void)json_object_set_new(group, "created", json_integer(clock_wall_ms()));
    (void)json_object_set_new(group, "updated", json_integer(clock_wall_ms()));
    buf_clear(&edit->text);
    (void)json_dump_callback(group, append, &edit->text, JSON_COMPACT);
    const struct group_put put = {edit->id, buf_view(&edit->before), buf_view(&edit->text)};
    enum err err = groups_put(edit->api->links.redis, edit->account, &put, on_put, edit);
    if (err != ERR_OK)
        on_put(edit, err == ERR_FULL ? ERR_IO : err); /* too much waits; ERR_FULL is Redis' word */
}

void group_post(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct edit *edit = edit_new(api, own_req, caller);
    json_auto_t *group = json_object();
    edit->is_new = true;
    edit->idempotent = caller->idempotent;
    edit->id = directory_made_id(caller);
    change(edit, group);
}

static void on_existing(void *arg, enum err err, int64_t total, const struct group_record *records,
                        size_t count)
{
    struct edit *edit = arg;
    (void)total;
    if (err == ERR_OK && count > 0 && records[0].text.p != NULL)
        answer_group(edit->req, 201, edit->id, records[0].text, records[0].members);
    else
        directory_not_made(edit->req, DIRECTORY_GROUP, ERR_UNKNOWN, true);
    edit_free(edit);
}

/* It was made by this same request, whose answer was lost. */
static void answer_existing(struct edit *own_edit)
{
    struct edit *edit = own_edit;
    enum err err =
        groups_get(edit->api->links.redis, edit->account, &edit->id, 1, on_existing, edit);
    if (err != ERR_OK)
        on_existing(edit, err, 0, NULL, 0);
}

static void on_read(void *arg, enum err err, int64_t total, const struct group_record *records,
                    size_t count)
{
    struct edit *edit = arg;
    (void)total;
    if (err == ERR_OK && (count == 0 || records[0].text.p == NULL))
        err = ERR_NOT_FOUND;
    if (err != ERR_OK) {
        directory_failed(edit->req, DIRECTORY_GROUP, err);
        edit_free(edit);
        return;
    }
    buf_clear(&edit->before);
    buf_str(&edit->before, records[0].text);
    edit->members = records[0].members;
    json_auto_t *group = json_loadb(records[0].text.p, records[0].text.n, 0, NULL);
    change(edit, group);
}

static void start_reading(struct edit *edit)
{
    enum err err = groups_get(edit->api->links.redis, edit->account, &edit->id, 1, on_read, edit);
    if (err != ERR_OK)
        on_read(edit, err, 0, NULL, 0);
}

void group_patch(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct id id;
    if (!directory_path_id(&id, own_req, GROUP_SEGMENT)) {
        directory_absent(own_req, DIRECTORY_GROUP);
        return;
    }
    struct edit *edit = edit_new(api, own_req, caller);
    edit->id = id;
    start_reading(edit);
}

/* --- reading and deleting --- */

static void on_got(void *arg, enum err err, int64_t total, const struct group_record *records,
                   size_t count)
{
    struct httpd_req *req = arg;
    (void)total;
    if (err == ERR_OK && (count == 0 || records[0].text.p == NULL))
        err = ERR_NOT_FOUND;
    if (err != ERR_OK)
        directory_failed(req, DIRECTORY_GROUP, err);
    else
        answer_group(req, 200, records[0].id, records[0].text, records[0].members);
}

void group_get(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct id id;
    enum err err = ERR_NOT_FOUND;
    if (directory_path_id(&id, own_req, GROUP_SEGMENT))
        err = groups_get(api->links.redis, caller->account->id, &id, 1, on_got, own_req);
    if (err != ERR_OK)
        directory_failed(own_req, DIRECTORY_GROUP, err);
}

struct list {
    struct httpd_req *req;
    struct paging paging;
};

static void on_page(void *arg, enum err err, int64_t total, const struct group_record *records,
                    size_t count)
{
    struct list *list = arg;
    struct buf body = {.cap = DIRECTORY_ANSWER_CAP};
    buf_text(&body, "{\"groups\":[");
    for (size_t i = 0; i < count; i++) {
        buf_text(&body, i > 0 ? "," : "");
        write_group(&body, records[i].id, records[i].text, records[i].members);
    }
    buf_char(&body, ']');
    paging_write(&body, &list->paging, total);
    buf_char(&body, '}');
    if (err != ERR_OK)
        directory_failed(list->req, DIRECTORY_GROUP, err);
    else
        answer_json(list->req, 200, &body);
    buf_done(&body);
    xfree(list);
}

void group_list(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    static const char *const names[] = {"page", "per_page", NULL};
    struct problem problem;
    struct paging paging;
    query_check(own_req, names, &problem);
    paging_read(&paging, own_req, &problem);
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        return;
    }
    problem_done(&problem);
    struct list *list = xalloc(sizeof(*list));
    *list = (struct list){own_req, paging};
    enum err err = groups_page(api->links.redis, caller->account->id, paging.first,
                               (size_t)paging.per_page, on_page, list);
    if (err != ERR_OK)
        on_page(list, err, 0, NULL, 0);
}

static void on_deleted(void *arg, enum err err)
{
    if (err != ERR_OK)
        directory_failed(arg, DIRECTORY_GROUP, err);
    else
        answer_nothing(arg);
}

void group_delete(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct id id;
    enum err err = ERR_NOT_FOUND;
    if (directory_path_id(&id, own_req, GROUP_SEGMENT))
        err = groups_drop(api->links.redis, caller->account->id, id, on_deleted, own_req);
    if (err != ERR_OK)
        directory_failed(own_req, DIRECTORY_GROUP, err);
}
