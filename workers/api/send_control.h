/*
 * send_control.h - what callers may still do with a send: POST .../pause, resume and cancel, and PATCH of its rate or its
 * schedule.
 *
 * Units    ms; rates as common/sms/rate.h.
 * Owns     the request, until it is answered.
 * Errors   404 there is no such send; 409 nothing of it is left to be sent, or it has begun; 422 as for a send.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_SEND_CONTROL_H
#define WORKERS_API_SEND_CONTROL_H

struct api;
struct caller;
struct httpd_req;

void send_control_pause(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void send_control_resume(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void send_control_cancel(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void send_control_change(struct api *api, struct httpd_req *own_req, const struct caller *caller);

#endif
