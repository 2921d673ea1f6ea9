#include "workers/sender/night.h"

#include <criterion/criterion.h>
#include <stdio.h>

/* 2026-01-14 22:00 UTC: night in Norway and Britain, early morning in Japan, day in the USA. */
static const int64_t NOW = INT64_C(1768428000000), HOUR_MS = 3600000;

static struct night night;

static void make(void)
{
    cr_assert_eq(local_time_new(&night.local_time, LOCAL_TIME_TABLE), ERR_OK);
    night.jitter_ms = 59999;
    night.now_ms = NOW;
}

static void end(void)
{
    local_time_free(night.local_time);
}

TestSuite(night, .init = make, .fini = end);

static struct visit *visit_to(const char *const *to, size_t count, enum message_type type)
{
    struct chunk chunk = {
        .account = "a", .parts = 1, .body = STR("x"), .to_count = count, .type = type};
    struct buf record = {.cap = 65536};
    chunk.until_ms = NOW + 48 * HOUR_MS;
    chunk.quiet = (struct quiet){.from_min = 21 * 60, .to_min = 8 * 60, .given = true};
    for (size_t i = 0; i < count; i++)
        (void)snprintf(chunk.to[i].digits, sizeof(chunk.to[i].digits), "%s", to[i]);
    chunk_write(&record, &chunk);
    const struct kafka_record read = {.value = buf_view(&record)};
    struct visit *visit = visit_new(NULL, &read, 123456);
    cr_assert_null(visit->dead, "%s", visit->dead);
    buf_done(&record);
    return visit;
}

/* Asks for the next, who are `count` from `first` on, and held for so many hours (0: not). */
static void expect(struct visit *visit, size_t first, size_t count, int64_t hours)
{
    visit_ask(visit, 100, INT64_MAX, true);
    night_mind(&night, visit);
    cr_expect(visit->claim.first == first && visit->claim.count == count, "%zu from %zu",
              visit->claim.count, visit->claim.first);
    cr_expect_eq(visit->claim.hold_ms, hours > 0 ? NOW + hours * HOUR_MS + 123456 % 60000 : 0);
    for (size_t i = 0; i < count; i++)
        visit->claim.answers[i] = hours > 0 ? -visit->claim.hold_ms : 1;
    visit_answered(visit);
}

Test(night, those_who_sleep_are_held_and_the_others_go)
{
    static const char *const to[] = {"4790000000",   "4790000001",   "12125550100",
                                     "819012345678", "447700900123", "4790000002"};
    struct visit *visit = visit_to(to, 6, MESSAGE_PLAIN);
    expect(visit, 0, 2, 9);
    expect(visit, 2, 1, 0);
    expect(visit, 3, 1, 1);
    expect(visit, 4, 1, 10);
    expect(visit, 5, 1, 9);
    cr_expect(visit_idle(visit));
    cr_expect_eq(visit->later, 5);
    cr_expect_eq(visit->next_at_ms, NOW + HOUR_MS + 123456 % 60000, "the first who wakes");
    visit_free(visit);
}

Test(night, one_time_codes_wait_for_nobodys_morning)
{
    static const char *const to[] = {"4790000000"};
    struct visit *visit = visit_to(to, 1, MESSAGE_VERIFY);
    expect(visit, 0, 1, 0);
    visit_free(visit);
}

Test(night, by_day_all_go_together)
{
    static const char *const to[] = {"4790000000", "447700900123", "4690000000"};
    struct visit *visit = visit_to(to, 3, MESSAGE_PLAIN);
    night.now_ms = NOW - 10 * HOUR_MS;
    expect(visit, 0, 3, 0);
    visit_free(visit);
}
