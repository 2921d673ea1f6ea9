/*
 * send.h - POST /v1/sms/send: checked, published, made visible, answered.
 *
 * A send is accepted when Kafka has acknowledged its record, and then always. Until then the
 * request waits suspended. What is answered: 200 accepted; 503 surely not accepted; 500, with the
 * id in it, when Kafka's answer was lost and the send may yet go out.
 *
 * Units    none.
 * Owns     nothing beyond the request.
 * Errors   all become answers.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_SEND_H
#define WORKERS_API_SEND_H

#include "common/io/httpd.h"

struct api;
struct caller;

struct account;
struct chunk;
struct send_flow;

void send_accept(struct api *api, struct httpd_req *own_req, const struct caller *caller);

/* --- for who makes a send of something else (resend.c) --- */

/* True: nothing can be accepted now; it has been answered. */
bool send_refused(struct api *api, struct httpd_req *own_req, const struct account *account);
/* What the send's messages will share, but for the text. */
void send_fill_shared(struct chunk *shared, const struct send_flow *flow);
/* flow->made is complete: takes what it costs from the quotas, publishes it, and answers. */
void send_carry_out(struct send_flow *own_flow);

#endif
