/*
 * auth.h - whose request it is: the API key, looked up in Redis and remembered for a moment.
 *
 * A key comes in X-API-Key or as Authorization: Bearer. What is known about it is kept for
 * SMS_API_KEY_CACHE, so a revoked key works that much longer; while Redis is away it is kept for
 * AUTH_STALE_MS, so that sends go on. That a key is in use is noted once in AUTH_NOTE_MS.
 *
 * Units    ms.
 * Owns     the cache.
 * Errors   answered here: 401 no key, or a wrong one; 503 Redis can't be asked.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_AUTH_H
#define WORKERS_API_AUTH_H

#include "common/base/id.h"
#include "common/io/httpd.h"
#include "common/store/api_keys.h"
#include "workers/api/route.h"

struct api;

enum { AUTH_STALE_MS = 60000, AUTH_NOTE_MS = 60000 };

struct auth_entry {
    struct api_key key; /* prefix "" = free */
    struct account account;
    int64_t at_mono_ms;
    int64_t noted_mono_ms; /* when its use was last noted; 0 = not yet */
};

/* Remembers keys by their prefix; one that falls on another's place replaces it. */
enum { AUTH_PLACES = 1024 };
struct auth {
    struct auth_entry *entries;
};

void auth_init(struct auth *auth);
void auth_done(struct auth *auth);

/* Who asks, and what this request of theirs is. */
struct caller {
    const struct account *account;
    const struct api_key *key;
    struct id send;  /* the id that a send must take: a repeat of a request that may have been
                        carried out; all zero: a new one */
    bool idempotent; /* it has an Idempotency-Key: a repeat of it is harmless */
};

/* Goes on with the request; caller dies when it returns. */
typedef void (*auth_fn)(struct api *api, struct httpd_req *own_req, const struct route *route,
                        const struct caller *caller);

/* Calls fn with route, now or later, or answers why not. */
void auth_request(struct api *api, struct httpd_req *own_req, const struct route *route,
                  auth_fn fn);

#endif
