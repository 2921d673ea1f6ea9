/*
 * problem.h - answers that say what was wrong: application/problem+json.
 *
 *     {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"...","errors":[
 *         {"pointer":"/to/0","code":"invalid_number","detail":"..."}]}
 *
 * An error at a query parameter has its name as "parameter" in the pointer's place.
 *
 * Units    none.
 * Owns     a struct problem its texts, until problem_answer or problem_done.
 * Errors   none; more than PROBLEM_MAX_ERRORS are counted, not listed.
 * Threads  the loop's.
 * Source   RFC 9457; `errors` with JSON pointers (RFC 6901) as in its example; `detail` is what
 *          clients of the API read.
 */
#ifndef WORKERS_API_PROBLEM_H
#define WORKERS_API_PROBLEM_H

#include "common/base/buf.h"
#include "common/io/httpd.h"

#include <stdint.h>

enum { PROBLEM_MAX_ERRORS = 20 };

struct problem {
    int status;
    unsigned errors;
    struct buf detail; /* of the whole; that of the first error when empty */
    struct buf list;   /* the errors, as JSON, separated by commas */
};

void problem_init(struct problem *p, int status);
void problem_done(struct problem *p);
/* Adds an error at a JSON pointer ("" = the whole body). The status stays. */
void problem_error(struct problem *p, const char *pointer, const char *code, const char *format,
                   ...) __attribute__((format(printf, 4, 5)));
/* The same at a query parameter; the name must be UTF-8. */
void problem_parameter(struct problem *p, const char *name, const char *code, const char *format,
                       ...) __attribute__((format(printf, 4, 5)));

/* Answers and ends the request. */
void problem_answer(struct httpd_req *own_req, struct problem *own_problem);
/* The same for a problem that has a detail only. */
void problem_simple(struct httpd_req *own_req, int status, const char *detail);
/* 503 with Retry-After: surely not done. */
void problem_unavailable(struct httpd_req *own_req, const char *detail);
/* The same with further members: `"remaining":0,"limit":10`. */
void problem_extended(struct httpd_req *own_req, int status, const char *detail,
                      const char *members);
/* With Retry-After. */
void problem_later(struct httpd_req *own_req, int status, const char *detail,
                   unsigned retry_after_s);
/* Both. */
void problem_later_extended(struct httpd_req *own_req, int status, const char *detail,
                            const char *members, unsigned retry_after_s);
/* 503 with Retry-After for a request with an Idempotency-Key that may have taken effect: its repeat
 * is the same request, and harmless. */
void problem_undecided(struct httpd_req *own_req, const char *detail);
/* 401 with WWW-Authenticate. */
void problem_unauthorized(struct httpd_req *own_req, const char *scheme, const char *detail);
/* 405 with Allow. */
void problem_method(struct httpd_req *own_req, const char *allow);

#endif
