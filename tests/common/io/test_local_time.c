#include "common/io/local_time.h"

#include "common/io/region.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <time.h>

/* 2026-01-14 00:00 UTC, a Wednesday in winter, and 2026-07-15. */
static const int64_t WINTER = INT64_C(1768348800000), SUMMER = INT64_C(1784073600000);
static const int64_t HOUR_MS = 3600000;
static const struct quiet NIGHT = {.from_min = 21 * 60, .to_min = 8 * 60, .given = true};

static struct local_time *lt;

static void make(void)
{
    cr_assert_eq(local_time_new(&lt, LOCAL_TIME_TABLE), ERR_OK);
}

static void end(void)
{
    local_time_free(lt);
}

TestSuite(local_time, .init = make, .fini = end);

Test(region, the_country_of_a_number)
{
    static const char *const cases[][2] = {
        {"4799", "NO"}, {"4670", "SE"}, {"4477", "GB"}, {"1212", "US"}, {"1416", "CA"},
        {"1242", "BS"}, {"1787", "PR"}, {"1671", "GU"}, {"7701", "KZ"}, {"7916", "RU"},
        {"3538", "IE"}, {"6191", "AU"}, {"9198", "IN"}, {"5511", "BR"}, {"3584", "FI"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char region[REGION_SIZE] = "";
        cr_expect(region_of_prefix(region, cases[i][0]), "%s", cases[i][0]);
        cr_expect_str_eq(region, cases[i][1], "%s is %s", cases[i][0], region);
    }
    char region[REGION_SIZE];
    cr_expect(!region_of_prefix(region, "8816"), "a satellite");
    cr_expect(!region_of_prefix(region, "9990"), "nobody's");
}

Test(local_time, when_a_night_ends)
{
    static const struct {
        const char *name, *digits;
        int64_t day;
        double hour, until; /* UTC of the day; 0: it is day */
    } cases[] = {
        {"Oslo in winter", "4799999999", WINTER, 20, 31},
        {"Oslo in winter, before", "4799999999", WINTER, 19.99, 0},
        {"Oslo in summer", "4799999999", SUMMER, 19, 30},
        {"London in summer", "447700900123", SUMMER, 5, 7},
        {"India", "919812345678", WINTER, 20, 26.5},
        {"Kiribati has UTC+12 to +14", "68672012345", WINTER, 7, 20},
        {"Kiribati", "68672012345", WINTER, 20.5, 0},
        {"American Samoa, UTC-11", "16846331234", WINTER, 8, 19},
        {"the USA, from New York to Adak", "12125550100", WINTER, 2, 18},
        {"the USA, at noon in Chicago", "12125550100", WINTER, 18, 0},
        {"Canada, from St. John's on", "14165550100", WINTER, 0.5, 16},
        {"Kazakhstan", "77012345678", WINTER, 16, 27},
        {"a satellite: UTC", "881612345678", WINTER, 21, 32},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t now = cases[i].day + (int64_t)(cases[i].hour * (double)HOUR_MS);
        int64_t want =
            cases[i].until > 0 ? cases[i].day + (int64_t)(cases[i].until * (double)HOUR_MS) : 0;
        for (int again = 0; again < 2; again++) { /* also from what is kept */
            int64_t got = local_time_quiet_until(lt, cases[i].digits, &NIGHT, now);
            cr_expect_eq(got, want, "%s: %.2f", cases[i].name,
                         (double)(got - cases[i].day) / (double)HOUR_MS);
        }
    }
}

Test(local_time, hours_that_russia_as_a_whole_never_is_awake_in_are_those_of_one_zone)
{
    const struct quiet most = {.from_min = 15 * 60, .to_min = 9 * 60};
    int64_t until = local_time_quiet_until(lt, "79161234567", &most, WINTER);
    cr_expect_gt(until, WINTER);
    cr_expect_leq(until, WINTER + 24 * HOUR_MS);
}

Test(local_time, nobody_is_quiet_without_hours)
{
    const struct quiet none = {.from_min = 60, .to_min = 60, .given = true};
    cr_expect_eq(local_time_quiet_until(lt, "4799999999", &none, WINTER + HOUR_MS), 0);
}

Test(local_time, a_message_costs_less_than_a_microsecond)
{
    enum { COUNT = 200000 };
    struct timespec begin, over;
    char digits[16];
    int64_t sum = 0;
    for (int round = 0; round < 2; round++) { /* the first fills what is kept */
        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
        for (int i = 0; i < COUNT; i++) {
            (void)snprintf(digits, sizeof(digits), "%s%07d", i % 3 == 0 ? "1212" : "4790", i);
            sum += local_time_quiet_until(lt, digits, &NIGHT, WINTER + i % 24 * HOUR_MS / 24);
        }
        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &over);
    }
    double ns =
        ((double)(over.tv_sec - begin.tv_sec) * 1e9 + (double)(over.tv_nsec - begin.tv_nsec)) /
        COUNT;
    cr_expect_gt(sum, 0);
    cr_log_info("%.0f ns a message, with printing its number", ns);
    cr_expect_lt(ns, 10000, "a tenth of it without sanitizers");
}

Test(local_time, without_a_table_there_is_none)
{
    struct local_time *none = NULL;
    cr_expect_eq(local_time_new(&none, "/nonexistent"), ERR_NOT_FOUND);
    cr_expect_eq(local_time_new(&none, "/dev/null"), ERR_NOT_FOUND);
    cr_expect_null(none);
}
