/*
 * buf.h - growable bytes with a hard limit, and memory that never fails.
 *
 * Units    bytes. A buffer's text always ends in a NUL that is not counted.
 * Owns     its bytes, until buf_done or buf_take. {.cap = n} is a valid empty buffer.
 * Errors   growing past cap sets `full` and drops what did not fit; the caller asks once, at the
 *          end. Running out of memory ends the process: a message is acknowledged only after its
 *          result is stored, so a restart delivers it again, and each size that a stranger controls
 *          has a cap before it gets here.
 * Threads  a buffer belongs to one thread.
 */
#ifndef COMMON_BASE_BUF_H
#define COMMON_BASE_BUF_H

#include "common/base/err.h"
#include "common/base/str.h"

#include <stdint.h>

struct buf {
    char *p;    /* NULL until the first byte */
    size_t n;   /* bytes in use */
    size_t cap; /* n never passes it */
    size_t room;
    bool full; /* something did not fit */
};

void buf_init(struct buf *b, size_t cap);
void buf_done(struct buf *b);
void buf_clear(struct buf *b); /* empty again, memory kept */
char *
buf_take(struct buf *b); /* moves the bytes out (never NULL; free with xfree), leaves b empty */
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_str(struct buf *b, struct str s);
void buf_text(struct buf *b, const char *text);
void buf_char(struct buf *b, char c);
void buf_uint(struct buf *b, uint64_t value); /* in decimal */
void buf_int(struct buf *b, int64_t value);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The text as the inside of a JSON string, quotes included. Bytes that are not UTF-8 go through as
 * they are. */
void buf_json(struct buf *b, struct str text);

static inline struct str buf_view(const struct buf *b)
{
    return (struct str){b->p, b->n};
}

void *xalloc(size_t n); /* zeroed */
void *xalloc_array(size_t count, size_t size);
void *xrealloc(void *own_p, size_t n);
char *xstrndup(const char *text, size_t n);
void xfree(void *own_p); /* NULL is fine */

#endif
