#include "workers/api/send_schedule.h"

#include "common/io/zone.h"
#include "common/sms/schedule.h"

static bool to_utc(int64_t *ret_at_ms, const struct schedule_time *time, struct str timezone)
{
    if (time->has_offset || timezone.p == NULL) {
        *ret_at_ms = schedule_utc_ms(&time->civil, time->has_offset ? time->offset_minutes : 0);
        return true;
    }
    return zone_to_utc(ret_at_ms, timezone.p, timezone.n, &time->civil) == ERR_OK;
}

int64_t send_schedule_read(struct str scheduled_at, struct str timezone, int64_t now_ms,
                           struct problem *problem)
{
    struct schedule_time time;
    int64_t at_ms = 0;
    bool now = false;
    if (timezone.p != NULL && !zone_known(timezone.p, timezone.n)) {
        problem_error(
            problem, "/timezone", "invalid",
            "There is no time zone of this name; it must be one such as \"Europe/Oslo\".");
        return 0;
    }
    if (scheduled_at.p == NULL)
        return 0;
    enum err err = schedule_parse(&time, scheduled_at);
    if (err != ERR_OK || !to_utc(&at_ms, &time, timezone)) {
        problem_error(
            problem, "/scheduled_at", "invalid", "%s",
            err == ERR_RANGE
                ? "There is no such date or time."
                : "Not a date and time such as \"2026-01-31T09:00:00\" or \"2026-01-31T09:00Z\".");
        return 0;
    }
    if (schedule_check(at_ms, now_ms, &now) != ERR_OK) {
        problem_error(problem, "/scheduled_at", "out_of_range", "%s",
                      at_ms < now_ms ? "The time has passed."
                                     : "The time is more than 30 days ahead.");
        return 0;
    }
    return now ? 0 : at_ms;
}
