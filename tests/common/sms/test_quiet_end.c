#include "common/sms/quiet.h"

#include <criterion/criterion.h>

static const int64_t MIN_MS = 60000, HOUR_MS = 3600000, DAY_MS = 86400000;

/* Zones, of which the clocks of all are put forward by `change` minutes at changes_at_ms. */
struct country {
    int offsets[4];
    size_t count;
    int change;
    int64_t changes_at_ms;
};

static size_t offsets_of(void *arg, int64_t at_ms, int offsets[QUIET_MAX_OFFSETS])
{
    const struct country *c = arg;
    for (size_t i = 0; i < c->count; i++)
        offsets[i] = c->offsets[i] + (c->change != 0 && at_ms >= c->changes_at_ms ? c->change : 0);
    return c->count;
}

static int64_t end_of(const char *hours, struct country *country, int64_t at_ms)
{
    struct quiet quiet;
    const struct quiet_place place = {offsets_of, country};
    cr_assert_eq(quiet_parse(&quiet, str_of(hours)), ERR_OK);
    return quiet_end(&quiet, at_ms, &place);
}

/* Times of a day long after 1970, which begins in UTC at this. */
static const int64_t DAY = INT64_C(20000) * 86400000;

static int64_t at(int hour, int minute)
{
    return DAY + hour * HOUR_MS + minute * MIN_MS;
}

Test(quiet_end, one_zone)
{
    static const struct {
        const char *name, *hours;
        int offset;
        int hour, minute, end_hour, end_minute; /* UTC; an hour may be of another day */
    } cases[] = {
        {"by day", "2100-0800", 0, 12, 0, 12, 0},
        {"its first minute", "2100-0800", 0, 21, 0, 32, 0},
        {"the minute before", "2100-0800", 0, 20, 59, 20, 59},
        {"after midnight", "2100-0800", 0, 3, 30, 8, 0},
        {"its last minute", "2100-0800", 0, 7, 59, 8, 0},
        {"its end", "2100-0800", 0, 8, 0, 8, 0},
        {"not over midnight", "1200-1330", 0, 12, 15, 13, 30},
        {"not over midnight, before", "1200-1330", 0, 11, 59, 11, 59},
        {"until midnight", "2200-0000", 0, 23, 0, 24, 0},
        {"an hour ahead of UTC", "2100-0800", 60, 20, 0, 31, 0},
        {"an hour ahead of UTC, in the morning", "2100-0800", 60, 6, 30, 7, 0},
        {"Kiribati, UTC+14", "2100-0800", 840, 10, 0, 18, 0},
        {"Kiribati, by day", "2100-0800", 840, 19, 0, 19, 0},
        {"Samoa, UTC-11", "2100-0800", -660, 8, 0, 19, 0},
        {"Samoa, by day", "2100-0800", -660, 20, 0, 20, 0},
        {"Nepal, UTC+5:45", "2100-0800", 345, 15, 15, 26, 15},
        {"none", "0800-0800", 0, 8, 0, 8, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct country country = {{cases[i].offset}, 1, 0, 0};
        int64_t got = end_of(cases[i].hours, &country, at(cases[i].hour, cases[i].minute));
        cr_expect_eq(got, at(cases[i].end_hour, cases[i].end_minute), "%s: %lld min", cases[i].name,
                     (long long)((got - DAY) / MIN_MS));
    }
}

Test(quiet_end, parts_of_a_minute_end_with_it)
{
    struct country country = {{0}, 1, 0, 0};
    cr_expect_eq(end_of("2100-0800", &country, at(7, 59) + 59999), at(8, 0));
    cr_expect_eq(end_of("2100-0800", &country, at(8, 0) + 1), at(8, 0) + 1, "it stays as it is");
}

Test(quiet_end, where_there_are_several_zones_it_is_quiet_while_it_is_in_one)
{
    struct country states = {{-480, -420, -360, -300}, 4, 0, 0};
    cr_expect_eq(end_of("2100-0800", &states, at(20, 0)), at(20, 0), "15:00 in the east");
    cr_expect_eq(end_of("2100-0800", &states, at(26, 0)), at(40, 0),
                 "21:00 in the east, until 8:00 in the west");
    cr_expect_eq(end_of("2100-0800", &states, at(13, 30)), at(16, 0),
                 "8:30 in the east, 5:30 in the west");
}

Test(quiet_end, a_country_that_never_is_awake_as_a_whole)
{
    struct country russia = {{120, 300, 540, 720}, 4, 0, 0};
    cr_expect_eq(end_of("1900-0900", &russia, at(12, 0)), QUIET_NEVER);
    cr_expect_neq(end_of("2100-0800", &russia, at(12, 0)), QUIET_NEVER);
}

Test(quiet_end, clocks_are_put_forward_in_the_night)
{
    struct country oslo = {{60}, 1, 60, at(1, 0)};
    cr_expect_eq(end_of("2100-0800", &oslo, at(0, 0)), at(6, 0), "8:00 comes an hour sooner");
    cr_expect_eq(end_of("2100-0300", &oslo, at(0, 30)), at(1, 0), "2:00 is 3:00");
    cr_expect_eq(end_of("2100-0230", &oslo, at(0, 30)), at(1, 0), "2:30 never comes");
    cr_expect_eq(end_of("2100-0137", &oslo, at(0, 30)), at(0, 37), "before it");
    cr_expect_eq(end_of("2100-0407", &oslo, at(0, 30)), at(2, 7), "after it");
}

Test(quiet_end, clocks_are_put_back_in_the_night)
{
    struct country oslo = {{120}, 1, -60, at(1, 0)};
    cr_expect_eq(end_of("2100-0800", &oslo, at(0, 0)), at(7, 0), "8:00 comes an hour later");
    cr_expect_eq(end_of("2100-0230", &oslo, at(0, 0)), at(0, 30), "2:30, for the first time");
    cr_expect_eq(end_of("2100-0230", &oslo, at(1, 0)), at(1, 30), "2:00 again");
    cr_expect_eq(end_of("2100-0300", &oslo, at(0, 30)), at(2, 0), "3:00 was 2:00 first");
}

Test(quiet_end, the_end_is_awake_whatever_the_hours_and_the_time)
{
    struct country lands[] = {{{60}, 1, 60, DAY + 3 * HOUR_MS},
                              {{-300, 0, 570}, 3, -60, DAY + 7 * HOUR_MS},
                              {{630}, 1, 30, DAY + 15 * HOUR_MS + 30 * MIN_MS}};
    static const char *const hours[] = {"2100-0800", "2330-0015", "0100-0200", "1200-1201",
                                        "0700-2130"};
    for (size_t l = 0; l < 3; l++) {
        for (size_t h = 0; h < 5; h++) {
            for (int64_t t = DAY - DAY_MS; t < DAY + DAY_MS; t += 7 * MIN_MS + 13) {
                int64_t end = end_of(hours[h], &lands[l], t);
                cr_assert(
                    end == QUIET_NEVER || (end >= t && end_of(hours[h], &lands[l], end) == end),
                    "land %zu, %s, at %lld min", l, hours[h], (long long)((t - DAY) / MIN_MS));
            }
        }
    }
}

Test(quiet_end, hours_that_leave_too_little_of_the_day)
{
    cr_expect(!quiet_too_long(&(struct quiet){.from_min = 0, .to_min = QUIET_MOST_MIN}));
    cr_expect(quiet_too_long(&(struct quiet){.from_min = 0, .to_min = QUIET_MOST_MIN + 1}));
    cr_expect(quiet_too_long(&(struct quiet){.from_min = 60, .to_min = 59}));
    cr_expect(!quiet_too_long(&(struct quiet){.from_min = 60, .to_min = 60}), "none");
}
