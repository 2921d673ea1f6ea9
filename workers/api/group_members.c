#include "common/store/contacts.h"
#include "common/store/groups.h"
#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/directory.h"
#include "workers/api/fields.h"
#include "workers/api/group.h"

#include <jansson.h>
#include <stdio.h>

enum { GROUP_SEGMENT = 3, CONTACT_SEGMENT = 5, POINTER_SIZE = 40 };

/* Contacts that are being added: all are looked at, then all are added, some at a time. */
struct adding {
    struct api *api;
    struct httpd_req *req;
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct id group;
    struct id ids[GROUP_ADD_MOST];
    size_t count, at;
    bool only_check;
    int64_t added, members;
    struct problem problem; /* what is wrong with them */
};

static void finish(struct adding *own_adding, enum err err)
{
    struct adding *a = own_adding;
    if (err != ERR_OK) {
        directory_failed(a->req, DIRECTORY_GROUP, err);
        problem_done(&a->problem);
    } else if (a->problem.errors > 0) {
        problem_answer(a->req, &a->problem);
    } else {
        char id[ID_TEXT_SIZE];
        struct buf body = {.cap = DIRECTORY_ANSWER_CAP};
        id_format(id, a->group);
        buf_printf(&body, "{\"group_id\":\"%s\",\"added\":%lld,\"member_count\":%lld}", id,
                   (long long)a->added, (long long)a->members);
        answer_json(a->req, 200, &body);
        problem_done(&a->problem);
    }
    xfree(a);
}

static void unknown(struct problem *problem, size_t i)
{
    char pointer[POINTER_SIZE];
    (void)snprintf(pointer, sizeof(pointer), "/contact_ids/%zu", i);
    problem_error(problem, pointer, "unknown_contact", "There is no contact with this id.");
}

static void go_on(struct adding *adding);

static void judge(struct adding *adding, size_t i, enum group_add outcome)
{
    char pointer[POINTER_SIZE];
    if (outcome == GROUP_ADD_ABSENT) {
        unknown(&adding->problem, i);
    } else if (outcome == GROUP_ADD_TOO_MANY) {
        (void)snprintf(pointer, sizeof(pointer), "/contact_ids/%zu", i);
        problem_error(&adding->problem, pointer, "too_many_groups",
                      "The contact is in %d groups already.", CONTACTS_GROUPS);
    }
}

static void on_added(void *arg, enum err err, const enum group_add *outcomes, size_t count,
                     int64_t added, int64_t members)
{
    struct adding *adding = arg;
    if (err != ERR_OK) {
        finish(adding, err);
        return;
    }
    for (size_t i = 0; i < count && adding->only_check; i++)
        judge(adding, adding->at + i, outcomes[i]);
    adding->added += added;
    adding->members = members;
    adding->at += count;
    go_on(adding);
}

static void go_on(struct adding *adding)
{
    if (adding->at == adding->count && adding->only_check && adding->problem.errors == 0) {
        adding->only_check = false;
        adding->at = 0;
    }
    size_t left = adding->count - adding->at;
    if (left == 0) {
        finish(adding, ERR_OK);
        return;
    }
    const struct groups_adding next = {adding->group, adding->ids + adding->at,
                                       left < GROUPS_ADD ? left : GROUPS_ADD, adding->only_check};
    enum err err = groups_add(adding->api->links.redis, adding->account, &next, on_added, adding);
    if (err != ERR_OK)
        finish(adding, err);
}

static void read_ids(struct adding *adding, const json_t *list, struct problem *problem)
{
    if (list == NULL)
        return;
    if (!json_is_array(list) || json_array_size(list) == 0 ||
        json_array_size(list) > GROUP_ADD_MOST) {
        problem_error(problem, "/contact_ids", "invalid",
                      "\"contact_ids\" must be a list of 1 to %d ids.", GROUP_ADD_MOST);
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *id = json_array_get(list, i);
        struct str text = {json_string_value(id), json_string_length(id)};
        if (!directory_id(&adding->ids[adding->count++], text))
            unknown(problem, i);
    }
}

void group_add_members(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    static const char *const names[] = {"contact_ids", NULL};
    struct adding *adding = xalloc(sizeof(*adding));
    adding->api = api;
    adding->req = own_req;
    adding->only_check = true;
    memcpy(adding->account, caller->account->id, sizeof(adding->account));
    json_auto_t *body = fields_read(httpd_body(own_req), false, names, &adding->problem);
    if (json_is_object(body))
        read_ids(adding, fields_required(body, "contact_ids", &adding->problem), &adding->problem);
    if (adding->problem.errors > 0)
        finish(adding, ERR_OK);
    else if (!directory_path_id(&adding->group, own_req, GROUP_SEGMENT))
        finish(adding, ERR_NOT_FOUND);
    else
        go_on(adding);
}

static void on_removed(void *arg, enum err err)
{
    if (err == ERR_NOT_FOUND)
        problem_simple(arg, 404, "There is no such group, or the contact isn't in it.");
    else if (err != ERR_OK)
        directory_failed(arg, DIRECTORY_GROUP, err);
    else
        answer_nothing(arg);
}

void group_remove_member(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct id group, contact;
    enum err err = ERR_NOT_FOUND;
    if (directory_path_id(&group, own_req, GROUP_SEGMENT) &&
        directory_path_id(&contact, own_req, CONTACT_SEGMENT))
        err = groups_remove(api->links.redis, caller->account->id, group, contact, on_removed,
                            own_req);
    if (err != ERR_OK)
        on_removed(own_req, err);
}
