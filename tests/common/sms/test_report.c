#include "common/sms/report.h"

#include <criterion/criterion.h>

#define ID    "\"message\":\"019c1234-5678-7abc-89ab-cdef01000002\""
#define START "{\"v\":1,\"account\":\"acme\"," ID ","

static void expect_round_trip(const struct report *report)
{
    struct buf record = {.cap = 1024};
    struct report again;
    report_write(&record, report);
    cr_assert(!record.full);
    cr_assert_eq(report_parse(&again, buf_view(&record)), ERR_OK, "%s", record.p);
    cr_expect_str_eq(again.account, report->account);
    cr_expect(id_eq(again.message, report->message));
    cr_expect_eq(again.attempt, report->attempt);
    cr_expect_eq(again.state, report->state);
    cr_expect_eq(again.error, report->error);
    cr_expect_eq(again.at_ms, report->at_ms > 0 ? report->at_ms : 0, "%s", record.p);
    buf_done(&record);
}

Test(report, what_is_written_is_read)
{
    static const int64_t times[] = {0, 1, 1769854272345, 253402300799999};
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        struct report report = {.account = "acme", .attempt = 65535, .at_ms = times[i]};
        cr_assert_eq(id_parse(&report.message, STR("019c1234-5678-7abc-89ab-cdef01000002")),
                     ERR_OK);
        expect_round_trip(&report);
        for (unsigned error = ERROR_OTHER; error <= ERROR_UNDELIVERABLE; error++) {
            report.state = REPORT_FAILED;
            report.error = error_of_number(error);
            expect_round_trip(&report);
        }
    }
}

Test(report, a_time_before_1970_is_none)
{
    struct report report = {.account = "acme", .attempt = 1, .at_ms = -62135596800000};
    expect_round_trip(&report); /* the year 1: what some carriers send for "no time" */
}

Test(report, parse)
{
    static const struct {
        const char *name, *record;
        enum err want;
    } cases[] = {
        {"delivered", START "\"attempt\":1,\"state\":\"delivered\",\"at\":0}", ERR_OK},
        {"failed", START "\"attempt\":1,\"state\":\"failed\",\"error\":\"expired\",\"at\":5}",
         ERR_OK},
        {"failed without a word", START "\"attempt\":1,\"state\":\"failed\",\"at\":5}", ERR_OK},
        {"empty", "", ERR_SYNTAX},
        {"not JSON", "{", ERR_SYNTAX},
        {"not an object", "[1]", ERR_SYNTAX},
        {"a later version", "{\"v\":2}", ERR_VERSION},
        {"no version", "{\"account\":\"acme\"}", ERR_SYNTAX},
        {"no account", "{\"v\":1," ID ",\"attempt\":1,\"state\":\"delivered\",\"at\":0}",
         ERR_SYNTAX},
        {"no message", "{\"v\":1,\"account\":\"acme\",\"attempt\":1,\"state\":\"failed\",\"at\":0}",
         ERR_SYNTAX},
        {"a bad account",
         "{\"v\":1,\"account\":\"A\"," ID ",\"attempt\":1,\"state\":\"failed\",\"at\":0}",
         ERR_SYNTAX},
        {"no attempt", START "\"state\":\"delivered\",\"at\":0}", ERR_SYNTAX},
        {"a negative attempt", START "\"attempt\":-1,\"state\":\"delivered\",\"at\":0}",
         ERR_SYNTAX},
        {"too many attempts", START "\"attempt\":65536,\"state\":\"delivered\",\"at\":0}",
         ERR_SYNTAX},
        {"no state", START "\"attempt\":1,\"at\":0}", ERR_SYNTAX},
        {"an unknown state", START "\"attempt\":1,\"state\":\"lost\",\"at\":0}", ERR_SYNTAX},
        {"no time", START "\"attempt\":1,\"state\":\"delivered\"}", ERR_SYNTAX},
        {"a time that is none", START "\"attempt\":1,\"state\":\"delivered\",\"at\":\"0\"}",
         ERR_SYNTAX},
        {"a negative time", START "\"attempt\":1,\"state\":\"delivered\",\"at\":-1}", ERR_SYNTAX},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct report report = {.attempt = 77};
        enum err err = report_parse(&report, str_of(cases[i].record));
        cr_expect_eq(err, cases[i].want, "%s: got %s", cases[i].name, err_text(err));
        cr_expect_eq(report.attempt, err == ERR_OK ? 1 : 77, "%s", cases[i].name);
    }
}

Test(report, an_unknown_word_is_undeliverable)
{
    struct report report;
    cr_assert_eq(report_parse(&report, STR(START "\"attempt\":1,\"state\":\"failed\",\"error\":"
                                                 "\"cosmic rays\",\"at\":5}")),
                 ERR_OK);
    cr_expect_eq(report.error, ERROR_UNDELIVERABLE);
}
