/*
 * client.h - one request to the admin API, and its answer.
 *
 * Units    ms.
 * Owns     an answer its texts, until client_done.
 * Errors   ERR_IO nothing was sent; ERR_UNKNOWN it may have arrived, but no answer came; why is in
 *          the answer's reason.
 * Threads  one; it waits.
 */
#ifndef WORKERS_CTL_CLIENT_H
#define WORKERS_CTL_CLIENT_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/worker/settings.h"

struct client_answer {
    int status;
    struct buf body;
    const char *reason; /* static; "" when it was answered */
};

/* path is escaped already. An empty body is none. */
MUST_USE enum err client_call(struct client_answer *ret_answer, const struct settings *settings,
                              const char *method, struct str path, struct str body);
void client_done(struct client_answer *answer);

/* A segment or value of an address. */
void client_escape(struct buf *out, struct str text);

#endif
