/*
 * carrier.h - what happens to a submit: counted, decided, kept, answered, reported.
 *
 * Units    ms.
 * Owns     all that its members point to.
 * Errors   ERR_IO the client for reports can't be made.
 * Threads  the loop's.
 */
#ifndef WORKERS_SIMULATOR_CARRIER_H
#define WORKERS_SIMULATOR_CARRIER_H

#include "common/io/httpd.h"
#include "workers/simulator/behaviour.h"
#include "workers/simulator/ledger.h"
#include "workers/simulator/replies.h"
#include "workers/simulator/reports.h"

struct carrier {
    struct loop *loop;
    struct behaviour behaviour;
    struct behaviour_throttle throttle;
    struct dice dice;
    struct ledger *ledger;
    struct reports *reports;
    struct replies *replies;
    struct buf report_body; /* kept for its memory */
};

/* Fills the caller's storage, which must stay where it is; done is due also after a failure. */
MUST_USE enum err carrier_init(struct carrier *carrier, struct loop *loop);
void carrier_done(struct carrier *carrier);
void carrier_submit(struct carrier *carrier, struct httpd_req *own_req);
/* Several messages in one call. */
void carrier_submit_batch(struct carrier *carrier, struct httpd_req *own_req);
/* As behaviour_update; chance starts anew from the seed. */
MUST_USE enum err carrier_behave(struct carrier *carrier, struct str json,
                                 struct behaviour_fault *ret_fault);
/* Forgets everything, and behaves by default again. */
void carrier_reset(struct carrier *carrier);

#endif
