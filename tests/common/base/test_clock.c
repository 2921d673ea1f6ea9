#include "common/base/clock.h"

#include <criterion/criterion.h>

Test(clock, text_forms)
{
    static const struct {
        int64_t at_ms;
        const char *s, *ms, *day;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z", "19700101"},
        {951782400007, "2000-02-29T00:00:00Z", "2000-02-29T00:00:00.007Z", "20000229"},
        {1769854272345, "2026-01-31T10:11:12Z", "2026-01-31T10:11:12.345Z", "20260131"},
        {1798761599999, "2026-12-31T23:59:59Z", "2026-12-31T23:59:59.999Z", "20261231"},
        {253402300799999, "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999Z", "99991231"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[CLOCK_TEXT_SIZE];
        clock_format_s(text, cases[i].at_ms);
        cr_expect_str_eq(text, cases[i].s, "got %s", text);
        clock_format_ms(text, cases[i].at_ms);
        cr_expect_str_eq(text, cases[i].ms, "got %s", text);
        clock_format_day(text, cases[i].at_ms);
        cr_expect_str_eq(text, cases[i].day, "got %s", text);
    }
}

Test(clock, goes_forward)
{
    int64_t before_ms = clock_mono_ms();
    cr_expect(clock_mono_ms() >= before_ms);
    cr_expect(clock_wall_ms() > INT64_C(1700000000000));
}
