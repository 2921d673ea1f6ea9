#include "workers/api/contact.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/sms/contact.h"
#include "common/store/contacts.h"
#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/contact_body.h"
#include "workers/api/directory.h"
#include "workers/api/fields.h"
#include "workers/api/problem.h"

#include <jansson.h>

enum { CONTACT_SEGMENT = 2 }; /* /v1/contacts/{id} */

/* A contact that is being made or changed. */
struct edit {
    struct api *api;
    struct httpd_req *req;
    char account[CHUNK_ACCOUNT_MAX + 1];
    bool is_new, idempotent;
    unsigned tries;
    struct contact_put put;
    struct buf before, text; /* what put points into; of a new one `before` stays empty */
};

static struct edit *edit_new(struct api *api, struct httpd_req *req, const struct caller *caller)
{
    struct edit *edit = xalloc(sizeof(*edit));
    edit->api = api;
    edit->req = req;
    memcpy(edit->account, caller->account->id, sizeof(edit->account));
    buf_init(&edit->before, CONTACT_JSON_MAX);
    buf_init(&edit->text, CONTACT_JSON_MAX);
    return edit;
}

static void edit_free(struct edit *own_edit)
{
    buf_done(&own_edit->before);
    buf_done(&own_edit->text);
    xfree(own_edit);
}

static void answer_contact(struct httpd_req *own_req, int status, struct id id, struct str text)
{
    json_auto_t *contact = json_loadb(text.p, text.n, 0, NULL);
    struct buf body = {.cap = DIRECTORY_ANSWER_CAP};
    contact_body_write(&body, id, contact);
    answer_json(own_req, status, &body);
}

static void start_reading(struct edit *edit);
static void answer_existing(struct edit *own_edit);

static void on_put(void *arg, enum err err)
{
    struct edit *edit = arg;
    enum contact_written written = edit->put.written;
    if (err == ERR_OK && written == CONTACT_DIFFERS && ++edit->tries < DIRECTORY_TRIES) {
        start_reading(edit);
        return;
    }
    if (err == ERR_OK && written == CONTACT_DIFFERS && edit->is_new && edit->idempotent) {
        answer_existing(edit);
        return;
    }
    if (err != ERR_OK && edit->is_new)
        directory_not_made(edit->req, DIRECTORY_CONTACT, err, edit->idempotent);
    else if (err != ERR_OK)
        directory_failed(edit->req, DIRECTORY_CONTACT, err);
    else if (written == CONTACT_TOO_MANY_OF_A_PHONE)
        problem_simple(edit->req, 409, "20 contacts have this number already.");
    else if (written != CONTACT_WRITTEN)
        problem_simple(edit->req, 409, "Others change this contact at the same time. Try again.");
    else
        answer_contact(edit->req, edit->is_new ? 201 : 200, edit->put.id, edit->put.text);
    edit_free(edit);
}

static void check(const json_t *contact, struct buf *text, struct problem *problem)
{
    if (problem->errors == 0 && json_object_get(contact, "name") == NULL)
        problem_error(problem, "/name", "missing",
                      "\"name\" is required, or \"first_name\" or \"last_name\" instead.");
    if (contact_body_store(text, contact) != ERR_OK)
        problem_error(problem, "", "too_large",
                      "The contact is larger than %d bytes as it would be stored.",
                      CONTACT_JSON_MAX);
}

/* Changes the contact by the request's body and writes it; or answers why not. */
static void change(struct edit *own_edit, json_t *contact)
{
    struct edit *edit = own_edit;
    struct problem problem;
    json_auto_t *body = fields_read(httpd_body(edit->req), false, contact_body_fields, &problem);
    if (json_is_object(body) && problem.errors == 0) {
        contact_body_apply(contact, body, clock_wall_ms(), &problem);
        buf_clear(&edit->text);
        check(contact, &edit->text, &problem);
    }
    if (problem.errors > 0) {
        problem_answer(edit->req, &problem);
        edit_free(edit);
        return;
    }
    problem_done(&problem);
    edit->put.phone = contact_phone(contact);
    edit->put.before = edit->before.n > 0 ? buf_view(&edit->before) : (struct str){0};
    edit->put.text = buf_view(&edit->text);
    struct contact_put *list[] = {&edit->put};
    enum err err = contacts_put(edit->api->links.redis, edit->account,
                                &(struct contacts_puts){.list = list, .count = 1}, on_put, edit);
    if (err != ERR_OK)
        on_put(edit, err);
}

void contact_post(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct edit *edit = edit_new(api, own_req, caller);
    json_auto_t *contact = json_object();
    edit->is_new = true;
    edit->tries = DIRECTORY_TRIES; /* an id that is there is not for it */
    edit->idempotent = caller->idempotent;
    edit->put.id = directory_made_id(caller);
    change(edit, contact);
}

static void on_existing(void *arg, enum err err, const struct str *texts, size_t count)
{
    struct edit *edit = arg;
    if (err == ERR_OK && count > 0 && texts[0].p != NULL)
        answer_contact(edit->req, 201, edit->put.id, texts[0]);
    else
        directory_not_made(edit->req, DIRECTORY_CONTACT, ERR_UNKNOWN, true);
    edit_free(edit);
}

/* It was made by this same request, whose answer was lost. */
static void answer_existing(struct edit *own_edit)
{
    struct edit *edit = own_edit;
    enum err err = contacts_get_many(edit->api->links.redis, edit->account, &edit->put.id, 1,
                                     on_existing, edit);
    if (err != ERR_OK)
        on_existing(edit, err, NULL, 0);
}

/* --- changing --- */

static void on_read(void *arg, enum err err, const struct str *texts, size_t count)
{
    struct edit *edit = arg;
    if (err == ERR_OK && (count == 0 || texts[0].p == NULL))
        err = ERR_NOT_FOUND;
    if (err != ERR_OK) {
        directory_failed(edit->req, DIRECTORY_CONTACT, err);
        edit_free(edit);
        return;
    }
    buf_clear(&edit->before);
    buf_str(&edit->before, texts[0]);
    json_auto_t *contact = json_loadb(texts[0].p, texts[0].n, 0, NULL);
    change(edit, contact);
}

static void start_reading(struct edit *edit)
{
    enum err err =
        contacts_get_many(edit->api->links.redis, edit->account, &edit->put.id, 1, on_read, edit);
    if (err != ERR_OK)
        on_read(edit, err, NULL, 0);
}

void contact_patch(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct id id;
    if (!directory_path_id(&id, own_req, CONTACT_SEGMENT)) {
        directory_absent(own_req, DIRECTORY_CONTACT);
        return;
    }
    struct edit *edit = edit_new(api, own_req, caller);
    edit->put.id = id;
    start_reading(edit);
}

/* --- reading and deleting --- */

static void on_got(void *arg, enum err err, const struct str *texts, size_t count)
{
    struct httpd_req *req = arg;
    struct id id;
    if (err == ERR_OK && (count == 0 || texts[0].p == NULL))
        err = ERR_NOT_FOUND;
    if (err != ERR_OK || !directory_path_id(&id, req, CONTACT_SEGMENT))
        directory_failed(req, DIRECTORY_CONTACT, err);
    else
        answer_contact(req, 200, id, texts[0]);
}

void contact_get(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct id id;
    enum err err = ERR_NOT_FOUND;
    if (directory_path_id(&id, own_req, CONTACT_SEGMENT))
        err = contacts_get_many(api->links.redis, caller->account->id, &id, 1, on_got, own_req);
    if (err != ERR_OK)
        directory_failed(own_req, DIRECTORY_CONTACT, err);
}

static void on_deleted(void *arg, enum err err)
{
    if (err != ERR_OK)
        directory_failed(arg, DIRECTORY_CONTACT, err);
    else
        answer_nothing(arg);
}

void contact_delete(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    struct id id;
    enum err err = ERR_NOT_FOUND;
    if (directory_path_id(&id, own_req, CONTACT_SEGMENT))
        err = contacts_drop(api->links.redis, caller->account->id, id, on_deleted, own_req);
    if (err != ERR_OK)
        directory_failed(own_req, DIRECTORY_CONTACT, err);
}
