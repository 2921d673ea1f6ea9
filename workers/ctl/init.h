/*
 * init.h - sms-ctl init: makes the topics, and marks Redis as the view of this Kafka.
 *
 * Run before the first start, and again without harm at any time. Without the mark no worker
 * touches Redis: one that lost its data must not make weeks of records in Kafka look as if they had
 * never been sent. So it is refused when Redis has no mark while Kafka holds records, or has the
 * mark of another cluster; `force` sets it all the same.
 *
 * Units    ms.
 * Owns     nothing.
 * Errors   the exit status, with words on standard error.
 * Threads  one; it waits.
 */
#ifndef WORKERS_CTL_INIT_H
#define WORKERS_CTL_INIT_H

#include "common/worker/settings.h"

struct line;
int init_run(const struct settings *settings, const struct line *line);

#endif
