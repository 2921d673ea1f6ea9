/*
 * list_args.h - arguments that list.lua takes, whoever lists what with it.
 *
 * Units    ms.
 * Owns     nothing.
 * Errors   none.
 * Threads  pure.
 */
#ifndef COMMON_STORE_LIST_ARGS_H
#define COMMON_STORE_LIST_ARGS_H

#include "common/store/args.h"
#include "common/store/messages_list.h"

/* The letters of statuses, LIST_STATUS of each; '' for all of them, '-' for none. */
void list_args_letters(struct args *a, unsigned statuses);
/* An id that no message of before at_ms reaches, and none of then or later is below. unbounded: what its bytes are for
 * 0. */
void list_args_bound(struct args *a, int64_t at_ms, uint8_t unbounded);
void list_args_place(struct args *a, const struct list_place *place);

#endif
