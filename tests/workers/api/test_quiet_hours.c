#include "workers/api/quiet_hours.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static struct quiet read_as(const char *body, bool of_account, struct problem *problem)
{
    json_t *root = json_loads(body, 0, NULL);
    problem_init(problem, 422);
    struct quiet quiet =
        of_account ? quiet_hours_read_default(root, problem) : quiet_hours_read(root, problem);
    json_decref(root);
    return quiet;
}

Test(quiet_hours, of_a_send)
{
    struct problem problem;
    struct quiet quiet =
        read_as("{\"quiet_hours\":{\"from\":\"21:00\",\"to\":\"07:30\"}}", false, &problem);
    cr_expect(quiet.given && quiet.from_min == 1260 && quiet.to_min == 450);
    cr_expect_eq(problem.errors, 0);
    cr_expect(!read_as("{}", false, &problem).given);
    cr_expect(!read_as("{\"quiet_hours\":null}", false, &problem).given);
    cr_expect_eq(problem.errors, 0);
    quiet = read_as("{\"quiet_hours\":{\"from\":\"00:00\",\"to\":\"00:00\"}}", false, &problem);
    cr_expect(quiet.given && quiet.from_min == quiet.to_min, "none, whatever the account's");
}

Test(quiet_hours, what_is_wrong)
{
    static const char *const cases[][2] = {
        {"5", "/quiet_hours\""},
        {"{}", "/quiet_hours/from"},
        {"{\"from\":\"21:00\"}", "/quiet_hours/to"},
        {"{\"from\":\"9 pm\",\"to\":\"08:00\"}", "/quiet_hours/from"},
        {"{\"from\":\"21:00\",\"to\":\"24:00\"}", "/quiet_hours/to"},
        {"{\"from\":\"21:00\",\"to\":\"08:00\",\"zone\":\"UTC\"}", "/quiet_hours\""},
        {"{\"from\":\"08:00\",\"to\":\"07:59\"}", "too_long"},
        {"{\"from\":\"00:00\",\"to\":\"20:01\"}", "too_long"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char body[200];
        struct problem problem;
        (void)snprintf(body, sizeof(body), "{\"quiet_hours\":%s}", cases[i][0]);
        cr_expect(!read_as(body, false, &problem).given, "%s", body);
        cr_expect_gt(problem.errors, 0, "%s", body);
        cr_expect_not_null(strstr(problem.list.p, cases[i][1]), "%s: %s", body, problem.list.p);
        problem_done(&problem);
    }
}

Test(quiet_hours, an_account_may_have_none)
{
    struct problem problem;
    struct buf out = {.cap = 200};
    struct quiet quiet = read_as("{\"quiet_hours\":{}}", true, &problem);
    cr_expect(quiet.given && quiet.from_min == quiet.to_min);
    quiet = read_as("{\"quiet_hours\":{\"from\":null,\"to\":null}}", true, &problem);
    cr_expect(quiet.given && quiet.from_min == quiet.to_min);
    quiet_hours_write(&out, &quiet);
    cr_expect_str_eq(out.p, ",\"quiet_hours\":{\"from\":null,\"to\":null}");
    quiet = read_as("{\"quiet_hours\":{\"from\":\"22:05\",\"to\":\"06:00\"}}", true, &problem);
    buf_clear(&out);
    quiet_hours_write(&out, &quiet);
    cr_expect_str_eq(out.p, ",\"quiet_hours\":{\"from\":\"22:05\",\"to\":\"06:00\"}");
    cr_expect_eq(problem.errors, 0);
    cr_expect(!read_as("{}", true, &problem).given);
    buf_done(&out);
}
