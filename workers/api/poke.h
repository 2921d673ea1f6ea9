/*
 * poke.h - what waits of a send in the delay queue is looked at soon, after something was said of it.
 *
 * It goes on by itself, and nobody waits for it: whatever comes of it, the send is looked at some seconds later. A look that
 * was under way may put what it found back after the first poke, so there are several.
 *
 * Units    ms.
 * Owns     the pokes that go on, until poke_stop_all.
 * Errors   none.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_POKE_H
#define WORKERS_API_POKE_H

#include "common/base/id.h"

#include <stdint.h>

struct api;

/* The send goes on now. */
void poke_now(struct api *api, const char *account, struct id send);
/* The send, of which nothing has begun, has another time. */
void poke_at(struct api *api, const char *account, struct id send, int64_t at_ms);
/* After the connection to Redis is closed. */
void poke_stop_all(struct api *api);

#endif
