#include "common/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void out_of_memory(void)
{
    static const char line[] =
        "level=error ev=out_of_memory action=\"process ends; what it held is delivered again\"\n";
    ssize_t ignored = write(STDERR_FILENO, line, sizeof(line) - 1);
    (void)ignored;
    abort();
}

void *xalloc(size_t n)
{
    void *p = calloc(1, n > 0 ? n : 1);
    if (p == NULL)
        out_of_memory();
    return p;
}

void *xalloc_array(size_t count, size_t size)
{
    void *p = calloc(count > 0 ? count : 1, size);
    if (p == NULL)
        out_of_memory();
    return p;
}

void *xrealloc(void *own_p, size_t n)
{
    void *p = realloc(own_p, n);
    if (p == NULL)
        out_of_memory();
    return p;
}

char *xstrndup(const char *text, size_t n)
{
    char *copy = xalloc(n + 1);
    memcpy(copy, text, n);
    return copy;
}

void xfree(void *own_p)
{
    free(own_p);
}

void buf_init(struct buf *b, size_t cap)
{
    *b = (struct buf){.cap = cap};
}

void buf_done(struct buf *b)
{
    xfree(b->p);
    *b = (struct buf){.cap = b->cap};
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->full = false;
    if (b->p != NULL)
        b->p[0] = '\0';
}

char *buf_take(struct buf *b)
{
    char *p = b->p != NULL ? b->p : xalloc(1);
    *b = (struct buf){.cap = b->cap};
    return p;
}

/* Makes room for n more bytes and the NUL; false when that would pass the cap. */
static bool grow(struct buf *b, size_t n)
{
    if (n > b->cap - b->n) {
        b->full = true;
        return false;
    }
    size_t need = b->n + n + 1;
    if (need <= b->room)
        return true;
    size_t room = b->room > 0 ? b->room : 64;
    while (room < need)
        room *= 2;
    b->p = xrealloc(b->p, room);
    b->room = room;
    return true;
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
    if (n == 0 || !grow(b, n))
        return;
    memcpy(b->p + b->n, bytes, n);
    b->n += n;
    b->p[b->n] = '\0';
}

void buf_str(struct buf *b, struct str s)
{
    buf_add(b, s.p, s.n);
}

void buf_text(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void buf_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_uint(struct buf *b, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    buf_add(b, digits + at, sizeof(digits) - at);
}

void buf_int(struct buf *b, int64_t value)
{
    if (value < 0)
        buf_char(b, '-');
    buf_uint(b, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    char small[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    if (n < 0)
        return;
    if ((size_t)n < sizeof(small)) {
        buf_add(b, small, (size_t)n);
        return;
    }
    if (!grow(b, (size_t)n))
        return;
    va_start(args, format);
    (void)vsnprintf(b->p + b->n, (size_t)n + 1, format, args);
    va_end(args);
    b->n += (size_t)n;
}

static void json_escape(struct buf *b, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    switch (c) {
    case '"':
        buf_text(b, "\\\"");
        return;
    case '\\':
        buf_text(b, "\\\\");
        return;
    case '\n':
        buf_text(b, "\\n");
        return;
    case '\r':
        buf_text(b, "\\r");
        return;
    case '\t':
        buf_text(b, "\\t");
        return;
    default:
        buf_add(b, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
    }
}

void buf_json(struct buf *b, struct str text)
{
    buf_char(b, '"');
    size_t from = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
            continue;
        buf_add(b, text.p + from, i - from);
        json_escape(b, c);
        from = i + 1;
    }
    buf_add(b, text.p + from, text.n - from);
    buf_char(b, '"');
}
