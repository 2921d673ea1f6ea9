/*
 * pages.h - what a person or a test asks the simulator: counters, messages, behaviour.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   none: a wrong request is answered with 400 and says what is wrong.
 * Threads  the loop's.
 */
#ifndef WORKERS_SIMULATOR_PAGES_H
#define WORKERS_SIMULATOR_PAGES_H

#include "common/io/httpd.h"
#include "workers/simulator/carrier.h"

void pages_stats(struct carrier *carrier, struct httpd_req *own_req);
/* What the carrier has seen of each reference; ledger.h says what is counted. */
void pages_references(struct carrier *carrier, struct httpd_req *own_req);
void pages_messages(struct carrier *carrier, struct httpd_req *own_req);
void pages_get_behaviour(struct carrier *carrier, struct httpd_req *own_req);
void pages_put_behaviour(struct carrier *carrier, struct httpd_req *own_req);
void pages_reset(struct carrier *carrier, struct httpd_req *own_req);

#endif
