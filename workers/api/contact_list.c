#include "workers/api/contact_list.h"

#include "common/store/contacts.h"
#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/contact_body.h"
#include "workers/api/contact_filter.h"
#include "workers/api/directory.h"
#include "workers/api/paging.h"
#include "workers/api/query.h"

#include <jansson.h>

enum { SCAN_STEP = 200, GROUP_SEGMENT = 3 }; /* /v1/contacts/groups/{id}/members */

/* A list on its way. */
struct list {
    struct api *api;
    struct httpd_req *req;
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct paging paging;
    struct contact_filter filter;
    struct id group;
    bool of_group;
    int64_t scanned, matched, written;
    struct buf body; /* the answer as far as it is made */
};

static struct list *list_new(struct api *api, struct httpd_req *req, const struct caller *caller)
{
    struct list *list = xalloc(sizeof(*list));
    list->api = api;
    list->req = req;
    memcpy(list->account, caller->account->id, sizeof(list->account));
    buf_init(&list->body, DIRECTORY_ANSWER_CAP);
    buf_text(&list->body, "{\"contacts\":[");
    return list;
}

static void list_free(struct list *own_list)
{
    contact_filter_done(&own_list->filter);
    buf_done(&own_list->body);
    xfree(own_list);
}

static void fail(struct list *own_list, enum err err)
{
    directory_failed(own_list->req, own_list->of_group ? DIRECTORY_GROUP : DIRECTORY_CONTACT, err);
    list_free(own_list);
}

static void finish(struct list *own_list, int64_t total, bool capped)
{
    struct buf *body = &own_list->body;
    buf_char(body, ']');
    paging_write(body, &own_list->paging, total);
    answer_bool(body, "total_capped", capped);
    buf_char(body, '}');
    answer_json(own_list->req, 200, body);
    list_free(own_list);
}

static void write_contact(struct list *list, const struct contact_record *record,
                          const json_t *contact)
{
    if (list->written++ > 0)
        buf_char(&list->body, ',');
    contact_body_write(&list->body, record->id, contact);
}

static void on_page(void *arg, enum err err, int64_t total, const struct contact_record *records,
                    size_t count)
{
    struct list *list = arg;
    if (err != ERR_OK) {
        fail(list, err);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        json_auto_t *contact = records[i].text.p != NULL
                                   ? json_loadb(records[i].text.p, records[i].text.n, 0, NULL)
                                   : NULL;
        if (contact != NULL)
            write_contact(list, &records[i], contact);
    }
    finish(list, total, false);
}

static void take_matching(struct list *list, const struct contact_record *record)
{
    if (record->text.p == NULL)
        return;
    json_auto_t *contact = json_loadb(record->text.p, record->text.n, 0, NULL);
    if (contact == NULL || !contact_filter_matches(&list->filter, contact))
        return;
    if (list->matched >= list->paging.first &&
        list->matched < list->paging.first + list->paging.per_page)
        write_contact(list, record, contact);
    list->matched++;
}

static void scan(struct list *list);

static void on_scanned(void *arg, enum err err, int64_t total, const struct contact_record *records,
                       size_t count)
{
    struct list *list = arg;
    if (err != ERR_OK) {
        fail(list, err);
        return;
    }
    for (size_t i = 0; i < count; i++)
        take_matching(list, &records[i]);
    list->scanned += (int64_t)count;
    if (count < SCAN_STEP)
        finish(list, list->matched, false);
    else if (list->scanned >= CONTACT_LIST_SCANS)
        finish(list, list->matched, list->scanned < total);
    else
        scan(list);
}

static void scan(struct list *list)
{
    enum err err =
        contacts_page(list->api->links.redis, list->account,
                      &(struct contacts_slice){NULL, list->scanned, SCAN_STEP}, on_scanned, list);
    if (err != ERR_OK)
        fail(list, err);
}

/* Those with the number that is searched for; if there are none, it may be a part of others. */
static void on_of_phone(void *arg, enum err err, int64_t total,
                        const struct contact_record *records, size_t count)
{
    struct list *list = arg;
    if (err == ERR_OK && count == 0) {
        scan(list);
        return;
    }
    if (err != ERR_OK) {
        fail(list, err);
        return;
    }
    (void)total;
    for (size_t i = 0; i < count; i++)
        take_matching(list, &records[i]);
    finish(list, list->matched, false);
}

static void show_page(struct list *list)
{
    const struct contacts_slice slice = {list->of_group ? &list->group : NULL, list->paging.first,
                                         (size_t)list->paging.per_page};
    enum err err = contacts_page(list->api->links.redis, list->account, &slice, on_page, list);
    if (err != ERR_OK)
        fail(list, err);
}

void contact_list(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    static const char *const names[] = {"type", "search", "tags", "page", "per_page", NULL};
    struct problem problem;
    struct list *list = list_new(api, own_req, caller);
    query_check(own_req, names, &problem);
    paging_read(&list->paging, own_req, &problem);
    contact_filter_read(&list->filter, own_req, &problem);
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        list_free(list);
        return;
    }
    problem_done(&problem);
    if (contact_filter_is_empty(&list->filter)) {
        show_page(list);
        return;
    }
    if (list->filter.phone.digits[0] == '\0') {
        scan(list);
        return;
    }
    enum err err =
        contacts_of_phone(api->links.redis, list->account, list->filter.phone, on_of_phone, list);
    if (err != ERR_OK)
        fail(list, err);
}

void contact_list_members(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    static const char *const names[] = {"page", "per_page", NULL};
    struct problem problem;
    struct list *list = list_new(api, own_req, caller);
    list->of_group = true;
    query_check(own_req, names, &problem);
    paging_read(&list->paging, own_req, &problem);
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        list_free(list);
        return;
    }
    problem_done(&problem);
    if (directory_path_id(&list->group, own_req, GROUP_SEGMENT))
        show_page(list);
    else
        fail(list, ERR_NOT_FOUND);
}
