#include "common/sms/sweep.h"

#include <criterion/criterion.h>

#define SEND "01a20d7f-529f-7e3c-b9f1-363aeb000000"

static enum err parse(struct sweep *sweep, const char *text)
{
    return sweep_parse(sweep, str_of(text));
}

Test(sweep, is_read_as_it_was_written)
{
    struct sweep sweep = {.account = "acme", .next = 4711}, read;
    char name[CHUNK_NAME_SIZE];
    struct buf record = {.cap = 500};
    cr_assert_eq(id_parse(&sweep.send, STR(SEND)), ERR_OK);
    sweep_write(&record, &sweep);
    cr_assert(sweep_is(buf_view(&record)));
    cr_assert_eq(sweep_parse(&read, buf_view(&record)), ERR_OK);
    cr_expect_str_eq(read.account, "acme");
    cr_expect(id_eq(read.send, sweep.send));
    cr_expect_eq(read.next, 4711);
    sweep_name(name, &read);
    cr_expect_str_eq(name, "sweep/acme/01a20d7f529f7e3cb9f1363aeb");
    buf_done(&record);
}

Test(sweep, other_records_are_none)
{
    cr_expect_not(sweep_is(STR("{\"v\":1,\"account\":\"acme\"}")));
    cr_expect_not(sweep_is(STR("")));
    cr_expect_not(sweep_is((struct str){0}));
}

Test(sweep, what_is_wrong_is_refused)
{
    static const char *const wrong[] = {
        "",
        "{\"kind\":\"sweep\"",
        "{\"kind\":\"sweep\",\"v\":1,\"send\":\"" SEND "\",\"next\":0}",
        "{\"kind\":\"sweep\",\"v\":1,\"account\":\"{a}\",\"send\":\"" SEND "\",\"next\":0}",
        "{\"kind\":\"sweep\",\"v\":1,\"account\":\"acme\",\"send\":\"x\",\"next\":0}",
        "{\"kind\":\"sweep\",\"v\":1,\"account\":\"acme\",\"send\":\"" SEND "\",\"next\":-1}",
        "{\"kind\":\"job\",\"v\":1,\"account\":\"acme\",\"send\":\"" SEND "\",\"next\":0}",
    };
    struct sweep sweep;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        cr_expect_eq(parse(&sweep, wrong[i]), ERR_SYNTAX, "%s", wrong[i]);
    cr_expect_eq(parse(&sweep, "{\"kind\":\"sweep\",\"v\":2}"), ERR_VERSION);
}
