#include "common/sms/utf8.h"

/* Row i: a sequence of i + 1 bytes. The smallest value of each length is what makes a longer form
 * of the same value overlong. */
static const struct {
    uint8_t mask, lead;
    uint32_t min;
} forms[] = {
    {0x80, 0x00, 0x0},
    {0xE0, 0xC0, 0x80},
    {0xF0, 0xE0, 0x800},
    {0xF8, 0xF0, 0x10000},
};

static bool is_scalar(uint32_t cp)
{
    return cp <= 0x10FFFF && (cp < 0xD800 || cp > 0xDFFF);
}

bool utf8_next(const char **p, const char *end, uint32_t *ret_cp)
{
    const unsigned char *s = (const unsigned char *)*p;
    if (*p == end)
        return false;
    size_t form = 0;
    while ((s[0] & forms[form].mask) != forms[form].lead) {
        if (++form == sizeof(forms) / sizeof(forms[0]))
            return false;
    }
    if (form >= (size_t)(end - *p))
        return false;
    uint32_t cp = s[0] & (uint8_t)~forms[form].mask;
    for (size_t i = 1; i <= form; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return false;
        cp = cp << 6 | (s[i] & 0x3F);
    }
    if (cp < forms[form].min || !is_scalar(cp))
        return false;
    *p += form + 1;
    *ret_cp = cp;
    return true;
}

bool utf8_valid(const char *text, size_t len)
{
    if (len == 0)
        return true;
    const char *p = text, *end = text + len;
    uint32_t cp;
    while (utf8_next(&p, end, &cp))
        continue;
    return p == end;
}
