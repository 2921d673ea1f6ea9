#include "common/sms/schedule.h"

#include <time.h>

/* Exactly n digits at *at, as a number from min to max. Moves on. */
static enum err take(struct str *at, size_t n, int min, int max, int *ret)
{
    unsigned long long value = 0;
    if (at->n < n || !str_to_uint((struct str){at->p, n}, 9999, &value))
        return ERR_SYNTAX;
    *at = (struct str){at->p + n, at->n - n};
    *ret = (int)value;
    return (int)value >= min && (int)value <= max ? ERR_OK : ERR_RANGE;
}

static bool take_one_of(struct str *at, const char *set)
{
    if (at->n == 0 || at->p[0] == '\0' || strchr(set, at->p[0]) == NULL)
        return false;
    *at = (struct str){at->p + 1, at->n - 1};
    return true;
}

static enum err take_date(struct str *at, struct civil *c)
{
    enum err err = take(at, 4, 1970, 9999, &c->year);
    if (err == ERR_OK)
        err = take_one_of(at, "-") ? take(at, 2, 1, 12, &c->month) : ERR_SYNTAX;
    if (err == ERR_OK)
        err = take_one_of(at, "-") ? take(at, 2, 1, 31, &c->day) : ERR_SYNTAX;
    return err;
}

/* Digits after the seconds, of which three are kept. */
static enum err take_fraction(struct str *at, int *ret_ms)
{
    int ms = 0, scale = 100;
    size_t digits = 0;
    for (; at->n > 0 && at->p[0] >= '0' && at->p[0] <= '9'; digits++) {
        ms += (at->p[0] - '0') * scale;
        scale /= 10;
        *at = (struct str){at->p + 1, at->n - 1};
    }
    *ret_ms = ms;
    return digits > 0 ? ERR_OK : ERR_SYNTAX;
}

static enum err take_clock(struct str *at, struct civil *c)
{
    enum err err = take_one_of(at, "Tt ") ? take(at, 2, 0, 23, &c->hour) : ERR_SYNTAX;
    if (err == ERR_OK)
        err = take_one_of(at, ":") ? take(at, 2, 0, 59, &c->minute) : ERR_SYNTAX;
    if (err != ERR_OK || !take_one_of(at, ":"))
        return err;
    err = take(at, 2, 0, 59, &c->second);
    if (err == ERR_OK && take_one_of(at, ".,"))
        err = take_fraction(at, &c->millisecond);
    return err;
}

static enum err take_offset(struct str *at, struct schedule_time *time)
{
    int hours = 0, minutes = 0;
    if (at->n == 0)
        return ERR_OK;
    time->has_offset = true;
    if (take_one_of(at, "Zz"))
        return at->n == 0 ? ERR_OK : ERR_SYNTAX;
    bool west = at->p[0] == '-';
    enum err err = take_one_of(at, "+-") ? take(at, 2, 0, 23, &hours) : ERR_SYNTAX;
    if (err == ERR_OK && (take_one_of(at, ":") || at->n > 0))
        err = take(at, 2, 0, 59, &minutes);
    if (err == ERR_OK && at->n > 0)
        err = ERR_SYNTAX;
    time->offset_minutes = (west ? -1 : 1) * (hours * 60 + minutes);
    return err;
}

static bool on_calendar(const struct civil *c)
{
    struct tm tm = {.tm_year = c->year - 1900, .tm_mon = c->month - 1, .tm_mday = c->day};
    (void)timegm(&tm); /* moves 31 February into March */
    return tm.tm_mday == c->day && tm.tm_mon == c->month - 1;
}

enum err schedule_parse(struct schedule_time *ret_time, struct str text)
{
    struct schedule_time time = {.has_offset = false};
    struct str at = text;
    enum err err = take_date(&at, &time.civil);
    if (err == ERR_OK)
        err = take_clock(&at, &time.civil);
    if (err == ERR_OK)
        err = take_offset(&at, &time);
    if (err == ERR_OK && !on_calendar(&time.civil))
        err = ERR_RANGE;
    if (err == ERR_OK)
        *ret_time = time;
    return err;
}

int64_t schedule_utc_ms(const struct civil *civil, int offset_minutes)
{
    struct tm tm = {.tm_year = civil->year - 1900,
                    .tm_mon = civil->month - 1,
                    .tm_mday = civil->day,
                    .tm_hour = civil->hour,
                    .tm_min = civil->minute,
                    .tm_sec = civil->second};
    return ((int64_t)timegm(&tm) - (int64_t)offset_minutes * 60) * 1000 + civil->millisecond;
}

enum err schedule_check(int64_t at_ms, int64_t now_ms, bool *ret_now)
{
    const int64_t most_ms = (int64_t)SCHEDULE_DAYS * 86400000 + SCHEDULE_GRACE_MS;
    if (at_ms < now_ms - SCHEDULE_GRACE_MS || at_ms > now_ms + most_ms)
        return ERR_RANGE;
    *ret_now = at_ms <= now_ms;
    return ERR_OK;
}
