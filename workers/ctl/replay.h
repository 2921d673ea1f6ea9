/*
 * replay.h - puts dead letters back where they came from.
 *
 * Units    ms.
 * Owns     nothing.
 * Errors   the exit status, with words on standard error: of several letters that of the first that failed; the others
 *          are replayed all the same.
 * Threads  one; it waits.
 */
#ifndef WORKERS_CTL_REPLAY_H
#define WORKERS_CTL_REPLAY_H

#include "common/worker/settings.h"

struct json_t; /* jansson's */

/* letters as dead_letter_read makes them, the oldest last and replayed first; those that were replayed are added to done. */
int replay_all(const struct settings *settings, int64_t wait_ms, const struct json_t *letters,
               struct json_t *done);

#endif
