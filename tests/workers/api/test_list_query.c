#include "workers/api/list_query.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct list_request request;
static struct problem problem;

static void read_one(enum list_parameter parameter, const char *value)
{
    const char *values[LIST_PARAMETER_COUNT] = {NULL};
    values[parameter] = value;
    problem_init(&problem, 422);
    list_query_read(&request, values, &problem);
}

static void expect_fine(const char *name)
{
    cr_expect_eq(problem.errors, 0, "%s: %.*s", name, (int)problem.list.n, problem.list.p);
    problem_done(&problem);
}

static void expect_wrong(enum list_parameter parameter, const char *value)
{
    char name[40];
    read_one(parameter, value);
    (void)snprintf(name, sizeof(name), "\"parameter\":\"%s\"", list_parameter_names[parameter]);
    cr_expect_eq(problem.errors, 1, "%s=%s", list_parameter_names[parameter], value);
    cr_expect(problem.list.p != NULL && strstr(problem.list.p, name) != NULL, "%s=%s: %s",
              list_parameter_names[parameter], value, problem.list.p);
    problem_done(&problem);
}

Test(list_query, asks_for_all_without_parameters)
{
    read_one(LIST_PARAMETER_PAGE, NULL);
    expect_fine("none");
    cr_expect_eq(request.page, 1);
    cr_expect_eq(request.page_size, 50);
    cr_expect_eq(request.query.statuses, LIST_ANY_STATUS);
    cr_expect_eq(request.query.error, ERROR_NONE);
    cr_expect_null(request.query.ref.p);
    cr_expect(!request.query.of_send && !request.nothing && !request.exact);
    cr_expect(!request.cursor.place.set);
    cr_expect_eq(request.cursor.total, -1);
}

Test(list_query, reads_pages)
{
    static const char *const wrong[] = {"0", "-1", "1.5", "", "x", " 1", "1000000001"};
    read_one(LIST_PARAMETER_PAGE, "1000000000");
    expect_fine("page");
    cr_expect_eq(request.page, 1000000000);
    read_one(LIST_PARAMETER_PAGE_SIZE, "500");
    expect_fine("page_size");
    cr_expect_eq(request.page_size, 500);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        expect_wrong(LIST_PARAMETER_PAGE, wrong[i]);
        expect_wrong(LIST_PARAMETER_PAGE_SIZE, wrong[i]);
    }
    expect_wrong(LIST_PARAMETER_PAGE_SIZE, "501");
}

Test(list_query, reads_directions_and_statuses)
{
    const char *values[LIST_PARAMETER_COUNT] = {
        [LIST_PARAMETER_DIRECTION] = "INBOUND", [LIST_PARAMETER_STATUS] = "QUEUED"};
    read_one(LIST_PARAMETER_DIRECTION, "INBOUND");
    expect_fine("INBOUND");
    cr_expect_eq(request.query.statuses, LIST_STATUS(STATUS_RECEIVED));
    read_one(LIST_PARAMETER_DIRECTION, "OUTBOUND");
    expect_fine("OUTBOUND");
    cr_expect_eq(request.query.statuses, LIST_OUTBOUND);
    read_one(LIST_PARAMETER_STATUS, "DELIVERED");
    expect_fine("DELIVERED");
    cr_expect_eq(request.query.statuses, LIST_STATUS(STATUS_DELIVERED));
    expect_wrong(LIST_PARAMETER_DIRECTION, "inbound");
    expect_wrong(LIST_PARAMETER_STATUS, "delivered");
    expect_wrong(LIST_PARAMETER_STATUS, "");
    problem_init(&problem, 422);
    list_query_read(&request, values, &problem);
    expect_fine("both");
    cr_expect(request.nothing, "no message is QUEUED and was received");
}

Test(list_query, reads_numbers_senders_and_references)
{
    char longest[LIST_REF_MOST + 2];
    read_one(LIST_PARAMETER_TO, "+4799999999");
    expect_fine("to");
    cr_expect(str_eq(request.query.to, STR("4799999999")));
    read_one(LIST_PARAMETER_TO, " 4799999999");
    expect_fine("a plus that became a space");
    cr_expect(str_eq(request.query.to, STR("4799999999")));
    expect_wrong(LIST_PARAMETER_TO, "4799999999");
    expect_wrong(LIST_PARAMETER_TO, "+123");
    expect_wrong(LIST_PARAMETER_TO, "+47999999991234567890");
    read_one(LIST_PARAMETER_FROM, "MyBrand");
    expect_fine("from");
    cr_expect(str_eq(request.query.from, STR("MyBrand")));
    read_one(LIST_PARAMETER_FROM, "+4799999999");
    expect_fine("a phone");
    cr_expect(str_eq(request.query.from, STR("4799999999")));
    read_one(LIST_PARAMETER_FROM, "+47 Inc");
    expect_fine("a name with a plus");
    cr_expect(str_eq(request.query.from, STR("+47 Inc")));
    expect_wrong(LIST_PARAMETER_FROM, "");
    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    expect_wrong(LIST_PARAMETER_REF, longest);
    read_one(LIST_PARAMETER_REF, longest + 1);
    expect_fine("a long reference");
    cr_expect_eq(request.query.ref.n, LIST_REF_MOST);
    cr_expect(request.exact);
    read_one(LIST_PARAMETER_REF, "");
    expect_fine("an empty reference");
    cr_expect(request.query.ref.p != NULL && request.query.ref.n == 0);
}

Test(list_query, reads_sends_and_errors)
{
    read_one(LIST_PARAMETER_SEND, "019ab3c4-0000-7000-8000-000000000000");
    expect_fine("a send");
    cr_expect(request.query.of_send && request.exact && !request.nothing);
    read_one(LIST_PARAMETER_SEND, "019ab3c4-0000-7000-8000-000000000001");
    expect_fine("a message");
    cr_expect(request.nothing, "a message's id is no send's");
    expect_wrong(LIST_PARAMETER_SEND, "019ab3c4");
    read_one(LIST_PARAMETER_ERROR, "expired");
    expect_fine("an error");
    cr_expect_eq(request.query.error, ERROR_EXPIRED);
    expect_wrong(LIST_PARAMETER_ERROR, "no_such");
    expect_wrong(LIST_PARAMETER_ERROR, "");
}

Test(list_query, reads_moments)
{
    static const struct {
        const char *text;
        int64_t at_ms;
    } cases[] = {
        {"2025-12-17T09:00:00Z", INT64_C(1765962000000)},
        {"2025-12-17T09:00:00.250Z", INT64_C(1765962000250)},
        {"2025-12-17T10:00:00+01:00", INT64_C(1765962000000)},
        {"2025-12-17T10:00:00 01:00", INT64_C(1765962000000)}, /* a plus that became a space */
        {"2025-12-17T08:00-0100", INT64_C(1765962000000)},
        {"2025-12-17 09:00", INT64_C(1765962000000)},
        {"1969-12-31T23:00:00-01:00", 0}, /* refused below */
    };
    for (size_t i = 0; cases[i].at_ms != 0; i++) {
        read_one(LIST_PARAMETER_AFTER, cases[i].text);
        expect_fine(cases[i].text);
        cr_expect_eq(request.query.after_ms, cases[i].at_ms, "%s", cases[i].text);
        read_one(LIST_PARAMETER_BEFORE, cases[i].text);
        expect_fine(cases[i].text);
        cr_expect_eq(request.query.before_ms, cases[i].at_ms, "%s", cases[i].text);
    }
    expect_wrong(LIST_PARAMETER_AFTER, "1969-12-31T23:00:00-01:00");
    expect_wrong(LIST_PARAMETER_AFTER, "2025-12-17");
    expect_wrong(LIST_PARAMETER_BEFORE, "yesterday");
    expect_wrong(LIST_PARAMETER_BEFORE, "");
    read_one(LIST_PARAMETER_BEFORE, "1970-01-01T00:00:00Z");
    expect_fine("the first moment");
    cr_expect(request.nothing);
    read_one(LIST_PARAMETER_AFTER, "1970-01-01T00:00:00+02:00");
    expect_fine("before the first moment");
    cr_expect(!request.nothing);
    cr_expect_eq(request.query.after_ms, 0);
}

Test(list_query, takes_a_cursor_with_the_filters_that_it_came_with)
{
    char text[LIST_CURSOR_TEXT_SIZE];
    const char *values[LIST_PARAMETER_COUNT] = {[LIST_PARAMETER_STATUS] = "FAILED"};
    read_one(LIST_PARAMETER_STATUS, "FAILED");
    expect_fine("without a cursor");
    request.cursor.place = (struct list_place){.set = true, .window = -1};
    request.cursor.page = 7;
    list_cursor_write(text, &request.cursor);

    values[LIST_PARAMETER_CURSOR] = text;
    problem_init(&problem, 422);
    list_query_read(&request, values, &problem);
    expect_fine("the same filters");
    cr_expect_eq(request.page, 7);
    cr_expect(request.cursor.place.set);
    values[LIST_PARAMETER_PAGE] = "1";
    problem_init(&problem, 422);
    list_query_read(&request, values, &problem);
    cr_expect_eq(problem.errors, 1, "page and cursor");
    problem_done(&problem);
    expect_wrong(LIST_PARAMETER_CURSOR, text); /* other filters */
    expect_wrong(LIST_PARAMETER_CURSOR, "x");
}
