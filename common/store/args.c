#include "common/store/args.h"

void args_init(struct args *a)
{
    *a = (struct args){.texts = {.cap = SIZE_MAX / 2}};
}

void args_done(struct args *a)
{
    xfree(a->v);
    xfree(a->own);
    buf_done(&a->texts);
    args_init(a);
}

void args_clear(struct args *a)
{
    a->count = 0;
    buf_clear(&a->texts);
}

static struct str *next(struct args *a, size_t own)
{
    if (a->count == a->room) {
        a->room = a->room > 0 ? 2 * a->room : 64;
        a->v = xrealloc(a->v, a->room * sizeof(a->v[0]));
        a->own = xrealloc(a->own, a->room * sizeof(a->own[0]));
    }
    a->own[a->count] = own;
    return &a->v[a->count++];
}

void args_view(struct args *a, struct str text)
{
    *next(a, 0) = text;
}

struct buf *args_begin(struct args *a)
{
    (void)next(a, a->texts.n + 1);
    return &a->texts;
}

void args_end(struct args *a)
{
    size_t last = a->count - 1;
    a->v[last] = (struct str){NULL, a->texts.n - (a->own[last] - 1)};
}

void args_int(struct args *a, int64_t value)
{
    buf_int(args_begin(a), value);
    args_end(a);
}

const struct str *args_list(struct args *a)
{
    for (size_t i = 0; i < a->count; i++) {
        if (a->own[i] > 0)
            a->v[i].p = a->texts.p != NULL ? a->texts.p + a->own[i] - 1 : "";
    }
    return a->v;
}
