#include "workers/api/list_query.h"

#include "common/base/buf.h"
#include "common/sms/schedule.h"
#include "common/store/keys.h"

#include <stdio.h>

enum { PAGE_MOST = 1000000000, MARK_CAP = 1024, TIME_SIZE = 64, DATE_TEXT_SIZE = 10 };

#define LIST_NAME(member, name) name,
const char *const list_parameter_names[LIST_PARAMETER_COUNT + 1] = {LIST_PARAMETERS(LIST_NAME)
                                                                        NULL};
#undef LIST_NAME

static void invalid(struct problem *problem, enum list_parameter parameter, const char *what)
{
    const char *name = list_parameter_names[parameter];
    problem_parameter(problem, name, "invalid", "\"%s\" must be %s.", name, what);
}

/* --- each parameter --- */

static uint32_t read_number(const char *const *values, enum list_parameter parameter,
                            unsigned long long most, uint32_t when_absent, struct problem *problem)
{
    unsigned long long number = 0;
    char what[60];
    if (values[parameter] == NULL)
        return when_absent;
    if (str_to_uint(str_of(values[parameter]), most, &number) && number > 0)
        return (uint32_t)number;
    (void)snprintf(what, sizeof(what), "a whole number from 1 to %llu", most);
    invalid(problem, parameter, what);
    return when_absent;
}

static unsigned read_direction(const char *text, struct problem *problem)
{
    if (text == NULL)
        return LIST_ANY_STATUS;
    if (strcmp(text, "INBOUND") == 0)
        return LIST_STATUS(STATUS_RECEIVED);
    if (strcmp(text, "OUTBOUND") != 0)
        invalid(problem, LIST_PARAMETER_DIRECTION, "OUTBOUND or INBOUND");
    return LIST_OUTBOUND;
}

static unsigned read_status(const char *text, struct problem *problem)
{
    if (text == NULL)
        return LIST_ANY_STATUS;
    for (unsigned status = 0; status < STATUS_COUNT; status++) {
        if (strcmp(text, status_name(status)) == 0)
            return LIST_STATUS(status);
    }
    invalid(problem, LIST_PARAMETER_STATUS,
            "one of QUEUED, SCHEDULED, SENDING, SENT, DELIVERED, FAILED, CANCELLED, RECEIVED");
    return LIST_ANY_STATUS;
}

/* A '+' that was not escaped has become a space. */
static void read_to(struct list_request *request, const char *text, struct problem *problem)
{
    struct phone phone;
    char number[PHONE_MAX_DIGITS + 3] = "";
    if (text == NULL)
        return;
    (void)snprintf(number, sizeof(number), "%s", text);
    if (number[0] == ' ')
        number[0] = '+';
    if (phone_parse(&phone, number, strlen(number)) != ERR_OK) {
        invalid(problem, LIST_PARAMETER_TO, "a phone number such as +4799999999");
        return;
    }
    memcpy(request->to, phone.digits, sizeof(request->to));
    request->query.to = str_of(request->to);
}

static bool all_digits(const char *text)
{
    return text[strspn(text, "0123456789")] == '\0';
}

/* A phone, with or without '+', or a name. */
static void read_from(struct list_request *request, const char *text, struct problem *problem)
{
    if (text == NULL)
        return;
    if ((text[0] == '+' || text[0] == ' ') && all_digits(text + 1))
        text++;
    if (text[0] == '\0' || strlen(text) > LIST_FROM_SIZE) {
        invalid(problem, LIST_PARAMETER_FROM, "a phone number or a sender's name");
        return;
    }
    (void)snprintf(request->from, sizeof(request->from), "%s", text);
    request->query.from = str_of(request->from);
}

static void read_ref(struct list_request *request, const char *text, struct problem *problem)
{
    char what[40];
    if (text == NULL)
        return;
    if (strlen(text) > LIST_REF_MOST) {
        (void)snprintf(what, sizeof(what), "at most %d bytes long", LIST_REF_MOST);
        invalid(problem, LIST_PARAMETER_REF, what);
        return;
    }
    (void)snprintf(request->ref, sizeof(request->ref), "%s", text);
    request->query.ref = str_of(request->ref);
}

static void read_send(struct list_request *request, const char *text, struct problem *problem)
{
    if (text == NULL)
        return;
    request->query.of_send = true;
    if (id_parse(&request->query.send, str_of(text)) != ERR_OK)
        invalid(problem, LIST_PARAMETER_SEND, "the sms_message_id of a send");
    else if (id_number(request->query.send) != 0)
        request->nothing = true; /* a message's id, or no id of ours */
}

/* A moment; 0 when absent. An unescaped '+' before an offset has become a space. */
static int64_t read_time(const char *const *values, enum list_parameter parameter,
                         struct problem *problem)
{
    struct schedule_time time;
    char text[TIME_SIZE] = "";
    if (values[parameter] == NULL)
        return 0;
    (void)snprintf(text, sizeof(text), "%s", values[parameter]);
    char *space = strrchr(text, ' ');
    if (space != NULL && space - text > DATE_TEXT_SIZE)
        *space = '+';
    if (schedule_parse(&time, str_of(text)) == ERR_OK)
        return schedule_utc_ms(&time.civil, time.has_offset ? time.offset_minutes : 0);
    invalid(problem, parameter,
            "a date and time such as 2026-01-31T09:00:00Z (without an offset it is UTC)");
    return 0;
}

static void read_error(struct list_request *request, const char *text, struct problem *problem)
{
    if (text == NULL)
        return;
    enum error error = error_of_code(str_of(text));
    if (strcmp(text, error_code(error)) != 0) {
        problem_parameter(problem, "error_code", "invalid", "There is no such error code.");
        return;
    }
    request->query.error = error;
}

/* --- together --- */

static void mark_filters(struct list_request *request)
{
    const struct list_query *query = &request->query;
    struct buf text = {.cap = MARK_CAP}, mark = {.cap = LIST_MARK_SIZE};
    char send[ID_TEXT_SIZE] = "";
    if (query->of_send)
        id_format(send, query->send);
    buf_printf(&text, "%u %d %s %s %s %lld %lld %d %s", query->statuses, (int)query->error,
               request->to, request->from, send, (long long)query->after_ms,
               (long long)query->before_ms, query->ref.p != NULL, request->ref);
    keys_hash(&mark, buf_view(&text));
    memcpy(request->cursor.mark, mark.p, LIST_MARK_SIZE);
    buf_done(&text);
    buf_done(&mark);
}

void list_query_read_cursor(struct list_request *request,
                            const char *const values[LIST_PARAMETER_COUNT], struct problem *problem)
{
    struct list_cursor *cursor = &request->cursor;
    uint8_t mark[LIST_MARK_SIZE];
    const char *text = values[LIST_PARAMETER_CURSOR];
    if (text == NULL)
        return;
    if (values[LIST_PARAMETER_PAGE] != NULL)
        problem_parameter(problem, "cursor", "excluded",
                          "\"cursor\" and \"page\" can't be given together.");
    memcpy(mark, cursor->mark, sizeof(mark));
    enum err err = list_cursor_read(cursor, str_of(text), mark);
    if (err == ERR_OK)
        request->page = cursor->page;
    else if (err == ERR_CONFLICT)
        problem_parameter(problem, "cursor", "other_filters",
                          "\"cursor\" belongs to a list with other filters.");
    else
        invalid(problem, LIST_PARAMETER_CURSOR, "the next_cursor of an answer");
}

void list_query_read_filters(struct list_request *ret_request,
                             const char *const values[LIST_PARAMETER_COUNT],
                             struct problem *problem)
{
    struct list_request *request = ret_request;
    *request = (struct list_request){.cursor = {.total = -1}};
    struct list_query *query = &request->query;
    request->page = read_number(values, LIST_PARAMETER_PAGE, PAGE_MOST, 1, problem);
    request->page_size =
        read_number(values, LIST_PARAMETER_PAGE_SIZE, LIST_PAGE_SIZE_MOST, LIST_PAGE_SIZE, problem);
    query->statuses = read_direction(values[LIST_PARAMETER_DIRECTION], problem) &
                      read_status(values[LIST_PARAMETER_STATUS], problem);
    read_to(request, values[LIST_PARAMETER_TO], problem);
    read_from(request, values[LIST_PARAMETER_FROM], problem);
    read_ref(request, values[LIST_PARAMETER_REF], problem);
    read_send(request, values[LIST_PARAMETER_SEND], problem);
    query->after_ms = read_time(values, LIST_PARAMETER_AFTER, problem);
    query->before_ms = read_time(values, LIST_PARAMETER_BEFORE, problem);
    read_error(request, values[LIST_PARAMETER_ERROR], problem);
    request->nothing = request->nothing || query->statuses == 0 ||
                       (values[LIST_PARAMETER_BEFORE] != NULL && query->before_ms <= 0);
    if (query->after_ms < 0)
        query->after_ms = 0; /* nothing is older than 1970 */
    bool others = query->error != ERROR_NONE || query->to.n > 0 || query->from.n > 0 ||
                  query->after_ms != 0 || query->before_ms != 0 ||
                  query->statuses != LIST_ANY_STATUS;
    request->exact = !others && query->of_send != (query->ref.p != NULL);
    mark_filters(request);
}

void list_query_read(struct list_request *ret_request,
                     const char *const values[LIST_PARAMETER_COUNT], struct problem *problem)
{
    list_query_read_filters(ret_request, values, problem);
    list_query_read_cursor(ret_request, values, problem);
}
