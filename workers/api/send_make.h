/*
 * send_make.h - what a checked request becomes: one chunk, or a job.
 *
 * Up to CHUNK_MAX explicit recipients and no group are a chunk, ready to be sent; all else is a job
 * for the expander. A template is filled in for every explicit recipient here, in both cases, so that
 * what can't be sent is refused now; members of groups are looked at when the send is released.
 *
 * Units    parts per message; units are parts of all messages.
 * Owns     its lists, until send_make_done; texts point into the request, which must live longer.
 * Errors   told in the problem: a value that is missing, a text that is too long with its values.
 * Threads  pure.
 */
#ifndef WORKERS_API_SEND_MAKE_H
#define WORKERS_API_SEND_MAKE_H

#include "workers/api/send_request.h"

struct send_made {
    bool is_job;
    struct chunk chunk; /* when it isn't; it has all that its record needs */
    struct job job;     /* when it is; the texts of its shared part are the request's */
    struct phone *to;   /* explicit recipients that are left, in order */
    size_t to_count;
    int64_t members; /* of groups, as they are now */
    int64_t units;
    unsigned parts_least,
        parts_most; /* of the explicit ones; of the template itself if there are none */
    bool unicode;   /* some are in Unicode */
};

/* shared has all but the text, its encoding and parts, and no recipients. Look at problem->errors
 * afterwards; send_make_done in any case. */
void send_make(struct send_made *ret_made, struct send_request *request, const struct chunk *shared,
               int64_t members, struct problem *problem);
void send_make_done(struct send_made *made);

/* How many recipients the send may have. */
int64_t send_make_recipients(const struct send_made *made);

#endif
