/*
 * task.h - one reading of a job's record: a slice of chunks.
 *
 * How large it is, and when the next one follows, is slices.h's. Chunks that were made before, and may
 * not be published, come first and in any case.
 *
 * Units    ms.
 * Owns     its copy of the record, and the job parsed from it.
 * Errors   none: a record that can't be read is dead-lettered; while Redis or Kafka is away a task
 *          waits and begins its slice again.
 * Threads  the loop's.
 */
#ifndef WORKERS_EXPANDER_TASK_H
#define WORKERS_EXPANDER_TASK_H

#include "common/io/kafka.h"
#include "common/io/loop.h"
#include "common/store/jobs.h"
#include "workers/expander/failed.h"
#include "workers/expander/members.h"

struct expander;

struct task {
    struct task *prev, *next; /* in expander->tasks */
    struct expander *expander;
    struct job job;
    const char *dead;         /* why it is dead-lettered; NULL = it isn't */
    struct kafka_kept kept;   /* its record */
    struct job_state state;   /* as the send was when the slice began */
    uint32_t number;          /* of the next chunk to publish */
    uint32_t end;             /* of the slice: the first chunk that is left to the next one */
    int64_t next_ms;          /* when the next slice begins, by Redis' clock */
    struct job_cursor cursor; /* as it was last seen */
    struct job_cursor to;     /* as it becomes with the chunk that is being made */
    struct chunk chunk;       /* that is being made or read */
    struct job_asleep asleep; /* with those of this slice */
    struct members members;
    struct failed resent; /* of a resend, instead */
    unsigned waiting;     /* chunks that Kafka has not acknowledged yet */
    bool failed;          /* one of them was not */
    bool at_end;          /* there are no more chunks to make */
    bool held;            /* goes on when Kafka has taken more of what all tasks gave it */
    bool idle;            /* nothing but acknowledgements is waited for: the slice is over */
    struct loop_timer again;
};

/* Adds nothing to the expander's list; task_start does the rest by itself, up to expander_finish. */
struct task *task_new(struct expander *expander, const struct kafka_record *record);
void task_start(struct task *task);
void task_free(struct task *own_task);
/* Kafka has taken something: a task that was held goes on. */
void task_unhold(struct task *task);

#endif
