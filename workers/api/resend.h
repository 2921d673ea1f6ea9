/*
 * resend.h - POST /v1/sms/sends/{id}/resend: a new send to those whose messages FAILED with certain errors.
 *
 * It is a job whose source is the earlier send: nothing of it is read here but what its messages share, and how many failed.
 * Texts that were each recipient's own are sent as they were.
 *
 * Units    none.
 * Owns     nothing beyond the request.
 * Errors   404 an id that isn't one of the account's sends; 422 an error that can't be resent, or none that failed with it;
 *          else as a send's.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_RESEND_H
#define WORKERS_API_RESEND_H

#include "common/io/httpd.h"

struct api;
struct caller;

void resend_post(struct api *api, struct httpd_req *own_req, const struct caller *caller);

#endif
