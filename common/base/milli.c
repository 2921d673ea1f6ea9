#include "common/base/milli.h"

enum { PLACES = 3 };

void milli_write(struct buf *out, int64_t milli)
{
    uint64_t value = milli < 0 ? 0 - (uint64_t)milli : (uint64_t)milli;
    unsigned rest = (unsigned)(value % 1000);
    if (milli < 0)
        buf_char(out, '-');
    buf_uint(out, value / 1000);
    buf_char(out, '.');
    do {
        buf_char(out, (char)('0' + rest / 100));
        rest = rest % 100 * 10;
    } while (rest > 0);
}

enum err milli_parse(int64_t *ret_milli, struct str text)
{
    unsigned long long whole = 0, part = 0;
    bool point = text.n > 0 && memchr(text.p, '.', text.n) != NULL;
    struct str places = text;
    struct str digits = str_cut(&places, '.');
    if (point && (places.n > PLACES || !str_to_uint(places, 999, &part)))
        return ERR_SYNTAX;
    for (size_t i = places.n; point && i < PLACES; i++)
        part *= 10;
    if (!str_to_uint(digits, UINT64_MAX, &whole))
        return ERR_SYNTAX;
    if (whole > (unsigned long long)MILLI_MAX / 1000)
        return ERR_RANGE;
    *ret_milli = (int64_t)(whole * 1000 + part);
    return ERR_OK;
}
