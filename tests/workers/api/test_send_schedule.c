#include "workers/api/send_schedule.h"

#include <criterion/criterion.h>

static const int64_t NOW_MS = INT64_C(1765900000000); /* 2025-12-16T15:46:40Z */

Test(send_schedule, reads_the_time_and_the_zone)
{
    static const struct {
        const char *name, *at, *zone;
        int64_t due_ms;
        const char *wrong; /* pointer of the error; NULL = none */
    } cases[] = {
        {"neither", NULL, NULL, 0, NULL},
        {"without a zone it is UTC", "2025-12-17T09:00:00", NULL, 1765962000000, NULL},
        {"in a zone", "2025-12-17T09:00:00", "Europe/Oslo", 1765958400000, NULL},
        {"a written offset wins", "2025-12-17T09:00:00Z", "Europe/Oslo", 1765962000000, NULL},
        {"a zone alone", NULL, "Europe/Oslo", 0, NULL},
        {"just past: at once", "2025-12-16T15:46:00", NULL, 0, NULL},
        {"an unknown zone alone", NULL, "Mars/Base", 0, "/timezone"},
        {"an unknown zone beside an offset", "2025-12-17T09:00:00Z", "Mars/Base", 0, "/timezone"},
        {"past", "2025-12-16T15:45:00", NULL, 0, "/scheduled_at"},
        {"too far", "2026-01-16T09:00:00", NULL, 0, "/scheduled_at"},
        {"a date alone", "2025-12-17", NULL, 0, "/scheduled_at"},
        {"no such day", "2025-12-32T09:00", NULL, 0, "/scheduled_at"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct problem problem;
        problem_init(&problem, 422);
        int64_t got =
            send_schedule_read(str_of(cases[i].at), str_of(cases[i].zone), NOW_MS, &problem);
        cr_expect_eq(got, cases[i].due_ms, "%s: %lld", cases[i].name, (long long)got);
        cr_expect_eq(problem.errors, cases[i].wrong != NULL, "%s", cases[i].name);
        if (cases[i].wrong != NULL)
            cr_expect_neq(strstr(problem.list.p, cases[i].wrong), NULL, "%s: %s", cases[i].name,
                          problem.list.p);
        problem_done(&problem);
    }
}
