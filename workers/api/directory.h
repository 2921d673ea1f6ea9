/*
 * directory.h - what the addresses of contacts and groups share.
 *
 * Units    none.
 * Owns     nothing beyond the request.
 * Errors   none of its own.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_DIRECTORY_H
#define WORKERS_API_DIRECTORY_H

#include "common/base/err.h"
#include "common/base/id.h"
#include "common/io/httpd.h"
#include "workers/api/auth.h"

enum { DIRECTORY_ANSWER_CAP = 16 << 20, DIRECTORY_TRIES = 5 };

/* Segment n of the path as an id; false: it can't be one of ours. */
bool directory_path_id(struct id *ret_id, const struct httpd_req *req, unsigned segment);
bool directory_id(struct id *ret_id, struct str text);
struct id directory_new_id(void);

enum directory_noun { DIRECTORY_CONTACT, DIRECTORY_GROUP };
/* 404 */
void directory_absent(struct httpd_req *own_req, enum directory_noun noun);
/* For a reading, and for a change that may be asked for again: 404 or 503. */
void directory_failed(struct httpd_req *own_req, enum directory_noun noun, enum err err);
/* For what would be made twice: 500 when it is not known whether it was made, else 503. With an
 * Idempotency-Key its id stays the same, and a repeat makes it once. */
void directory_not_made(struct httpd_req *own_req, enum directory_noun noun, enum err err,
                        bool idempotent);
/* The id of what a POST makes. */
struct id directory_made_id(const struct caller *caller);

#endif
