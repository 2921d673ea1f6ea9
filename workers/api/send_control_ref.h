/*
 * send_control_ref.h - pause, resume and cancel of everything that has a customer_ref.
 *
 * One request comes by so many sends only; where there are more, its answer has a `cursor` to go on from.
 *
 * Units    none.
 * Owns     the request, until it is answered.
 * Errors   404 no send has it; 422 the body is wrong.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_SEND_CONTROL_REF_H
#define WORKERS_API_SEND_CONTROL_REF_H

struct api;
struct caller;
struct httpd_req;

void send_control_ref_pause(struct api *api, struct httpd_req *own_req,
                            const struct caller *caller);
void send_control_ref_resume(struct api *api, struct httpd_req *own_req,
                             const struct caller *caller);
void send_control_ref_cancel(struct api *api, struct httpd_req *own_req,
                             const struct caller *caller);

#endif
