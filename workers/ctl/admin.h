/*
 * admin.h - carries out a command of the admin API.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   the exit status; what went wrong is on standard error.
 * Threads  one; it waits.
 */
#ifndef WORKERS_CTL_ADMIN_H
#define WORKERS_CTL_ADMIN_H

#include "common/worker/settings.h"
#include "workers/ctl/line.h"

int admin_run(const struct settings *settings, const struct line *line);

#endif
