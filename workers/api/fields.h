/*
 * fields.h - a request's body as a JSON object, and its fields, each checked for its kind.
 *
 * null means absent. A field that is wrong is told in the problem, with its JSON pointer, and reads
 * as absent; so a reader goes on and finds all errors at once.
 *
 * Units    bytes of UTF-8.
 * Owns     texts belong to the object, which the caller frees (json_decref).
 * Errors   told in the problem: 400 the body is no JSON object, 422 a field is wrong or unknown.
 * Threads  pure.
 * Source   RFC 8259; names must be unique (RFC 7493).
 */
#ifndef WORKERS_API_FIELDS_H
#define WORKERS_API_FIELDS_H

#include "common/base/str.h"
#include "workers/api/problem.h"

#include <stdint.h>

struct json_t; /* jansson's */

/* The body, all of whose fields are among names (up to a NULL). Sets the problem up; with errors in
 * it the result may be NULL. An empty body is an object without fields when may_be_empty. */
struct json_t *fields_read(struct str body, bool may_be_empty, const char *const *names,
                           struct problem *ret_problem);

/* The value; NULL when absent. */
const struct json_t *fields_get(const struct json_t *root, const char *name);
/* The same, and an error when it is absent. */
const struct json_t *fields_required(const struct json_t *root, const char *name,
                                     struct problem *problem);
/* A text of at most most_bytes, without U+0000. p is NULL when absent. */
struct str fields_text(const struct json_t *root, const char *name, size_t most_bytes,
                       struct problem *problem);
bool fields_bool(const struct json_t *root, const char *name, bool when_absent,
                 struct problem *problem);
int64_t fields_int(const struct json_t *root, const char *name, int64_t least, int64_t most,
                   int64_t when_absent, struct problem *problem);

#endif
