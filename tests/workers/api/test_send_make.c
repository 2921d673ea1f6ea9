#include "workers/api/send_make.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const int64_t NOW_MS = INT64_C(1769854272000); /* 2026-01-31T10:11:12Z */

static struct send_request request;
static struct send_made made;
static struct problem problem;

/* Makes a send of a body; true: without errors. */
static bool make(const char *body, int64_t members)
{
    const struct chunk shared = {.account = "acme"};
    cr_assert(send_request_read(&request, str_of(body), NOW_MS, &problem), "%s", problem.detail.p);
    problem_init(&problem, 422);
    send_make(&made, &request, &shared, members, &problem);
    return problem.errors == 0;
}

static void done(void)
{
    send_make_done(&made);
    send_request_done(&request);
    problem_done(&problem);
}

#define KARI  "{\"to\":\"+4799999901\",\"variables\":{\"name\":\"Kari\"}}"
#define OLA   "{\"to\":\"+4799999902\"}"
#define GROUP "\"to_groups\":[\"019c1234-5678-7abc-89ab-cdef01000000\"]"

Test(send_make, one_number_is_a_single_send)
{
    cr_assert(make("{\"to\":[\"+4799999901\"],\"message\":\"Hello\"}", 0));
    cr_expect_not(made.is_job);
    cr_expect(made.chunk.single);
    cr_expect_eq(made.chunk.to_count, 1);
    cr_expect_eq(made.units, 1);
    cr_expect_null(made.chunk.items);
    done();
}

Test(send_make, a_single_template_is_filled_in)
{
    cr_assert(make("{\"recipients\":[" KARI "],\"message\":\"Hello {{name}} \\u2019\"}", 0));
    cr_expect(made.chunk.single);
    cr_expect(str_eq(made.chunk.body, STR("Hello Kari \xe2\x80\x99")));
    cr_expect_eq(made.chunk.encoding, SEGMENTS_UCS2);
    cr_expect(made.unicode);
    done();
}

Test(send_make, each_gets_a_text_of_their_own)
{
    cr_assert(make("{\"recipients\":[" KARI "," OLA "],\"message\":\"Hello {{name|you}}\"}", 0));
    cr_expect_not(made.chunk.single);
    cr_assert_eq(made.chunk.to_count, 2);
    cr_expect(str_eq(chunk_item(&made.chunk, 0).body, STR("Hello Kari")));
    cr_expect(str_eq(chunk_item(&made.chunk, 1).body, STR("Hello you")));
    cr_expect_eq(made.units, 2);
    done();
}

Test(send_make, a_missing_value_is_an_error_at_its_recipient)
{
    cr_expect_not(make("{\"recipients\":[" KARI "," OLA "],\"message\":\"Hello {{name}}\"}", 0));
    cr_expect_eq(problem.errors, 1);
    buf_char(&problem.list, '\0');
    cr_expect_not_null(strstr(problem.list.p, "\"/recipients/1\""), "%s", problem.list.p);
    cr_expect_not_null(strstr(problem.list.p, "missing_variable"));
    done();
}

Test(send_make, or_is_left_out)
{
    cr_assert(make("{\"recipients\":[" OLA "," KARI "],\"message\":\"Hello {{name}}\","
                   "\"skip_invalid\":true}",
                   0));
    cr_expect_eq(made.to_count, 1);
    cr_expect(made.chunk.single);
    cr_expect(str_eq(made.chunk.body, STR("Hello Kari")));
    cr_expect_eq(request.invalid_count, 1);
    cr_expect_str_eq(request.invalid[0].value, "+4799999902");
    done();
}

Test(send_make, values_can_make_it_too_long_but_not_large)
{
    struct buf body = {.cap = 1 << 20};
    buf_text(&body, "{\"recipients\":[{\"to\":\"+4799999901\",\"variables\":{\"a\":\"");
    for (int i = 0; i < 6000; i++)
        buf_char(&body, 'x');
    buf_text(&body, "\"}}],\"message\":\"");
    for (int i = 0; i < 2000; i++)
        buf_text(&body, "{{a}}");
    buf_text(&body, "\"}");
    buf_char(&body, '\0');
    cr_expect_not(make(body.p, 0));
    cr_expect_not_null(strstr(problem.detail.p, "too long"), "%s", problem.detail.p);
    done();
    buf_done(&body);
}

Test(send_make, groups_and_more_than_a_chunk_are_jobs)
{
    struct buf body = {.cap = 1 << 20};
    cr_assert(make("{" GROUP ",\"message\":\"Hello\"}", 1234));
    cr_expect(made.is_job);
    cr_expect_eq(made.job.group_count, 1);
    cr_expect_eq(made.units, 1234);
    cr_expect_eq(send_make_recipients(&made), 1234);
    done();
    buf_text(&body, "{\"message\":\"Hello {{name|you}}\",\"to\":[");
    for (int i = 0; i < 3 * CHUNK_MAX; i++)
        buf_printf(&body, "%s\"+479999%04d\"", i > 0 ? "," : "", i);
    buf_text(&body, "]}");
    buf_char(&body, '\0');
    cr_assert(make(body.p, 0));
    cr_expect(made.is_job);
    cr_expect(made.job.template);
    cr_expect_eq(made.job.to_count, 3 * CHUNK_MAX);
    cr_expect_eq(made.units, 3 * CHUNK_MAX);
    done();
    buf_done(&body);
}

Test(send_make, a_template_for_a_group_is_estimated)
{
    cr_assert(make("{" GROUP ",\"to\":[\"+4799999901\"],\"message\":\"Hello {{name|you}}\"}", 10));
    cr_expect_eq(made.units, 11);
    cr_expect_eq(made.to_count, 1);
    done();
}
