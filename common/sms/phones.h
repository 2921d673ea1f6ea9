/*
 * phones.h - a list of numbers in the order in which they came, each once.
 *
 * Units    none.
 * Owns     its list; {0} is an empty one.
 * Errors   none; the caller bounds the count.
 * Threads  one.
 */
#ifndef COMMON_SMS_PHONES_H
#define COMMON_SMS_PHONES_H

#include "common/sms/phone.h"

#include <stdbool.h>
#include <stdint.h>

struct phones {
    struct phone *list;
    size_t count, room;
    uint32_t
        *slots; /* index + 1 into list, found by hash; 0 = free. Twice as many as there is room */
};

/* False: it is there already. */
bool phones_add(struct phones *phones, const struct phone *phone);
bool phones_has(const struct phones *phones, const struct phone *phone);
void phones_done(struct phones *phones);

#endif
