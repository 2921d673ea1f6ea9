#include "common/sms/job.h"

#include <jansson.h>
#include <stdio.h>

static const int64_t MAX_NUMBER = INT64_C(1) << 50;

static bool get_next(struct job *job, const json_t *root)
{
    const json_t *next = json_object_get(root, "next");
    json_int_t value = json_integer_value(next);
    job->next = (uint32_t)value;
    return json_is_integer(next) && value >= 0 && value < ID_MAX_NUMBER / CHUNK_MAX;
}

static bool get_number(int64_t *ret_number, const json_t *value)
{
    *ret_number = json_integer_value(value);
    return json_is_integer(value) && *ret_number >= 0 && *ret_number <= MAX_NUMBER;
}

static bool get_pace(struct job *job, const json_t *root)
{
    struct job_pace *p = &job->pace;
    int64_t *const places[] = {&p->at_ms, &p->left, &p->drain_milli, &p->window, &p->moved_ms};
    const json_t *list = json_object_get(root, "pace");
    size_t count = json_array_size(list);
    if (list != NULL && count != sizeof(places) / sizeof(places[0]))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!get_number(places[i], json_array_get(list, i)))
            return false;
    }
    return true;
}

static bool get_asleep(struct job *job, const json_t *root)
{
    struct job_asleep *a = &job->asleep;
    const json_t *list = json_object_get(root, "asleep");
    a->count = json_array_size(list);
    if (a->count > JOB_MAX_ASLEEP)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const json_t *pair = json_array_get(list, i);
        if (!get_number(&a->list[i].until_ms, json_array_get(pair, 0)) ||
            !get_number(&a->list[i].recipients, json_array_get(pair, 1)))
            return false;
    }
    return true;
}

static struct str text_of(const json_t *value)
{
    return (struct str){json_string_value(value), json_string_length(value)};
}

static bool get_numbers(struct job *job, const json_t *root)
{
    const json_t *to = json_object_get(root, "to");
    job->to_count = json_array_size(to);
    if (job->to_count > JOB_MAX_TO)
        return false;
    job->to = xalloc_array(job->to_count + 1, sizeof(job->to[0]));
    for (size_t i = 0; i < job->to_count; i++) {
        if (phone_parse_digits(&job->to[i], text_of(json_array_get(to, i))) != ERR_OK)
            return false;
    }
    return true;
}

static bool get_groups(struct job *job, const json_t *root)
{
    const json_t *groups = json_object_get(root, "groups");
    job->group_count = json_array_size(groups);
    if (job->group_count > JOB_MAX_GROUPS)
        return false;
    job->groups = xalloc_array(job->group_count + 1, sizeof(job->groups[0]));
    for (size_t i = 0; i < job->group_count; i++) {
        if (id_parse(&job->groups[i], text_of(json_array_get(groups, i))) != ERR_OK)
            return false;
    }
    return true;
}

static bool get_resend(struct job *job, const json_t *root)
{
    const json_t *of = json_object_get(root, "resend_of");
    if (of == NULL)
        return job->to_count + job->group_count > 0;
    job->resend_errors = (uint64_t)json_integer_value(json_object_get(root, "resend_errors"));
    return id_parse(&job->resend_of, text_of(of)) == ERR_OK &&
           job->to_count + job->group_count == 0 && job->resend_errors != 0;
}

/* The record's names must be those of its body: its values are in their order. */
static bool names_agree(const struct job *job, const json_t *names)
{
    if (json_array_size(names) != job->names.count)
        return false;
    for (size_t i = 0; i < job->names.count; i++) {
        if (!str_eq(job->names.list[i], text_of(json_array_get(names, i))))
            return false;
    }
    return true;
}

static bool get_values(struct job *job, const json_t *root)
{
    const json_t *lists = json_object_get(root, "values");
    job->template = json_is_true(json_object_get(root, "template"));
    if (!job->template)
        return lists == NULL;
    if (template_names(&job->names, job->shared.body) != ERR_OK ||
        !names_agree(job, json_object_get(root, "names")) ||
        json_array_size(lists) != job->to_count)
        return false;
    size_t count = job->names.count;
    job->values = xalloc_array(job->to_count * count + 1, sizeof(job->values[0]));
    for (size_t i = 0; i < job->to_count; i++) {
        const json_t *list = json_array_get(lists, i);
        if (json_array_size(list) != count)
            return false;
        for (size_t k = 0; k < count; k++)
            job->values[i * count + k] = text_of(json_array_get(list, k));
    }
    return true;
}

enum err job_parse(struct job *ret_job, struct str record)
{
    json_t *root =
        json_loadb(record.p != NULL ? record.p : "", record.n, JSON_REJECT_DUPLICATES, NULL);
    struct job job = {.own_root = root};
    enum err err = json_is_object(root) ? chunk_read_shared(&job.shared, root) : ERR_SYNTAX;
    if (err == ERR_OK && !(get_next(&job, root) && get_pace(&job, root) && get_asleep(&job, root) &&
                           get_numbers(&job, root) && get_groups(&job, root) &&
                           get_resend(&job, root) && get_values(&job, root)))
        err = ERR_SYNTAX;
    if (err == ERR_OK)
        *ret_job = job;
    else
        job_done(&job);
    return err;
}

void job_done(struct job *job)
{
    chunk_done(&job->shared);
    xfree(job->to);
    xfree(job->values);
    xfree(job->groups);
    json_decref(job->own_root);
    *job = (struct job){.next = 0};
}

static void write_values(struct buf *out, const struct job *job)
{
    buf_text(out, ",\"template\":true,\"names\":[");
    for (size_t i = 0; i < job->names.count; i++) {
        if (i > 0)
            buf_char(out, ',');
        buf_json(out, job->names.list[i]);
    }
    buf_text(out, "],\"values\":[");
    for (size_t i = 0; i < job->to_count * job->names.count; i++) {
        struct str value = job->values[i];
        bool first = i % job->names.count == 0;
        if (first)
            buf_text(out, i > 0 ? "],[" : "[");
        else
            buf_char(out, ',');
        if (value.p != NULL)
            buf_json(out, value);
        else
            buf_text(out, "null");
    }
    buf_text(out, job->to_count > 0 ? "]]" : "]");
}

void job_write(struct buf *out, const struct job *job)
{
    char id[ID_TEXT_SIZE];
    buf_char(out, '{');
    chunk_write_shared(out, &job->shared);
    buf_printf(out, ",\"next\":%u,\"to\":[", job->next);
    for (size_t i = 0; i < job->to_count; i++) {
        buf_text(out, i > 0 ? ",\"" : "\"");
        buf_text(out, job->to[i].digits);
        buf_char(out, '"');
    }
    buf_char(out, ']');
    for (size_t i = 0; i < job->group_count; i++) {
        id_format(id, job->groups[i]);
        buf_printf(out, "%s\"%s\"", i == 0 ? ",\"groups\":[" : ",", id);
    }
    if (job->group_count > 0)
        buf_char(out, ']');
    if (job->pace.at_ms > 0)
        buf_printf(out, ",\"pace\":[%lld,%lld,%lld,%lld,%lld]", (long long)job->pace.at_ms,
                   (long long)job->pace.left, (long long)job->pace.drain_milli,
                   (long long)job->pace.window, (long long)job->pace.moved_ms);
    for (size_t i = 0; i < job->asleep.count; i++)
        buf_printf(out, "%s[%lld,%lld]%s", i == 0 ? ",\"asleep\":[" : ",",
                   (long long)job->asleep.list[i].until_ms,
                   (long long)job->asleep.list[i].recipients,
                   i + 1 == job->asleep.count ? "]" : "");
    if (job_is_resend(job)) {
        id_format(id, job->resend_of);
        buf_printf(out, ",\"resend_of\":\"%s\",\"resend_errors\":%llu", id,
                   (unsigned long long)job->resend_errors);
    }
    if (job->template)
        write_values(out, job);
    buf_char(out, '}');
}

bool job_is_resend(const struct job *job)
{
    return job->resend_errors != 0;
}

const struct str *job_values(const struct job *job, size_t i)
{
    return job->values + i * job->names.count;
}

uint32_t job_explicit_chunks(const struct job *job)
{
    return (uint32_t)((job->to_count + CHUNK_MAX - 1) / CHUNK_MAX);
}

void job_name(char name[CHUNK_NAME_SIZE], const struct job *job)
{
    char key[ID_KEY_SIZE];
    id_key(key, job->shared.send);
    (void)snprintf(name, CHUNK_NAME_SIZE, "%s/%s", job->shared.account, key);
}
