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
