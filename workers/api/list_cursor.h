/*
 * list_cursor.h - where a walk through the list stands, as a text that callers give back.
 *
 * A cursor is the hexadecimal form of: a version, a mark of the filters it belongs to, the place, the page it begins, and
 * the total that was counted when the walk began (so that it is counted once). It names nothing but the caller's own
 * messages, so it needs no seal.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   ERR_SYNTAX not a cursor; ERR_CONFLICT one of other filters.
 * Threads  pure.
 */
#ifndef WORKERS_API_LIST_CURSOR_H
#define WORKERS_API_LIST_CURSOR_H

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/store/messages_list.h"

enum { LIST_MARK_SIZE = 8, LIST_CURSOR_TEXT_SIZE = 85 };

struct list_cursor {
    uint8_t mark[LIST_MARK_SIZE]; /* of the filters */
    struct list_place place;
    uint32_t page;
    int64_t total; /* -1: not kept */
    bool capped;   /* there are more than that */
};

void list_cursor_write(char text[LIST_CURSOR_TEXT_SIZE], const struct list_cursor *cursor);
/* mark: that of the filters which come with it. */
MUST_USE enum err list_cursor_read(struct list_cursor *ret_cursor, struct str text,
                                   const uint8_t mark[LIST_MARK_SIZE]);

#endif
