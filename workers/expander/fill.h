/*
 * fill.h - the recipients and texts of a job's next chunk.
 *
 * Units    none.
 * Owns     what it puts into the chunk is the chunk's (chunk_done).
 * Errors   none: who can't get the text is FAILED in the chunk.
 * Threads  pure.
 */
#ifndef WORKERS_EXPANDER_FILL_H
#define WORKERS_EXPANDER_FILL_H

#include "common/sms/job.h"
#include "workers/expander/members.h"

/* A chunk of that number with what all share, and no recipients. Its texts are the job's. */
void fill_begin(struct chunk *ret_chunk, const struct job *job, uint32_t number);
/* The job's explicit recipients of that chunk. */
void fill_explicit(struct chunk *chunk, const struct job *job);
/* Members of groups; contacts[i] is the JSON of member i, p NULL: it is gone. Unused without a
 * template. */
void fill_members(struct chunk *chunk, const struct job *job, const struct members *members,
                  const struct str *contacts);

#endif
