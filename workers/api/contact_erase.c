#include "workers/api/contact_erase.h"

#include "common/base/log.h"
#include "common/sms/contact.h"
#include "common/store/contacts.h"
#include "common/store/erase.h"
#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/directory.h"
#include "workers/api/fields.h"

#include <jansson.h>

enum { CONTACT_SEGMENT = 2 }; /* /v1/contacts/{id}/gdpr-delete */

struct erasing {
    struct api *api;
    struct httpd_req *req;
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct id id;
    struct phone phone; /* "" when it has none */
    int64_t erased, withheld;
};

static void fail(struct erasing *own_erasing, enum err err)
{
    if (err == ERR_NOT_FOUND)
        directory_absent(own_erasing->req, DIRECTORY_CONTACT);
    else
        problem_unavailable(own_erasing->req, "Not all is deleted yet. Repeat it.");
    xfree(own_erasing);
}

static void on_dropped(void *arg, enum err err)
{
    struct erasing *erasing = arg;
    char id[ID_TEXT_SIZE];
    if (err != ERR_OK) {
        fail(erasing, err);
        return;
    }
    struct buf body = {.cap = DIRECTORY_ANSWER_CAP};
    id_format(id, erasing->id);
    LOG(LOG_INFO, EV("contact_erased"), KSTR("account", erasing->account),
        KID("contact", erasing->id), KINT("messages", erasing->erased),
        KINT("withheld", erasing->withheld));
    buf_printf(
        &body,
        "{\"message\":\"Contact deleted\",\"contact_id\":\"%s\",\"messages_anonymised\":%lld,"
        "\"messages_withheld\":%lld}",
        id, (long long)erasing->erased, (long long)erasing->withheld);
    answer_json(erasing->req, 200, &body);
    xfree(erasing);
}

static void drop(struct erasing *erasing)
{
    enum err err = contacts_drop(erasing->api->links.redis, erasing->account, erasing->id,
                                 on_dropped, erasing);
    if (err != ERR_OK)
        fail(erasing, err);
}

static void on_step(void *arg, enum err err, struct erase_step step)
{
    struct erasing *erasing = arg;
    erasing->erased += step.erased;
    erasing->withheld += step.withheld;
    if (err == ERR_OK && step.next < 0) {
        drop(erasing);
        return;
    }
    if (err == ERR_OK)
        err = erase_step(erasing->api->links.redis, erasing->account, erasing->phone, step.next,
                         on_step, erasing);
    if (err != ERR_OK)
        fail(erasing, err);
}

static void on_begun(void *arg, enum err err)
{
    struct erasing *erasing = arg;
    if (err == ERR_OK)
        err = erase_step(erasing->api->links.redis, erasing->account, erasing->phone, 0, on_step,
                         erasing);
    if (err != ERR_OK)
        fail(erasing, err);
}

static void on_read(void *arg, enum err err, const struct str *texts, size_t count)
{
    struct erasing *erasing = arg;
    if (err == ERR_OK && (count == 0 || texts[0].p == NULL))
        err = ERR_NOT_FOUND;
    if (err != ERR_OK) {
        fail(erasing, err);
        return;
    }
    json_auto_t *contact = json_loadb(texts[0].p, texts[0].n, 0, NULL);
    erasing->phone = contact_phone(contact);
    if (erasing->phone.digits[0] == '\0') {
        drop(erasing);
        return;
    }
    err =
        erase_begin(erasing->api->links.redis, erasing->account, erasing->phone, on_begun, erasing);
    if (err != ERR_OK)
        fail(erasing, err);
}

void contact_erase(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    static const char *const no_fields[] = {NULL};
    struct problem problem;
    struct id id;
    json_auto_t *body = fields_read(httpd_body(own_req), true, no_fields, &problem);
    (void)body;
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        return;
    }
    problem_done(&problem);
    if (!directory_path_id(&id, own_req, CONTACT_SEGMENT)) {
        directory_absent(own_req, DIRECTORY_CONTACT);
        return;
    }
    struct erasing *erasing = xalloc(sizeof(*erasing));
    *erasing = (struct erasing){.api = api, .req = own_req, .id = id};
    memcpy(erasing->account, caller->account->id, sizeof(erasing->account));
    enum err err = contacts_get_many(api->links.redis, erasing->account, &id, 1, on_read, erasing);
    if (err != ERR_OK)
        fail(erasing, err);
}
