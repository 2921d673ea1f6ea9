#include "common/store/list_args.h"

void list_args_letters(struct args *a, unsigned statuses)
{
#define STATUS_LETTER(name, letter, final)                                                         \
    if (statuses & LIST_STATUS(STATUS_##name))                                                     \
        buf_char(out, letter);
    struct buf *out = args_begin(a);
    if (statuses == 0)
        buf_char(out, '-'); /* no message has it */
    if (statuses != LIST_ANY_STATUS) {
        STATUS_LIST(STATUS_LETTER)
    }
    args_end(a);
#undef STATUS_LETTER
}

void list_args_bound(struct args *a, int64_t at_ms, uint8_t unbounded)
{
    static const uint8_t no_random[ID_RANDOM_SIZE];
    struct id id;
    memset(id.b, unbounded, sizeof(id.b));
    if (at_ms != 0) {
        id = id_new(at_ms, no_random);
        memset(id.b + 6, 0, sizeof(id.b) - 6);
    }
    buf_add(args_begin(a), id.b, sizeof(id.b));
    args_end(a);
}

void list_args_place(struct args *a, const struct list_place *place)
{
    bool set = place != NULL && place->set;
    args_view(a,
              set ? (struct str){(const char *)place->below.b, sizeof(place->below.b)} : STR(""));
    args_int(a, set ? place->window : -1);
}
