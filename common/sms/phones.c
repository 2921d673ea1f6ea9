#include "common/sms/phones.h"

#include "common/base/buf.h"
#include "common/base/hash.h"

enum { FIRST_ROOM = 16 };

/* Whether the slot holds another number. */
static bool is_taken(const struct phones *phones, uint32_t slot, const struct phone *phone)
{
    return slot != 0 && phones->list != NULL &&
           strcmp(phones->list[slot - 1].digits, phone->digits) != 0;
}

/* The slot that holds the number, or the free one where it belongs. */
static uint32_t *find(const struct phones *phones, const struct phone *phone)
{
    size_t mask = 2 * phones->room - 1;
    size_t at = hash_text(str_of(phone->digits)) & mask;
    while (is_taken(phones, phones->slots[at], phone))
        at = (at + 1) & mask;
    return &phones->slots[at];
}

static void grow(struct phones *phones)
{
    phones->room = phones->room > 0 ? 2 * phones->room : FIRST_ROOM;
    phones->list = xrealloc(phones->list, phones->room * sizeof(phones->list[0]));
    xfree(phones->slots);
    phones->slots = xalloc_array(2 * phones->room, sizeof(phones->slots[0]));
    for (size_t i = 0; i < phones->count; i++)
        *find(phones, &phones->list[i]) = (uint32_t)i + 1;
}

bool phones_has(const struct phones *phones, const struct phone *phone)
{
    return phones->count > 0 && *find(phones, phone) != 0;
}

bool phones_add(struct phones *phones, const struct phone *phone)
{
    if (phones->count == phones->room)
        grow(phones);
    uint32_t *slot = find(phones, phone);
    if (*slot != 0)
        return false;
    phones->list[phones->count++] = *phone;
    *slot = (uint32_t)phones->count;
    return true;
}

void phones_done(struct phones *phones)
{
    xfree(phones->list);
    xfree(phones->slots);
    *phones = (struct phones){0};
}
