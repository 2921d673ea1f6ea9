/*
 * import.h - POST /v1/contacts/import?group=<id>: contacts from a file of any length.
 *
 * The body is read piece by piece (httpd.h); its rows are looked up by their number and written
 * CONTACTS_BATCH at a time, while the client waits. A row whose number a contact has changes that
 * contact (the oldest of several), as PATCH does; else it makes one. So an import may be repeated.
 * With a group, all become members of it.
 *
 *     200 {"created":2,"updated":1,"rejected":1,"rejected_rows":[{"line":4,"reason":".."}]}
 *
 * Units    lines count from 1.
 * Owns     the request, and the rows of a piece and a batch.
 * Errors   415 neither text/csv nor application/x-ndjson; 422 the group is unknown, or the text can't
 *          be read any further; 409 the group was deleted meanwhile; 500 Redis was lost for longer
 *          than it was waited for. The rows before it are written then, as the detail says. 503 too
 *          many imports at a time.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_IMPORT_H
#define WORKERS_API_IMPORT_H

#include "workers/api/route.h"

void import_post(struct api *api, struct httpd_req *own_req, const struct caller *caller);

#endif
