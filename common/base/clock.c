#include "common/base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t now_ms(clockid_t clock)
{
    struct timespec ts;
    (void)clock_gettime(clock, &ts); /* cannot fail for the two clocks used here */
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void)
{
    return now_ms(CLOCK_REALTIME);
}

int64_t clock_mono_ms(void)
{
    return now_ms(CLOCK_BOOTTIME);
}

static void split(struct tm *ret_tm, int64_t at_ms)
{
    time_t at_s = (time_t)(at_ms / 1000);
    (void)gmtime_r(&at_s, ret_tm);
}

void clock_format_s(char text[CLOCK_TEXT_SIZE], int64_t at_ms)
{
    struct tm tm;
    split(&tm, at_ms);
    (void)strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

void clock_format_ms(char text[CLOCK_TEXT_SIZE], int64_t at_ms)
{
    struct tm tm;
    char seconds[CLOCK_TEXT_SIZE];
    split(&tm, at_ms);
    (void)strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &tm);
    (void)snprintf(text, CLOCK_TEXT_SIZE, "%.24s.%03dZ", seconds, (int)(at_ms % 1000));
}

void clock_format_day(char text[CLOCK_TEXT_SIZE], int64_t at_ms)
{
    struct tm tm;
    split(&tm, at_ms);
    (void)strftime(text, CLOCK_TEXT_SIZE, "%Y%m%d", &tm);
}

/* Exactly n digits at *at, as a number up to max. Moves on. */
static enum err take_number(struct str *at, size_t n, int max, int *ret)
{
    unsigned long long value = 0;
    if (at->n < n || !str_to_uint((struct str){at->p, n}, 9999, &value))
        return ERR_SYNTAX;
    *at = (struct str){at->p + n, at->n - n};
    *ret = (int)value;
    return (int)value <= max ? ERR_OK : ERR_RANGE;
}

static enum err take_char(struct str *at, const char *set)
{
    if (at->n == 0 || at->p[0] == '\0' || strchr(set, at->p[0]) == NULL)
        return ERR_SYNTAX;
    *at = (struct str){at->p + 1, at->n - 1};
    return ERR_OK;
}

/* ".", and digits of which three are kept; or nothing. */
static enum err take_fraction_ms(struct str *at, int *ret_ms)
{
    int ms = 0, scale = 100;
    size_t digits = 0;
    if (take_char(at, ".") != ERR_OK)
        return ERR_OK;
    for (; at->n > 0 && at->p[0] >= '0' && at->p[0] <= '9'; digits++) {
        ms += (at->p[0] - '0') * scale;
        scale /= 10;
        *at = (struct str){at->p + 1, at->n - 1};
    }
    *ret_ms = ms;
    return digits > 0 ? ERR_OK : ERR_SYNTAX;
}

/* "Z" or "+hh:mm", and nothing after it. */
static enum err take_offset(struct str *at, int *ret_minutes)
{
    int hours = 0, minutes = 0;
    if (at->n == 1)
        return take_char(at, "Zz");
    int sign = at->n > 0 && at->p[0] == '-' ? -1 : 1;
    enum err err = take_char(at, "+-");
    if (err == ERR_OK)
        err = take_number(at, 2, 23, &hours);
    if (err == ERR_OK)
        err = take_char(at, ":");
    if (err == ERR_OK)
        err = take_number(at, 2, 59, &minutes);
    *ret_minutes = sign * (hours * 60 + minutes);
    return err == ERR_OK && at->n > 0 ? ERR_SYNTAX : err;
}

static enum err take_date_time(struct str *at, struct tm *tm)
{
    const struct {
        size_t digits;
        int max;
        const char *then; /* what must follow; NULL = nothing */
        int *to;
    } fields[] = {{4, 9999, "-", &tm->tm_year}, {2, 12, "-", &tm->tm_mon},
                  {2, 31, "Tt ", &tm->tm_mday}, {2, 23, ":", &tm->tm_hour},
                  {2, 59, ":", &tm->tm_min},    {2, 60, NULL, &tm->tm_sec}};
    enum err err = ERR_OK;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]) && err == ERR_OK; i++) {
        err = take_number(at, fields[i].digits, fields[i].max, fields[i].to);
        if (err == ERR_OK && fields[i].then != NULL)
            err = take_char(at, fields[i].then);
    }
    return err;
}

enum err clock_parse(int64_t *ret_at_ms, struct str text)
{
    struct tm tm = {0};
    int offset_minutes = 0;
    struct str at = text;
    enum err err = take_date_time(&at, &tm);
    int ms = 0;
    if (err == ERR_OK)
        err = take_fraction_ms(&at, &ms);
    if (err == ERR_OK)
        err = take_offset(&at, &offset_minutes);
    if (err != ERR_OK)
        return err;
    int day = tm.tm_mday, month = tm.tm_mon - 1;
    if (tm.tm_sec == 60) { /* a leap second, which POSIX time has no name for, is taken as the end
                              of the one before */
        tm.tm_sec = 59;
        ms = 999;
    }
    tm.tm_year -= 1900;
    tm.tm_mon = month;
    time_t at_s = timegm(&tm); /* moves 31 February into March, which shows below */
    if (tm.tm_mday != day || tm.tm_mon != month)
        return ERR_RANGE;
    *ret_at_ms = ((int64_t)at_s - (int64_t)offset_minutes * 60) * 1000 + ms;
    return ERR_OK;
}
