/*
 * send_request.h - the body of POST /v1/sms/send, read and checked.
 *
 * Fields: `to` (a number, or a list of up to CHUNK_MAX), `message`, `customer_ref`,
 * `scheduled_at` and `timezone`. null means
 * absent. Those of the API's other fields that this version does not serve yet are refused by name,
 * as are fields that don't exist.
 *
 * Units    texts in UTF-8.
 * Owns     a read request its texts, until send_request_done.
 * Errors   told in the problem: 400 the body can't be read, 422 a rule is broken; each with the
 *          place it was found at.
 * Threads  pure.
 * Source   the API's documentation; E.164 for numbers.
 */
#ifndef WORKERS_API_SEND_REQUEST_H
#define WORKERS_API_SEND_REQUEST_H

#include "common/base/str.h"
#include "common/sms/chunk.h"
#include "common/sms/segments.h"
#include "workers/api/problem.h"

enum { SEND_REF_MAX_BYTES = 255 };

struct send_request {
    struct phone to[CHUNK_MAX]; /* without duplicates, in order */
    size_t to_count, duplicates;
    int64_t due_ms;          /* of scheduled_at, in UTC; 0 = at once */
    struct str message, ref; /* ref.p is NULL when absent */
    struct segments segments;
    void *own_root; /* what the texts belong to */
};

/* True: *ret_request is filled. False: *ret_problem says why not, and is the caller's. */
MUST_USE bool send_request_read(struct send_request *ret_request, struct str body, int64_t now_ms,
                                struct problem *ret_problem);
void send_request_done(struct send_request *request);

#endif
