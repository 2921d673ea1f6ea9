#include "common/store/plan.h"

#include "common/store/keys.h"

/* The texts of a personal chunk, as a JSON list. */
static void add_texts(struct args *args, const struct chunk *chunk)
{
    if (chunk->items == NULL) {
        args_view(args, STR(""));
        return;
    }
    struct buf *list = args_begin(args);
    for (size_t i = 0; i < chunk->to_count; i++) {
        buf_char(list, i == 0 ? '[' : ',');
        buf_json(list, chunk->items[i].error == ERROR_NONE ? chunk->items[i].body : STR(""));
    }
    buf_char(list, ']');
    args_end(args);
}

void plan_add_index(struct args *args, const struct chunk *chunk)
{
    struct buf *out = args_begin(args);
    buf_add(out, chunk->send.b, KEYS_SEND_BYTES);
    buf_char(out, chunk->ref.p != NULL ? KEYS_HASH_BYTES : 0);
    keys_hash(out, chunk->ref);
    buf_str(out, chunk->from);
    args_end(args);
}

void plan_add(struct args *args, const struct chunk *chunk)
{
    plan_add_index(args, chunk);
    struct buf *numbers = args_begin(args);
    for (size_t i = 0; i < chunk->to_count; i++) {
        if (i > 0)
            buf_char(numbers, ',');
        buf_text(numbers, chunk->to[i].digits);
        if (chunk->items != NULL)
            buf_printf(numbers, ":%u:%d", chunk->items[i].parts, (int)chunk->items[i].error);
    }
    args_end(args);
    args_int(args, chunk->parts);
    args_int(args, chunk_counted_ms(chunk) / 86400000);
    args_int(args, chunk->due_ms);
    description_write(args_begin(args), chunk);
    args_end(args);
    args_view(args, chunk->single ? STR("") : chunk->body);
    add_texts(args, chunk);
}
