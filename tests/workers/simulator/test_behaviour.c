#include "workers/simulator/behaviour.h"

#include <criterion/criterion.h>

static const char all_default[] =
    "{\"seed\":7,\"latency_ms\":0,\"failure_rate\":0,\"failure_status\":500,"
    "\"accept_before_failure\":false,\"reject_rate\":0,\"reject_error\":\"rejected\","
    "\"throttle_per_s\":0,\"throttle_rate\":0,\"hang_up_rate\":0,"
    "\"hang_up_after_accept_rate\":0,\"never_answer_rate\":0,\"bad_json_rate\":0,"
    "\"late_rate\":0,\"late_ms\":6000,\"cut_off_rate\":0,\"drip_rate\":0,"
    "\"report\":{\"enabled\":true,\"delay_ms\":0,\"overtakes\":false,"
    "\"status\":\"delivered\",\"fail_rate\":0,\"repeat\":0,\"reorder\":false,\"held\":false}}";

static void expect_json(const struct behaviour *b, struct str want)
{
    struct buf got = {.cap = 4096};
    behaviour_write(b, &got);
    cr_expect(str_eq(buf_view(&got), want), "got %s, want %s", got.p, want.p);
    buf_done(&got);
}

Test(behaviour, default_is_written_with_every_field)
{
    struct behaviour b;
    behaviour_default(&b, 7);
    expect_json(&b, STR(all_default));
}

Test(behaviour, what_is_written_can_be_read_again)
{
    struct behaviour_fault fault;
    struct behaviour b, again;
    struct buf json = {.cap = 4096};
    behaviour_default(&b, 99);
    behaviour_default(&again, 1);
    cr_assert_eq(behaviour_update(&b,
                                  STR("{\"latency_ms\":[5,50],\"failure_rate\":0.125,"
                                      "\"reject_error\":\"\\\"no\\\"\",\"throttle_per_s\":100,"
                                      "\"report\":{\"delay_ms\":[0,3600000],\"repeat\":2,"
                                      "\"reorder\":true,\"enabled\":false}}"),
                                  &fault),
                 ERR_OK, "%s", fault.text);
    behaviour_write(&b, &json);
    cr_assert_eq(behaviour_update(&again, buf_view(&json), &fault), ERR_OK, "%s", fault.text);
    expect_json(&again, buf_view(&json));
    buf_done(&json);
}

Test(behaviour, absent_fields_keep_their_value)
{
    struct behaviour_fault fault;
    struct behaviour b;
    behaviour_default(&b, 1);
    cr_assert_eq(
        behaviour_update(&b, STR("{\"reject_rate\":0.5,\"report\":{\"repeat\":3}}"), &fault),
        ERR_OK);
    cr_assert_eq(behaviour_update(&b, STR("{\"report\":{\"fail_rate\":1}}"), &fault), ERR_OK);
    cr_expect_float_eq(b.reject_rate, 0.5, 1e-9);
    cr_expect_eq(b.report.repeat_count, 3);
    cr_expect_float_eq(b.report.fail_rate, 1, 1e-9);
}

Test(behaviour, wrong_ones_are_named_and_change_nothing)
{
    static const struct {
        const char *name, *json, *want;
        enum err err;
    } cases[] = {
        {"no json", "{", "not a JSON object: ", ERR_SYNTAX},
        {"an array", "[]", "not a JSON object", ERR_SYNTAX},
        {"twice", "{\"seed\":1,\"seed\":2}", "not a JSON object: duplicate", ERR_SYNTAX},
        {"unknown", "{\"failure_rat\":1}", "failure_rat is not a field", ERR_RANGE},
        {"unknown below", "{\"report\":{\"dely\":1}}", "report.dely is not a field", ERR_RANGE},
        {"not an object", "{\"report\":true}", "report must be an object", ERR_RANGE},
        {"rate over 1", "{\"reject_rate\":1.01}", "reject_rate must be", ERR_RANGE},
        {"rate under 0", "{\"reject_rate\":-0.1}", "reject_rate must be", ERR_RANGE},
        {"rate as text", "{\"reject_rate\":\"1\"}", "reject_rate must be", ERR_RANGE},
        {"status", "{\"failure_status\":200}", "failure_status must be", ERR_RANGE},
        {"count with a fraction", "{\"throttle_per_s\":1.5}", "throttle_per_s must be", ERR_RANGE},
        {"flag", "{\"accept_before_failure\":1}", "accept_before_failure must be", ERR_RANGE},
        {"span backwards", "{\"latency_ms\":[5,4]}", "latency_ms must be", ERR_RANGE},
        {"span of three", "{\"latency_ms\":[1,2,3]}", "latency_ms must be", ERR_RANGE},
        {"span below", "{\"report\":{\"delay_ms\":-1}}", "report.delay_ms must be", ERR_RANGE},
        {"text empty", "{\"reject_error\":\"\"}", "reject_error must be", ERR_RANGE},
        {"text of 32", "{\"report\":{\"status\":\"12345678901234567890123456789012\"}}",
         "report.status must be", ERR_RANGE},
        {"after a good one", "{\"failure_rate\":0.9,\"seed\":-1}", "seed must be", ERR_RANGE},
        {"sum over 1", "{\"failure_rate\":0.6,\"hang_up_rate\":0.5}", "the rates of", ERR_RANGE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct behaviour_fault fault = {""};
        struct behaviour b;
        behaviour_default(&b, 7);
        cr_expect_eq(behaviour_update(&b, str_of(cases[i].json), &fault), cases[i].err, "%s",
                     cases[i].name);
        cr_expect(str_starts(str_of(fault.text), str_of(cases[i].want)), "%s: got %s, want %s...",
                  cases[i].name, fault.text, cases[i].want);
        expect_json(&b, STR(all_default));
    }
}

Test(behaviour, each_rate_leads_to_its_fate)
{
    static const struct {
        const char *json;
        enum behaviour_fate want;
        bool accepts;
    } cases[] = {
        {"{}", FATE_ACCEPT, true},
        {"{\"failure_rate\":1}", FATE_FAIL, false},
        {"{\"failure_rate\":1,\"accept_before_failure\":true}", FATE_ACCEPT_AND_FAIL, true},
        {"{\"reject_rate\":1}", FATE_REJECT, false},
        {"{\"throttle_rate\":1}", FATE_THROTTLE, false},
        {"{\"hang_up_rate\":1}", FATE_HANG_UP, false},
        {"{\"hang_up_after_accept_rate\":1}", FATE_ACCEPT_AND_HANG_UP, true},
        {"{\"never_answer_rate\":1}", FATE_NEVER_ANSWER, false},
        {"{\"bad_json_rate\":1}", FATE_BAD_JSON, true},
        {"{\"late_rate\":1}", FATE_LATE, true},
        {"{\"cut_off_rate\":1}", FATE_CUT_OFF, true},
        {"{\"drip_rate\":1}", FATE_DRIP, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct behaviour_fault fault;
        struct behaviour_throttle throttle = {0};
        struct dice dice = {i};
        struct behaviour b;
        behaviour_default(&b, 1);
        cr_assert_eq(behaviour_update(&b, str_of(cases[i].json), &fault), ERR_OK);
        for (int n = 0; n < 100; n++)
            cr_expect_eq(behaviour_decide(&b, &throttle, &dice, 0), cases[i].want, "%s",
                         cases[i].json);
        cr_expect_eq(behaviour_accepts(cases[i].want), cases[i].accepts, "%s", cases[i].json);
    }
}

Test(behaviour, rates_come_out_as_asked_and_repeat_with_the_seed)
{
    enum { ROLLS = 100000 };
    struct behaviour_throttle throttle = {0};
    struct dice dice = {42}, again = {42};
    struct behaviour b;
    int counts[FATE_COUNT] = {0};
    behaviour_default(&b, 42);
    b.failure_rate = 0.3;
    b.hang_up_rate = 0.1;
    for (int i = 0; i < ROLLS; i++) {
        enum behaviour_fate fate = behaviour_decide(&b, &throttle, &dice, 0);
        cr_assert_eq(fate, behaviour_decide(&b, &throttle, &again, 0));
        counts[fate]++;
    }
    cr_expect_float_eq(counts[FATE_FAIL], 0.3 * ROLLS, 0.01 * ROLLS);
    cr_expect_float_eq(counts[FATE_HANG_UP], 0.1 * ROLLS, 0.01 * ROLLS);
    cr_expect_float_eq(counts[FATE_ACCEPT], 0.6 * ROLLS, 0.01 * ROLLS);
}

Test(behaviour, throttle_lets_through_so_many_a_second)
{
    struct behaviour_throttle throttle = {0};
    struct dice dice = {1};
    struct behaviour b;
    behaviour_default(&b, 1);
    b.throttle_per_s = 10;
    for (int64_t second = 5; second < 8; second++) {
        int accepted = 0;
        for (int i = 0; i < 100; i++)
            accepted += behaviour_decide(&b, &throttle, &dice, second * 1000 + i) == FATE_ACCEPT;
        cr_expect_eq(accepted, 10, "got %d in second %d", accepted, (int)second);
    }
}

Test(behaviour, span_reaches_both_ends_and_not_beyond)
{
    struct dice dice = {3};
    bool seen[4] = {false};
    for (int i = 0; i < 1000; i++) {
        int64_t ms = behaviour_span_ms((struct behaviour_span){10, 13}, &dice);
        cr_assert(ms >= 10 && ms <= 13, "got %d", (int)ms);
        seen[ms - 10] = true;
    }
    cr_expect(seen[0] && seen[1] && seen[2] && seen[3]);
    cr_expect_eq(behaviour_span_ms((struct behaviour_span){7, 7}, &dice), 7);
}
