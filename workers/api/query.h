/*
 * query.h - a request's query parameters.
 *
 * Units    text as it was decoded; it may hold any byte but NUL.
 * Owns     nothing.
 * Errors   told in the problem, each with its parameter: unknown, given twice, or what the caller
 *          finds.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_QUERY_H
#define WORKERS_API_QUERY_H

#include "workers/api/problem.h"

/* Sets the problem up, with an error for each parameter that is not among names (up to a NULL), or
 * given twice. */
void query_check(const struct httpd_req *req, const char *const *names,
                 struct problem *ret_problem);

#endif
