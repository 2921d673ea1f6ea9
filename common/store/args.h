/*
 * args.h - the arguments of one Redis command, gathered piece by piece.
 *
 * Units    none.
 * Owns     the texts that are written into it, until args_clear; those given by view stay the
 *          caller's. Reused between commands without new memory. {0} with args_init.
 * Errors   none; args_count says when to stop.
 * Threads  one.
 */
#ifndef COMMON_STORE_ARGS_H
#define COMMON_STORE_ARGS_H

#include "common/base/buf.h"
#include "common/base/str.h"

#include <stdint.h>

struct args {
    struct str *v; /* of an own text, n is set and p only by args_list */
    size_t *own;   /* where an own text begins in `texts`, plus one; 0 = the caller's */
    size_t count, room;
    struct buf texts;
};

void args_init(struct args *a);
void args_done(struct args *a);
void args_clear(struct args *a);
void args_view(struct args *a, struct str text); /* must live until the command is given */
void args_int(struct args *a, int64_t value);
/* An own text, made of what is written into the returned buffer until args_end. */
struct buf *args_begin(struct args *a);
void args_end(struct args *a);
/* The finished list; valid until the next change. */
const struct str *args_list(struct args *a);

#endif
