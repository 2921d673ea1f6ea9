/*
 * replies.h - the carrier's answers to submits, at once or after their latency.
 *
 * Units    ms.
 * Owns     the requests whose answers wait. The loop is the caller's.
 * Errors   none.
 * Threads  the loop's.
 */
#ifndef WORKERS_SIMULATOR_REPLIES_H
#define WORKERS_SIMULATOR_REPLIES_H

#include "common/io/httpd.h"
#include "common/io/loop.h"
#include "workers/simulator/behaviour.h"

#include <stdint.h>

enum { REPLIES_NEVER_MS = 60000 };

struct reply {
    enum behaviour_fate fate;
    uint64_t message;                /* the id, when accepted */
    int status;                      /* of a failure */
    char error[BEHAVIOUR_TEXT_SIZE]; /* of a rejection */
    struct str own_results;          /* of a batch, instead of an id; p NULL: it is none */
};

struct replies;

struct replies *replies_new(struct loop *loop);
/* Hangs up on those that still wait. */
void replies_free(struct replies *own_replies);
/* FATE_NEVER_ANSWER holds the request for REPLIES_NEVER_MS, whatever wait_ms says. */
void replies_give(struct replies *replies, struct httpd_req *own_req, struct reply *own_reply,
                  int64_t wait_ms);
/* Hang up on those that would not be answered for long, so that nothing waits for them. */
void replies_drain(struct replies *replies);

/* {"error": text}, with these headers. */
void replies_refuse(struct httpd_req *own_req, int status, const char *text,
                    const struct httpd_header *header);

#endif
