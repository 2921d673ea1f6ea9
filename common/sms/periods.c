#include "common/sms/periods.h"

struct periods periods_at(int64_t now_ms)
{
    int64_t day = calendar_day(now_ms);
    return (struct periods){{day, day},
                            calendar_days_of_week(day),
                            calendar_days_of_month(calendar_month(now_ms)),
                            {day - 29, day}};
}

struct days periods_all(const struct periods *periods)
{
    struct days all = {periods->last_30.first, periods->month.last};
    if (periods->month.first < all.first)
        all.first = periods->month.first;
    if (periods->week.last > all.last)
        all.last = periods->week.last;
    return all;
}
