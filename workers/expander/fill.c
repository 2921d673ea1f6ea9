#include "workers/expander/fill.h"

#include "common/sms/contact.h"

#include <jansson.h>

enum { TEXT_MAX_BYTES = SEGMENTS_MAX_CODE_POINTS * 4 };

/* The texts of a chunk, one after another while they are made. */
struct texts {
    struct buf all;
    size_t at[CHUNK_MAX + 1];
    enum error errors[CHUNK_MAX];
};

void fill_begin(struct chunk *ret_chunk, const struct job *job, uint32_t number)
{
    *ret_chunk = job->shared;
    ret_chunk->own_text = NULL;
    ret_chunk->number = number;
}

static void add_text(struct texts *texts, const struct job *job, size_t i, const struct str *values)
{
    struct str missing;
    struct chunk_item item;
    size_t from = texts->at[i] = texts->all.n;
    texts->all.cap = from + TEXT_MAX_BYTES;
    enum err err = template_render(&texts->all, job->shared.body, &job->names, values, &missing);
    if (err == ERR_OK)
        err = chunk_item_make(&item, (struct str){texts->all.p + from, texts->all.n - from});
    texts->errors[i] = err == ERR_OK          ? ERROR_NONE
                       : err == ERR_NOT_FOUND ? ERROR_VARIABLE
                                              : ERROR_TOO_LONG;
    if (err != ERR_OK) {
        texts->all.n = from;
        texts->all.full = false;
    }
}

/* The texts become the chunk's items. */
static void give_texts(struct chunk *chunk, struct texts *texts)
{
    texts->at[chunk->to_count] = texts->all.n;
    chunk->own_bodies = buf_take(&texts->all);
    chunk->items = xalloc_array(chunk->to_count, sizeof(chunk->items[0]));
    for (size_t i = 0; i < chunk->to_count; i++) {
        struct chunk_item *item = &chunk->items[i];
        struct str body = {chunk->own_bodies + texts->at[i], texts->at[i + 1] - texts->at[i]};
        if (texts->errors[i] != ERROR_NONE || chunk_item_make(item, body) != ERR_OK)
            *item = (struct chunk_item){.parts = 1, .error = texts->errors[i]};
    }
}

void fill_explicit(struct chunk *chunk, const struct job *job)
{
    struct texts texts = {.at = {0}};
    size_t first = (size_t)chunk->number * CHUNK_MAX, left = job->to_count - first;
    chunk->to_count = left < CHUNK_MAX ? left : CHUNK_MAX;
    memcpy(chunk->to, &job->to[first], chunk->to_count * sizeof(chunk->to[0]));
    if (!job->template)
        return;
    for (size_t i = 0; i < chunk->to_count; i++)
        add_text(&texts, job, i, job_values(job, first + i));
    give_texts(chunk, &texts);
}

static void add_member_text(struct texts *texts, const struct job *job, size_t i,
                            struct str contact)
{
    struct str values[TEMPLATE_MAX_NAMES];
    json_auto_t *root = contact.p != NULL ? json_loadb(contact.p, contact.n, 0, NULL) : NULL;
    for (size_t k = 0; k < job->names.count; k++)
        values[k] = contact_value(root, job->names.list[k]);
    add_text(texts, job, i, values);
}

void fill_members(struct chunk *chunk, const struct job *job, const struct members *members,
                  const struct str *contacts)
{
    struct texts texts = {.at = {0}};
    chunk->to_count = members->count;
    for (size_t i = 0; i < members->count; i++)
        chunk->to[i] = members->list[i].phone;
    if (!job->template)
        return;
    for (size_t i = 0; i < members->count; i++)
        add_member_text(&texts, job, i, contacts[i]);
    give_texts(chunk, &texts);
}
