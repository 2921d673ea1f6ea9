#include "common/sms/quiet.h"

enum { DIGITS = 4, RECORD_BYTES = 9, TIME_BYTES = 5, DAY_MIN = 1440 };

static const int64_t MIN_MS = 60000, QUARTER_MS = 15 * INT64_C(60000),
                     SEARCH_MS = 2 * INT64_C(86400000);

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

bool quiet_too_long(const struct quiet *quiet)
{
    return (quiet->to_min - quiet->from_min + DAY_MIN) % DAY_MIN > QUIET_MOST_MIN;
}

/* How many minutes of the quiet hours are left at this local time. */
static int left_min(const struct quiet *quiet, int local_min)
{
    int length = (quiet->to_min - quiet->from_min + DAY_MIN) % DAY_MIN;
    int passed = (local_min - quiet->from_min + DAY_MIN) % DAY_MIN;
    return passed < length ? length - passed : 0;
}

bool quiet_anywhere(const struct quiet *quiet, int64_t at_ms, const int *offsets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (left_min(quiet, (int)((at_ms / MIN_MS + offsets[i] + DAY_MIN) % DAY_MIN)) > 0)
            return true;
    }
    return false;
}

/* The end as long as the offsets stay as they are. */
static int64_t end_at_offsets(const struct quiet *quiet, int64_t at_ms, const int *offsets,
                              size_t count)
{
    int64_t end_ms = at_ms;
    for (size_t awake = 0, i = 0; awake < count && end_ms < at_ms + SEARCH_MS;
         i = (i + 1) % count) {
        int64_t minute = end_ms / MIN_MS;
        int left = left_min(quiet, (int)((minute + offsets[i] + DAY_MIN) % DAY_MIN));
        if (left > 0)
            end_ms = (minute + left) * MIN_MS;
        awake = left > 0 ? 1 : awake + 1;
    }
    return end_ms;
}

/* Clocks are put forward and back at quarters of an hour: in a night when they are, it is looked at each. */
int64_t quiet_end(const struct quiet *quiet, int64_t at_ms, const struct quiet_place *place)
{
    int now[QUIET_MAX_OFFSETS], then[QUIET_MAX_OFFSETS];
    if (quiet->from_min == quiet->to_min)
        return at_ms;
    for (int64_t t = at_ms; t < at_ms + SEARCH_MS;) {
        size_t count = place->offsets(place->arg, t, now);
        int64_t end_ms = end_at_offsets(quiet, t, now, count);
        int64_t next_ms = (t / QUARTER_MS + 1) * QUARTER_MS;
        bool same = place->offsets(place->arg, end_ms, then) == count &&
                    memcmp(now, then, count * sizeof(now[0])) == 0;
        if (same || end_ms < next_ms)
            return end_ms < at_ms + SEARCH_MS ? end_ms : QUIET_NEVER;
        t = next_ms;
    }
    return QUIET_NEVER;
}
