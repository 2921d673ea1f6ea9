/*
 * sweep.h - the record of sms.jobs that has a cancelled send's messages written as such.
 *
 *     {"kind":"sweep","v":1,"account":"acme","send":"<uuid>","next":0}
 *
 * Such a send was counted as cancelled at once; its lines follow, some chunks at a time: `next` is
 * the first that is not known to be done. `kind` comes first, and tells it from a job.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   ERR_SYNTAX not such a record; ERR_VERSION one of a later version.
 * Threads  pure, safe everywhere.
 */
#ifndef COMMON_SMS_SWEEP_H
#define COMMON_SMS_SWEEP_H

#include "common/sms/chunk.h"

struct sweep {
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct id send;
    uint32_t next;
};

/* Is the record one of these? What it says may still be wrong. */
bool sweep_is(struct str record);
MUST_USE enum err sweep_parse(struct sweep *ret_sweep, struct str record);
void sweep_write(struct buf *out, const struct sweep *sweep);
/* "sweep/<account>/<send's 26 digits>": what the delay queue calls it. */
void sweep_name(char name[CHUNK_NAME_SIZE], const struct sweep *sweep);

#endif
