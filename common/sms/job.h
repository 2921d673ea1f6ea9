/*
 * job.h - a whole send that is still to be cut into chunks.
 *
 * A record of sms.jobs: what its messages share (as in a chunk's record), the explicit recipients,
 * the groups, and the number of the chunk that its reader begins with. Explicit recipients fill
 * the first chunks, in order; members of groups, in the order of their numbers, those that follow.
 *
 *     {"v":1,"account":...,"body":"Hello {{first_name}}",  (as in chunk.h)
 *      "next":0,"template":true,"names":["first_name"],"to":["4799999999"],"values":[["Kari"]],
 *      "groups":["<uuid>"],"pace":[<at>,<left>,<drain>,<window>,<moved>],
 *      "asleep":[[<until>,<count>]]}
 *
 * A job that sends again has no recipients of its own, but `resend_of`, the earlier send, and `resend_errors`, the errors that
 * its messages FAILED with, a bit for each.
 *
 * With `template` the body is one (template.h); `values` has a list for each explicit recipient, in
 * the order of `names`, null for what is absent. `pace` is what the last reader saw of the send, and is
 * absent in its first record.
 *
 * Units    as chunk.h.
 * Owns     a parsed job holds its lists and texts until job_done.
 * Errors   ERR_SYNTAX not a job's record; ERR_VERSION one of a later version.
 * Threads  pure; one thread per job.
 */
#ifndef COMMON_SMS_JOB_H
#define COMMON_SMS_JOB_H

#include "common/sms/chunk.h"
#include "common/sms/template.h"

enum { JOB_MAX_TO = 10000, JOB_MAX_GROUPS = 100 };

/* How a send drained when it was last looked at (the expander's slices.h). */
struct job_pace {
    int64_t at_ms;       /* by Redis' clock; 0 = never */
    int64_t left;        /* messages that had gone by then */
    int64_t drain_milli; /* milli-messages a second */
    int64_t window;      /* messages that were to wait */
    int64_t moved_ms;    /* when one was last seen to have gone */
    bool dry;            /* they had all gone too soon; not in the record */
};

/* Recipients in chunks that are made who had quiet hours then, by the hours' end: they wait, and keep nobody else
 * waiting (the expander's asleep.h). */
enum { JOB_MAX_ASLEEP = 16 };
struct job_sleepers {
    int64_t until_ms, recipients;
};
struct job_asleep {
    size_t count;
    struct job_sleepers list[JOB_MAX_ASLEEP];
};

struct job {
    struct chunk shared; /* without recipients */
    uint32_t next;       /* the first chunk that is not known to be published */
    struct job_pace pace;
    struct job_asleep asleep;
    bool template;
    struct template_names names; /* of the body */
    struct phone *to;            /* explicit recipients, without duplicates */
    struct str *values;          /* to_count * names.count; NULL without a template */
    size_t to_count;
    struct id *groups;
    size_t group_count;
    struct id resend_of;    /* the send whose FAILED messages are its recipients; zero: none */
    uint64_t resend_errors; /* those that failed with one of these: a bit for each error */
    void *own_root;         /* what values point into, when parsed */
};

MUST_USE enum err job_parse(struct job *ret_job, struct str record);
void job_write(struct buf *out, const struct job *job);
void job_done(struct job *job);

/* Its recipients are those of an earlier send. */
bool job_is_resend(const struct job *job);
/* The values of explicit recipient i. */
const struct str *job_values(const struct job *job, size_t i);
/* How many chunks the explicit recipients fill. */
uint32_t job_explicit_chunks(const struct job *job);
/* "<account>/<send's 26 digits>": what the delay queue calls it. */
void job_name(char name[CHUNK_NAME_SIZE], const struct job *job);

#endif
