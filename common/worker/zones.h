/*
 * zones.h - the time zones of phone numbers, for workers that mind quiet hours.
 *
 * Units    none.
 * Owns     nothing; what it gives is freed with local_time_free.
 * Errors   ERR_CONFIG there is no table of zones on this machine; the log says what to do.
 * Threads  the loop's.
 */
#ifndef COMMON_WORKER_ZONES_H
#define COMMON_WORKER_ZONES_H

#include "common/io/local_time.h"

MUST_USE enum err zones_open(struct local_time **ret_local_time);

#endif
