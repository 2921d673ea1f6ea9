#include "common/sms/quiet.h"

enum { DIGITS = 4, RECORD_BYTES = 9, TIME_BYTES = 5 };

static enum err parse_digits(int *ret_min, const char digits[DIGITS])
{
    unsigned long long number;
    if (!str_to_uint((struct str){digits, DIGITS}, 2359, &number) || number % 100 > 59)
        return ERR_SYNTAX;
    *ret_min = (int)(number / 100 * 60 + number % 100);
    return ERR_OK;
}

enum err quiet_parse(struct quiet *ret_quiet, struct str text)
{
    struct quiet quiet = {.given = true};
    if (text.n != RECORD_BYTES || text.p[DIGITS] != '-' ||
        parse_digits(&quiet.from_min, text.p) != ERR_OK ||
        parse_digits(&quiet.to_min, text.p + DIGITS + 1) != ERR_OK)
        return ERR_SYNTAX;
    *ret_quiet = quiet;
    return ERR_OK;
}

void quiet_write(struct buf *out, const struct quiet *quiet)
{
    buf_printf(out, "%02d%02d-%02d%02d", quiet->from_min / 60, quiet->from_min % 60,
               quiet->to_min / 60, quiet->to_min % 60);
}

enum err quiet_parse_time(int *ret_min, struct str text)
{
    if (text.n != TIME_BYTES || text.p[2] != ':')
        return ERR_SYNTAX;
    const char digits[DIGITS] = {text.p[0], text.p[1], text.p[3], text.p[4]};
    return parse_digits(ret_min, digits);
}
