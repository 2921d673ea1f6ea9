/*
 * guard.h - the addresses that calls to foreign URLs may not go to: those of address.h's table, and
 * this machine's own.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   none: a machine that can't name its addresses has none of its own.
 * Threads  read only after guard_init.
 */
#ifndef COMMON_IO_GUARD_H
#define COMMON_IO_GUARD_H

#include "common/io/address.h"

enum { GUARD_MAX_OWN = 32 };

struct guard {
    enum address_policy policy;
    struct address own[GUARD_MAX_OWN]; /* the public ones, when it was made */
    size_t own_count;
};

void guard_init(struct guard *guard, enum address_policy policy);
/* Why no call may go there, in words; NULL: it may. */
const char *guard_refuses(const struct guard *guard, const struct address *address);

#endif
