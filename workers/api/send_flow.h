/*
 * send_flow.h - a send between its request and its answer, and what it asks Redis on the way: its
 * sender, its contacts, its groups.
 *
 * Units    none.
 * Owns     all of it, until send_flow_forget.
 * Errors   all become answers.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_SEND_FLOW_H
#define WORKERS_API_SEND_FLOW_H

#include "common/store/quotas.h"
#include "workers/api/auth.h"
#include "workers/api/send_make.h"
#include "workers/api/send_request.h"
#include "workers/api/views.h"

struct api;

struct send_flow {
    struct api *api;
    struct httpd_req *req;
    struct account account;
    struct id id; /* that it has to take; all zero: a new one */
    bool idempotent;
    struct send_request request;
    struct sender sender;
    size_t contacts_asked;
    int64_t members; /* of its groups, by now */
    struct send_made made;
    int64_t cost_milli;
    struct id resend_of; /* of a resend (resend.c): the earlier send, */
    uint64_t resend_errors;
    int64_t resend_count; /* and how many messages of it are sent again */
    struct quota_taken taken;
    struct view view; /* of a chunk */
    struct problem problem;
    void (*found)(struct send_flow *flow); /* what comes after send_flow_find */
};

/* Takes the request. */
struct send_flow *send_flow_new(struct api *api, struct httpd_req *own_req,
                                const struct caller *caller, struct send_request *own_request);
void send_flow_forget(struct send_flow *own_flow);

/* Looks up all that the request names, then calls found; or answers why not, and forgets. */
void send_flow_find(struct send_flow *flow, void (*found)(struct send_flow *flow));

#endif
