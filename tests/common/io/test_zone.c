#include "common/io/zone.h"

#include <criterion/criterion.h>
#include <string.h>

Test(zone, turns_local_times_into_utc)
{
    static const struct {
        const char *name, *zone;
        struct civil civil;
        int64_t utc_s;
    } cases[] = {
        {"winter in Oslo", "Europe/Oslo", {2025, 12, 17, 9, 0, 0, 0}, 1765958400},
        {"summer in Oslo", "Europe/Oslo", {2026, 7, 1, 9, 0, 0, 0}, 1782889200},
        {"UTC", "UTC", {2025, 12, 17, 9, 0, 0, 0}, 1765962000},
        {"a skipped time is moved on by the gap",
         "Europe/Oslo",
         {2026, 3, 29, 2, 30, 0, 0},
         1774747800},
        {"of a doubled time the earlier", "Europe/Oslo", {2026, 10, 25, 2, 30, 0, 0}, 1792888200},
        {"Mexico, which has no summer time since 2022",
         "America/Mexico_City",
         {2026, 7, 1, 12, 0, 0, 0},
         1782928800},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t got_ms = 0;
        enum err err = zone_to_utc(&got_ms, cases[i].zone, strlen(cases[i].zone), &cases[i].civil);
        cr_expect_eq(err, ERR_OK, "%s: %s", cases[i].name, err_text(err));
        cr_expect_eq(got_ms, cases[i].utc_s * 1000, "%s: %lld", cases[i].name,
                     (long long)got_ms / 1000);
    }
}

Test(zone, knows_names_and_nothing_else)
{
    static const char *const unknown[] = {
        "",         "Europe",       "Europe/Nowhere", "/etc/localtime", "../UTC",
        "UTC\nUTC", "Europe//Oslo", "Europe/Oslo/",   "localtime",      "Europe/Øslo"};
    cr_expect(zone_known("Europe/Stockholm", 16));
    cr_expect(zone_known("America/Argentina/Buenos_Aires", 30));
    cr_expect(zone_known("Etc/GMT+5", 9));
    cr_expect(!zone_known(NULL, 0));
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        cr_expect(!zone_known(unknown[i], strlen(unknown[i])), "%s", unknown[i]);
}
