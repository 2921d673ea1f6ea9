/*
 * list_query.h - the query parameters of the list, read and checked.
 *
 * Units    ms; pages from 1.
 * Owns     nothing: texts of the query point into the struct itself, so it must not be moved.
 * Errors   told in the problem, each at its parameter.
 * Threads  pure.
 * Source   the API's documentation.
 */
#ifndef WORKERS_API_LIST_QUERY_H
#define WORKERS_API_LIST_QUERY_H

#include "common/sms/phone.h"
#include "workers/api/list_cursor.h"
#include "workers/api/problem.h"

enum { LIST_PAGE_SIZE = 50, LIST_PAGE_SIZE_MOST = 500, LIST_REF_MOST = 255 };

#define LIST_PARAMETERS(X)                                                                         \
    X(PAGE, "page")                                                                                \
    X(PAGE_SIZE, "page_size")                                                                      \
    X(CURSOR, "cursor")                                                                            \
    X(DIRECTION, "direction")                                                                      \
    X(STATUS, "status")                                                                            \
    X(TO, "to")                                                                                    \
    X(FROM, "from")                                                                                \
    X(REF, "customer_ref")                                                                         \
    X(SEND, "send_id")                                                                             \
    X(AFTER, "created_after")                                                                      \
    X(BEFORE, "created_before")                                                                    \
    X(ERROR, "error_code")

#define LIST_ENUM(member, name) LIST_PARAMETER_##member,
enum list_parameter { LIST_PARAMETERS(LIST_ENUM) LIST_PARAMETER_COUNT };
#undef LIST_ENUM

/* Their names, and a NULL. */
extern const char *const list_parameter_names[LIST_PARAMETER_COUNT + 1];

struct list_request {
    struct list_query query;
    bool nothing; /* the filters exclude each other */
    bool exact;   /* the total is counted to its end, however many there are */
    uint32_t page;
    unsigned page_size;
    struct list_cursor cursor; /* its place is set when one was given; the mark always */
    char to[PHONE_MAX_DIGITS + 1], from[LIST_FROM_SIZE + 1], ref[LIST_REF_MOST + 1];
};

/* values[p]: what was given for parameter p; NULL: nothing. */
void list_query_read(struct list_request *ret_request,
                     const char *const values[LIST_PARAMETER_COUNT], struct problem *problem);
/* The same in two steps, for who has more filters: they must be in the cursor's mark before it is read. */
void list_query_read_filters(struct list_request *ret_request,
                             const char *const values[LIST_PARAMETER_COUNT],
                             struct problem *problem);
void list_query_read_cursor(struct list_request *request,
                            const char *const values[LIST_PARAMETER_COUNT],
                            struct problem *problem);

#endif
