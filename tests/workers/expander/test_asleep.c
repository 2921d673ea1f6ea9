#include "workers/expander/asleep.h"

#include <criterion/criterion.h>
#include <stdio.h>

/* 2026-01-14 22:00 UTC: night in Norway, Britain and India, day in New Zealand. */
static const int64_t NOW = INT64_C(1768428000000), HOUR_MS = 3600000;

static struct local_time *lt;
static struct chunk chunk;

static void make(void)
{
    cr_assert_eq(local_time_new(&lt, LOCAL_TIME_TABLE), ERR_OK);
    chunk = (struct chunk){.quiet = {.from_min = 21 * 60, .to_min = 8 * 60, .given = true}};
}

static void end(void)
{
    local_time_free(lt);
}

TestSuite(asleep, .init = make, .fini = end);

static void recipients(const char *prefix, size_t count)
{
    for (size_t i = 0; i < count; i++)
        (void)snprintf(chunk.to[chunk.to_count++].digits, sizeof(chunk.to[0].digits), "%s%03u",
                       prefix, (unsigned)i % 1000);
}

Test(asleep, counts_who_sleeps_until_the_night_is_over)
{
    struct job_asleep asleep = {0};
    recipients("4790123", 7); /* 23:00, until 07:00 UTC */
    recipients("4477001", 5); /* 22:00, until 08:00 UTC */
    recipients("9190001", 3); /* 03:30, until 02:30 UTC */
    recipients("6421001", 4); /* 11:00 in New Zealand */
    asleep_add(&asleep, &chunk, lt, NOW);
    cr_expect_eq(asleep_count(&asleep, NOW), 15);
    cr_expect_eq(asleep_count(&asleep, NOW + 5 * HOUR_MS), 12);
    cr_expect_eq(asleep_count(&asleep, NOW + 9 * HOUR_MS), 5);
    cr_expect_eq(asleep_count(&asleep, NOW + 10 * HOUR_MS), 0);
    asleep_add(&asleep, &chunk, lt, NOW + 24 * HOUR_MS);
    cr_expect_eq(asleep_count(&asleep, NOW + 24 * HOUR_MS), 15, "of the night before nobody");
}

Test(asleep, nobody_without_quiet_hours)
{
    struct job_asleep asleep = {0};
    recipients("4790123", 7);
    chunk.type = MESSAGE_VERIFY;
    asleep_add(&asleep, &chunk, lt, NOW);
    chunk.type = MESSAGE_PLAIN;
    chunk.quiet.to_min = chunk.quiet.from_min;
    asleep_add(&asleep, &chunk, lt, NOW);
    cr_expect_eq(asleep_count(&asleep, NOW), 0);
}

Test(asleep, more_ends_than_places_lose_nobody)
{
    struct job_asleep asleep = {.count = JOB_MAX_ASLEEP};
    for (size_t i = 0; i < JOB_MAX_ASLEEP; i++)
        asleep.list[i] = (struct job_sleepers){NOW + HOUR_MS * 100 + (int64_t)i, 1};
    recipients("4790123", 7);
    asleep_add(&asleep, &chunk, lt, NOW);
    cr_expect_eq(asleep.count, JOB_MAX_ASLEEP);
    cr_expect_eq(asleep_count(&asleep, NOW), JOB_MAX_ASLEEP + 7);
    cr_expect_eq(asleep_count(&asleep, NOW + 10 * HOUR_MS), JOB_MAX_ASLEEP - 1);
}
