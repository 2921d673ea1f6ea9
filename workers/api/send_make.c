#include "workers/api/send_make.h"

#include "workers/api/send_recipients.h"
#include "workers/api/text_check.h"

#include <stdio.h>

enum { MESSAGE_SIZE = 400, TEXT_MAX_BYTES = SEGMENTS_MAX_CODE_POINTS * 4 };

/* The making of one send. */
struct making {
    struct send_made *made;
    struct send_request *request;
    struct problem *problem;
    struct buf bodies; /* rendered, one after another; of a job only the present one */
    size_t at[CHUNK_MAX + 1];
    bool shaped; /* the first message's parts and encoding are known */
};

static void count_message(struct making *m, enum segments_encoding encoding, unsigned parts,
                          int64_t messages)
{
    struct send_made *made = m->made;
    made->units += messages * parts;
    made->unicode = made->unicode || encoding == SEGMENTS_UCS2;
    if (!m->shaped || parts < made->parts_least)
        made->parts_least = parts;
    if (parts > made->parts_most)
        made->parts_most = parts;
    m->shaped = true;
}

/* A recipient who can't get the message: left out, or an error. */
static void leave_out(struct making *m, size_t i, const char *code, const char *why)
{
    const struct send_entry *entry = &m->request->entries[i];
    struct buf number = {.cap = PHONE_MAX_DIGITS + 1};
    buf_char(&number, '+');
    buf_text(&number, m->request->to.list[i].digits);
    const struct send_place place = {entry->field, entry->index, buf_view(&number)};
    send_recipients_invalid(m->request, place, code, why, m->problem);
    buf_done(&number);
}

static bool render(struct making *m, size_t i, struct str *values)
{
    char why[MESSAGE_SIZE];
    struct str missing;
    const struct template_names *names = &m->request->names;
    for (size_t k = 0; k < names->count; k++)
        values[k] = send_request_variable(m->request, i, names->list[k]);
    switch ((int)template_render(&m->bodies, m->request->message, names, values, &missing)) {
    case ERR_OK:
        return true;
    case ERR_NOT_FOUND:
        (void)snprintf(why, sizeof(why),
                       "This recipient has no value for \"%.*s\", and the message no default.",
                       (int)missing.n, missing.p);
        leave_out(m, i, "missing_variable", why);
        return false;
    default:
        leave_out(m, i, "too_long", "With this recipient's values the message is too long.");
        return false;
    }
}

/* Whether a rendered text may be sent. */
static bool check(struct making *m, size_t i, struct str text)
{
    struct segments segments;
    struct problem problem;
    problem_init(&problem, 422);
    bool good =
        text_check(&segments, text, "", "With this recipient's values the message", &problem);
    if (good) {
        count_message(m, segments.encoding, (unsigned)segments.part_count, 1);
    } else {
        buf_char(&problem.detail, '\0');
        leave_out(m, i, "invalid_text", problem.detail.p);
    }
    problem_done(&problem);
    return good;
}

/* Keeps the explicit recipients for whom the template can be filled in. */
static void fill_in(struct making *m)
{
    struct send_made *made = m->made;
    struct send_request *r = m->request;
    size_t count = r->names.count;
    if (made->is_job)
        made->job.values = xalloc_array(r->to.count * count + 1, sizeof(made->job.values[0]));
    for (size_t i = 0; i < r->to.count; i++) {
        struct str values[TEMPLATE_MAX_NAMES];
        size_t from = made->is_job ? 0 : m->bodies.n;
        m->bodies.n = from; /* a job's texts are made only to be looked at */
        /* values that repeat can't make more than may be sent */
        m->bodies.cap = from + TEXT_MAX_BYTES;
        if (!render(m, i, values) ||
            !check(m, i, (struct str){m->bodies.p + from, m->bodies.n - from})) {
            m->bodies.n = from;
            m->bodies.full = false;
            continue;
        }
        if (made->is_job)
            memcpy(&made->job.values[made->to_count * count], values, count * sizeof(values[0]));
        else
            m->at[made->to_count] = from;
        made->to[made->to_count++] = r->to.list[i];
    }
}

static void keep_all(struct making *m)
{
    const struct send_request *r = m->request;
    for (size_t i = 0; i < r->to.count; i++)
        m->made->to[i] = r->to.list[i];
    m->made->to_count = r->to.count;
    count_message(m, r->segments.encoding, (unsigned)r->segments.part_count,
                  (int64_t)r->to.count + m->made->members);
}

/* Members of groups are thought to get as many parts as the template itself has. */
static void estimate_members(struct making *m)
{
    struct segments segments;
    unsigned parts = 1;
    enum segments_encoding encoding = SEGMENTS_GSM7;
    if (segments_split(&segments, m->request->message.p, m->request->message.n) == ERR_OK) {
        parts = (unsigned)segments.part_count;
        encoding = segments.encoding;
    }
    if (m->made->members > 0)
        count_message(m, encoding, parts, m->made->members);
}

/* The rendered texts become the chunk's: a single's is its body. */
static void take_bodies(struct making *m)
{
    struct chunk *chunk = &m->made->chunk;
    size_t end = m->bodies.n;
    m->at[chunk->to_count] = end;
    chunk->own_bodies = buf_take(&m->bodies);
    struct chunk_item *items = xalloc_array(chunk->to_count + 1, sizeof(items[0]));
    for (size_t i = 0; i < chunk->to_count; i++) {
        struct str body = {chunk->own_bodies + m->at[i], m->at[i + 1] - m->at[i]};
        (void)(chunk_item_make(&items[i], body) == ERR_OK); /* it was checked above */
    }
    if (chunk->single) {
        chunk->body = items[0].body;
        chunk->encoding = items[0].encoding;
        chunk->parts = items[0].parts;
        xfree(items);
        return;
    }
    chunk->items = items;
}

static void finish_chunk(struct making *m)
{
    struct chunk *chunk = &m->made->chunk;
    chunk->to_count = m->made->to_count;
    chunk->single = chunk->to_count == 1;
    memcpy(chunk->to, m->made->to, chunk->to_count * sizeof(chunk->to[0]));
    if (m->request->names.count > 0)
        take_bodies(m);
}

static void finish_job(struct making *m)
{
    struct job *job = &m->made->job;
    const struct send_request *r = m->request;
    job->template = r->names.count > 0;
    job->names = r->names;
    job->to = m->made->to;
    job->to_count = m->made->to_count;
    job->group_count = r->group_count;
    job->groups = xalloc_array(r->group_count + 1, sizeof(job->groups[0]));
    for (size_t i = 0; i < r->group_count; i++)
        job->groups[i] = r->groups[i].id;
}

void send_make(struct send_made *ret_made, struct send_request *request, const struct chunk *shared,
               int64_t members, struct problem *problem)
{
    *ret_made = (struct send_made){.members = members};
    struct send_made *made = ret_made;
    struct making making = {
        .made = made, .request = request, .problem = problem, .bodies = {.cap = SIZE_MAX / 2}};
    struct chunk *common = &made->chunk;
    bool template = request->names.count > 0;
    made->is_job = request->group_count > 0 || request->to.count > CHUNK_MAX;
    made->to = xalloc_array(request->to.count + 1, sizeof(made->to[0]));
    *common = *shared;
    common->body = request->message;
    common->encoding = template ? SEGMENTS_GSM7 : request->segments.encoding;
    common->parts = template ? 1 : (unsigned)request->segments.part_count;
    made->job.shared = *common;
    if (template) {
        fill_in(&making);
        estimate_members(&making);
    } else {
        keep_all(&making);
    }
    if (made->is_job)
        finish_job(&making);
    else if (made->to_count > 0)
        finish_chunk(&making);
    buf_done(&making.bodies);
}

void send_make_done(struct send_made *made)
{
    xfree(made->chunk.own_bodies);
    xfree(made->chunk.items);
    xfree(made->job.values);
    xfree(made->job.groups);
    xfree(made->to);
    *made = (struct send_made){.is_job = false};
}

int64_t send_make_recipients(const struct send_made *made)
{
    return (int64_t)made->to_count + made->members;
}
