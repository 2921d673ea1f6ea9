/*
 * str.h - a view of bytes that somebody else owns.
 *
 * Units    n is bytes; the bytes need not end in NUL.
 * Owns     nothing: a struct str dies with what it points into. {0} is the empty view.
 * Errors   none.
 * Threads  pure, safe everywhere.
 */
#ifndef COMMON_BASE_STR_H
#define COMMON_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
    const char *p;
    size_t n;
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})

static inline struct str str_of(const char *text)
{
    return (struct str){text, text != NULL ? strlen(text) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

/* Cut s at the first sep: what comes before it is returned, *s becomes what follows (empty when
 * there is no sep). */
static inline struct str str_cut(struct str *s, char sep)
{
    const char *at = s->n > 0 ? memchr(s->p, sep, s->n) : NULL;
    struct str head = *s;
    if (at == NULL) {
        *s = (struct str){0};
        return head;
    }
    head.n = (size_t)(at - s->p);
    *s = (struct str){at + 1, s->n - head.n - 1};
    return head;
}

/* Decimal digits only, at most max. False leaves *ret alone. */
static inline bool str_to_uint(struct str s, unsigned long long max, unsigned long long *ret)
{
    unsigned long long value = 0;
    if (s.n == 0 || s.n > 19)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        value = value * 10 + (unsigned long long)(s.p[i] - '0');
    }
    if (value > max)
        return false;
    *ret = value;
    return true;
}

#endif
