/*
 * send_recipients.h - who a send goes to: the recipients' fields of its body.
 *
 * Units    none.
 * Owns     nothing beyond the request's lists.
 * Errors   told in the problem.
 * Threads  pure.
 */
#ifndef WORKERS_API_SEND_RECIPIENTS_H
#define WORKERS_API_SEND_RECIPIENTS_H

#include "workers/api/send_request.h"

/* Reads them from request->own_root; skip_invalid is set before. */
void send_recipients_read(struct send_request *request, struct problem *problem);
/* What stands at index in a field of the body. */
struct send_place {
    const char *field;
    size_t index;
    struct str value; /* p NULL: it is no text */
};

/* Adds one to those that are left out, or an error; what is a sentence. */
void send_recipients_invalid(struct send_request *request, struct send_place place,
                             const char *code, const char *what, struct problem *problem);

/* A contact that to_contacts names: its JSON, p NULL when there is none of that id. */
void send_recipients_add_contact(struct send_request *request, const struct send_ref *ref,
                                 struct str contact, struct problem *problem);
/* Leaves out group i, which doesn't exist. */
void send_recipients_drop_group(struct send_request *request, size_t i, struct problem *problem);

#endif
