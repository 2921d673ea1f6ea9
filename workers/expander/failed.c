#include "workers/expander/failed.h"

#include "common/store/results.h"

#include <stdio.h>

static enum err look(struct failed *f);

static void add(struct failed *f, const struct message *message, bool personal)
{
    struct chunk *chunk = f->chunk;
    if (phone_parse_digits(&chunk->to[chunk->to_count], message->line.digits) != ERR_OK)
        return;
    f->at[chunk->to_count++] = f->bodies.n;
    f->personal = f->personal || personal;
    buf_str(&f->bodies, message->body);
}

/* The texts become the chunk's items, frozen as they were. */
static void give_texts(struct failed *f)
{
    struct chunk *chunk = f->chunk;
    f->at[chunk->to_count] = f->bodies.n;
    chunk->own_bodies = buf_take(&f->bodies);
    chunk->items = xalloc_array(chunk->to_count, sizeof(chunk->items[0]));
    for (size_t i = 0; i < chunk->to_count; i++) {
        struct str body = {chunk->own_bodies + f->at[i], f->at[i + 1] - f->at[i]};
        if (chunk_item_make(&chunk->items[i], body) != ERR_OK)
            chunk->items[i] = (struct chunk_item){.parts = 1, .error = ERROR_OTHER};
    }
}

static void finish(struct failed *f)
{
    (void)snprintf(f->after, sizeof(f->after), "%u", f->from);
    if (f->personal && f->chunk->to_count > 0)
        give_texts(f);
    buf_done(&f->bodies);
    f->fn(f->arg, ERR_OK);
}

static void on_results(void *arg, enum err err, const struct results *results)
{
    struct failed *f = arg;
    for (size_t i = 0; err == ERR_OK && i < results->count; i++) {
        add(f, &results->messages[i], results->personal[i]);
        f->from = id_number(results->messages[i].id) + 1;
    }
    if (err == ERR_OK && results->next != 0) {
        f->from = results->next;
        if (f->chunk->to_count < CHUNK_MAX)
            err = look(f);
        else
            finish(f);
    } else if (err == ERR_OK) {
        finish(f);
    }
    if (err != ERR_OK)
        f->fn(f->arg, err);
}

static enum err look(struct failed *f)
{
    const struct results_ask ask = {.send = f->job->resend_of,
                                    .from = f->from,
                                    .statuses = LIST_STATUS(STATUS_FAILED),
                                    .errors = f->job->resend_errors,
                                    .flags_not = LINE_UNKNOWN | LINE_EARLIER | LINE_ERASED,
                                    .most = CHUNK_MAX - (unsigned)f->chunk->to_count};
    return results_read(f->redis, f->job->shared.account, &ask, on_results, f);
}

enum err failed_next(struct failed *failed, struct redis *redis, const struct job *job,
                     struct chunk *chunk, failed_fn fn, void *arg)
{
    struct failed *f = failed;
    unsigned long long from = 0;
    (void)str_to_uint(str_of(f->after), ID_MAX_NUMBER, &from); /* "": the beginning */
    f->redis = redis;
    f->job = job;
    f->chunk = chunk;
    f->from = (uint32_t)from;
    f->personal = false;
    buf_done(&f->bodies);
    buf_init(&f->bodies, SIZE_MAX / 2);
    f->fn = fn;
    f->arg = arg;
    return look(f);
}

void failed_done(struct failed *failed)
{
    buf_done(&failed->bodies);
}
