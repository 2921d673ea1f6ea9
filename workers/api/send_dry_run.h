/*
 * send_dry_run.h - what a send would come to, for one that is only tried ("dry_run": true).
 *
 * Units    money in the account's currency.
 * Owns     nothing.
 * Errors   none.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_SEND_DRY_RUN_H
#define WORKERS_API_SEND_DRY_RUN_H

struct send_flow;

/* Answers; the flow stays the caller's. */
void send_dry_run_answer(struct send_flow *flow);

#endif
