/*
 * message.h - GET /v1/sms/messages/{id}, and POST /v1/sms/messages/{id}/cancel.
 *
 * Units    none.
 * Owns     nothing beyond the request.
 * Errors   404 an id that isn't one of the account's messages; 503 Redis can't be asked.
 * Threads  the loop's.
 * Source   the API's documentation: all fields are always there, null when empty.
 */
#ifndef WORKERS_API_MESSAGE_H
#define WORKERS_API_MESSAGE_H

#include "common/io/httpd.h"
#include "common/store/messages.h"

struct api;
struct caller;

void message_get(struct api *api, struct httpd_req *own_req, const struct caller *caller);

/* What is SCHEDULED or QUEUED is never sent; a send's id cancels what is left of it. 409 when nothing was. */
void message_cancel(struct api *api, struct httpd_req *own_req, const struct caller *caller);

/* `,"from_number":` and a sender: a phone number with '+', a name as it is, null when p is NULL. */
void message_write_from(struct buf *out, struct str from);
/* The message as the API shows it. */
void message_write(struct buf *out, const struct message *message);

#endif
