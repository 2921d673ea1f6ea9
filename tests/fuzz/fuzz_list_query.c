#include "workers/api/list_query.h"

#include "common/base/buf.h"

#include <stdlib.h>

enum { MOST = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* A request that is taken keeps to its bounds, and a cursor of it is one for the same filters. */
static void check_request(const struct list_request *request, const char *const *values)
{
    char text[LIST_CURSOR_TEXT_SIZE];
    struct list_cursor cursor = request->cursor, again;
    check(request->page >= 1 && request->page_size >= 1 &&
          request->page_size <= LIST_PAGE_SIZE_MOST);
    check(request->query.statuses != 0 || request->nothing);
    check(request->query.after_ms >= 0);
    check(request->query.ref.n <= LIST_REF_MOST && request->query.from.n <= LIST_FROM_SIZE);
    check((request->query.ref.p != NULL) == (values[LIST_PARAMETER_REF] != NULL));
    cursor.page = request->page;
    list_cursor_write(text, &cursor);
    check(list_cursor_read(&again, str_of(text), request->cursor.mark) == ERR_OK);
    check(again.page == cursor.page && id_eq(again.place.below, cursor.place.below));
}

/* The input is the values of the parameters, one behind the other, each up to a NUL; an empty one is absent when its
 * number is odd. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct list_request request;
    char text[MOST + 1];
    const char *values[LIST_PARAMETER_COUNT] = {NULL};
    struct problem problem;
    size_t n = size < MOST ? size : MOST, at = 0;
    if (n > 0)
        memcpy(text, data, n);
    text[n] = '\0';
    for (size_t i = 0; i < LIST_PARAMETER_COUNT && at < n; i++) {
        values[i] = text[at] != '\0' || i % 2 == 0 ? text + at : NULL;
        at += strlen(text + at) + 1;
    }
    problem_init(&problem, 422);
    list_query_read(&request, values, &problem);
    if (problem.errors == 0)
        check_request(&request, values);
    problem_done(&problem);
    return 0;
}
