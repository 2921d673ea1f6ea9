#include "workers/api/import_writer.h"

#include "common/base/clock.h"
#include "common/sms/contact.h"
#include "common/store/contacts.h"
#include "workers/api/api.h"
#include "workers/api/contact_body.h"
#include "workers/api/directory.h"

#include <jansson.h>

enum { TRIES = 5, RETRY_MS = 250, GIVE_UP_MS = 10000 };

/* A row that is not written yet; or one that is wrong (body NULL, `text` says why), so that rows are
 * refused in their order. */
struct item {
    struct item *next;
    size_t line;
    json_t *body;
    struct phone phone;
    unsigned tries;
    bool was_there;
    struct contact_put put;
    struct buf before, text; /* what put points into */
};

struct import_writer {
    struct api *api;
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct id group_id;
    const struct id *group; /* NULL: none */
    import_writer_fn fn;
    void *arg;
    struct item *first, *last; /* in the order of the file */
    size_t waiting;
    struct item *batch[CONTACTS_BATCH]; /* under way */
    size_t batch_count;
    bool busy; /* with a batch, or waiting for Redis */
    enum err err;
    int64_t failing_mono_ms; /* since when Redis is away; 0: it isn't */
    struct loop_timer retry;
    struct import_result result;
};

/* --- rows --- */

static void item_free(struct item *own_item)
{
    json_decref(own_item->body);
    buf_done(&own_item->before);
    buf_done(&own_item->text);
    xfree(own_item);
}

void import_writer_add(struct import_writer *writer, size_t line, json_t *own_body,
                       const char *reason)
{
    struct item *item = xalloc(sizeof(*item));
    item->line = line;
    item->body = own_body;
    item->phone = contact_phone(own_body);
    buf_init(&item->before, CONTACT_JSON_MAX);
    buf_init(&item->text, CONTACT_JSON_MAX);
    buf_text(&item->text, reason);
    if (writer->last != NULL)
        writer->last->next = item;
    else
        writer->first = item;
    writer->last = item;
    writer->waiting++;
}

static struct item *take_first(struct import_writer *w)
{
    struct item *item = w->first;
    w->first = item->next;
    if (w->first == NULL)
        w->last = NULL;
    w->waiting--;
    return item;
}

static void put_back(struct import_writer *w, struct item *item)
{
    item->next = w->first;
    w->first = item;
    if (w->last == NULL)
        w->last = item;
    w->waiting++;
}

/* Rows come nearly in the order of the file: what a batch finds wrong comes a little later. */
static void reject(struct import_writer *w, size_t line, struct str reason)
{
    struct import_result *r = &w->result;
    size_t at = r->listed_count;
    r->rejected++;
    while (at > 0 && r->listed[at - 1].line > line)
        at--;
    if (at == IMPORT_LISTED)
        return;
    if (r->listed_count == IMPORT_LISTED)
        xfree(r->listed[--r->listed_count].reason);
    memmove(&r->listed[at + 1], &r->listed[at], (r->listed_count - at) * sizeof(r->listed[0]));
    r->listed[at].line = line;
    r->listed[at].reason = xstrndup(reason.p, reason.n);
    r->listed_count++;
}

static void reject_item(struct import_writer *w, struct item *own_item, struct str reason)
{
    reject(w, own_item->line, reason);
    item_free(own_item);
}

/* --- a batch --- */

static void batch_done(struct import_writer *w)
{
    w->batch_count = 0;
    w->failing_mono_ms = 0;
    w->busy = false;
    w->fn(w->arg);
}

static void on_retry(void *arg)
{
    struct import_writer *w = arg;
    w->busy = false;
    w->fn(w->arg);
}

/* Redis is away, or its answer was lost. What was written is found when it is tried again. */
static void batch_failed(struct import_writer *w)
{
    int64_t now_ms = loop_now_ms(w->api->ctx->loop);
    while (w->batch_count > 0)
        put_back(w, w->batch[--w->batch_count]);
    if (w->failing_mono_ms == 0)
        w->failing_mono_ms = now_ms;
    bool give_up = w->api->closed_mono_ms != 0 || now_ms - w->failing_mono_ms >= GIVE_UP_MS;
    if (give_up)
        w->err = ERR_IO;
    loop_timer_set(w->api->ctx->loop, &w->retry, now_ms + (give_up ? 0 : RETRY_MS));
}

/* False: it is to be tried again. */
static bool judge(struct import_writer *w, struct item *own_item)
{
    struct item *item = own_item;
    switch (item->put.written) {
    case CONTACT_WRITTEN:
        w->result.created += !item->was_there;
        w->result.updated += item->was_there;
        item_free(item);
        break;
    case CONTACT_DIFFERS:
        if (++item->tries < TRIES)
            return false;
        reject_item(w, item, STR("Others change this contact at the same time."));
        break;
    case CONTACT_TOO_MANY_OF_A_PHONE:
        reject_item(w, item, STR("20 contacts have this number already."));
        break;
    case CONTACT_TOO_MANY_GROUPS:
        reject_item(w, item, STR("The contact is in 100 groups already."));
        break;
    }
    return true;
}

static void on_put(void *arg, enum err err)
{
    struct import_writer *w = arg;
    size_t again = 0;
    if (err != ERR_OK && err != ERR_NOT_FOUND) {
        batch_failed(w);
        return;
    }
    w->err = err;
    for (size_t i = 0; i < w->batch_count; i++) {
        if (err != ERR_OK)
            item_free(w->batch[i]);
        else if (!judge(w, w->batch[i]))
            w->batch[again++] = w->batch[i];
    }
    while (again > 0)
        put_back(w, w->batch[--again]);
    batch_done(w);
}

/* Makes what is to be written of what was found (text.p NULL: nothing). False: the row is wrong, and
 * refused. */
static bool prepare(struct import_writer *w, struct item *item, const struct contact_record *found)
{
    struct problem problem;
    json_auto_t *contact =
        found->text.p != NULL ? json_loadb(found->text.p, found->text.n, 0, NULL) : json_object();
    item->was_there = found->text.p != NULL;
    item->put = (struct contact_put){.id = item->was_there ? found->id : directory_new_id(),
                                     .phone = item->phone};
    buf_clear(&item->before);
    buf_clear(&item->text);
    buf_str(&item->before, found->text);
    problem_init(&problem, 422);
    contact_body_apply(contact, item->body, clock_wall_ms(), &problem);
    if (problem.errors == 0 && contact_body_store(&item->text, contact) != ERR_OK)
        problem_error(&problem, "", "too_large", "The contact would be larger than %d bytes.",
                      CONTACT_JSON_MAX);
    bool ok = problem.errors == 0;
    if (!ok)
        reject(w, item->line, buf_view(&problem.detail));
    problem_done(&problem);
    item->put.before = item->was_there ? buf_view(&item->before) : (struct str){0};
    item->put.text = buf_view(&item->text);
    return ok;
}

static void on_found(void *arg, enum err err, int64_t total, const struct contact_record *records,
                     size_t count)
{
    struct import_writer *w = arg;
    struct contact_put *puts[CONTACTS_BATCH];
    size_t kept = 0;
    (void)total;
    if (err != ERR_OK || count < w->batch_count) {
        batch_failed(w);
        return;
    }
    for (size_t i = 0; i < w->batch_count; i++) {
        struct item *item = w->batch[i];
        if (!prepare(w, item, &records[i])) {
            item_free(item);
            continue;
        }
        puts[kept] = &item->put;
        w->batch[kept++] = item;
    }
    w->batch_count = kept;
    if (kept == 0) {
        batch_done(w);
        return;
    }
    const struct contacts_puts all = {w->group, true, puts, kept};
    err = contacts_put(w->api->links.redis, w->account, &all, on_put, w);
    if (err != ERR_OK)
        batch_failed(w);
}

static bool is_in_batch(const struct import_writer *w, const struct phone *phone)
{
    for (size_t i = 0; i < w->batch_count; i++) {
        if (strcmp(w->batch[i]->phone.digits, phone->digits) == 0)
            return true;
    }
    return false;
}

/* A number that comes twice goes into two batches: the second finds what the first has made. */
void import_writer_start(struct import_writer *writer)
{
    struct import_writer *w = writer;
    struct phone phones[CONTACTS_BATCH];
    if (w->busy)
        return;
    while (w->first != NULL && w->batch_count < CONTACTS_BATCH &&
           !is_in_batch(w, &w->first->phone)) {
        struct item *item = take_first(w);
        if (item->body == NULL) {
            reject_item(w, item, buf_view(&item->text));
            continue;
        }
        phones[w->batch_count] = item->phone;
        w->batch[w->batch_count++] = item;
    }
    w->busy = w->batch_count > 0;
    if (w->busy && contacts_find(w->api->links.redis, w->account, phones, w->batch_count, on_found,
                                 w) != ERR_OK)
        batch_failed(w);
}

/* --- the writer --- */

struct import_writer *import_writer_new(struct api *api, const char *account,
                                        const struct id *group, import_writer_fn fn, void *arg)
{
    struct import_writer *w = xalloc(sizeof(*w));
    w->api = api;
    memcpy(w->account, account, strnlen(account, CHUNK_ACCOUNT_MAX));
    if (group != NULL) {
        w->group_id = *group;
        w->group = &w->group_id;
    }
    w->fn = fn;
    w->arg = arg;
    w->retry = (struct loop_timer){.fn = on_retry, .arg = w};
    return w;
}

void import_writer_stop(struct import_writer *writer)
{
    while (writer->first != NULL)
        item_free(take_first(writer));
    if (writer->retry.at == 0)
        return;
    loop_timer_stop(writer->api->ctx->loop, &writer->retry);
    writer->busy = false;
}

void import_writer_free(struct import_writer *own_writer)
{
    if (own_writer == NULL)
        return;
    import_writer_stop(own_writer);
    for (size_t i = 0; i < own_writer->result.listed_count; i++)
        xfree(own_writer->result.listed[i].reason);
    xfree(own_writer);
}

bool import_writer_busy(const struct import_writer *writer)
{
    return writer->busy;
}

size_t import_writer_waiting(const struct import_writer *writer)
{
    return writer->waiting;
}

enum err import_writer_err(const struct import_writer *writer)
{
    return writer->err;
}

const struct import_result *import_writer_result(const struct import_writer *writer)
{
    return &writer->result;
}
