/*
 * view.h - answers of the admin API, for people.
 *
 * Rows become a table, one object becomes lines of "TITLE  value". null is shown as '-'.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   none: what isn't there is shown as '-'.
 * Threads  pure.
 */
#ifndef WORKERS_CTL_VIEW_H
#define WORKERS_CTL_VIEW_H

#include "common/base/buf.h"
#include "workers/ctl/command.h"

struct json_t; /* jansson's */

void view_write(struct buf *out, const struct command *command, const struct json_t *answer);
/* A problem's detail, and below it what is wrong at which field, if there is more than one thing.
 */
void view_problem(struct buf *out, const struct json_t *problem, int status);

#endif
