/*
 * sites.h - the hosts that an HTTP client calls, and the addresses that its calls may use.
 *
 * A site is a host and a port. Its name is resolved by resolver.h when it is first called, and anew
 * when the answer's time is over, while calls go on with what is known. With a guard, one address
 * that it refuses makes the whole answer refused. When nobody can tell the addresses any more, the
 * last ones are used for a while (RFC 8767); a name that does not exist any more has none.
 *
 * Units    ms; times are monotonic.
 * Owns     sites, until nobody uses them and others need the room; pins, until nobody holds them.
 * Errors   ERR_SYNTAX no URL that may be called; ERR_RANGE an address that the guard refuses; and
 *          the resolver's.
 * Threads  the loop's.
 */
#ifndef COMMON_IO_SITES_H
#define COMMON_IO_SITES_H

#include "common/base/err.h"
#include "common/io/guard.h"
#include "common/io/loop.h"
#include "common/io/resolver.h"

#include <sys/queue.h>

struct curl_slist;
struct sites;
struct site;

/* What libcurl is told of a site, in the form of CURLOPT_RESOLVE. */
struct pin {
    struct curl_slist *list;
    unsigned holders;
};

/* why: in words, for the log; "" unless err says something. */
typedef void (*site_fn)(void *arg, enum err err, const char *why);

/* Of a call that waits for addresses; fn and arg are in it already. */
struct site_wait {
    site_fn fn;
    void *arg;
    struct site *site; /* NULL: not waiting */
    bool due;          /* the site's */
    TAILQ_ENTRY(site_wait) link;
};

struct sites *sites_new(struct loop *loop, struct resolver *resolver, const struct guard *guard,
                        unsigned max_sites);
void sites_free(struct sites *own_sites); /* after all users have left */

/* The site of a URL, and one user more of it. ERR_FULL: all max_sites are in use. With a guard:
 * only https, no user; ERR_RANGE for an address that it refuses. *ret_why is in words. */
MUST_USE enum err sites_use(struct sites *sites, const char *url, struct site **ret_site,
                            const char **ret_why);
void site_leave(struct site *site);
/* Whether calls can start now; if not, wait. Asks for addresses that get old. */
bool site_ready(struct site *site);
/* fn is called once, later. ERR_FULL: the resolver's; then it isn't. */
MUST_USE enum err site_wait(struct site *site, struct site_wait *wait);
void site_cancel(struct site_wait *wait); /* fine when not waiting */

bool site_is_address(const struct site *site); /* it has no name, and no pin */
/* Whether a call may be connected to the address. */
bool site_allows(const struct site *site, const struct address *address);
/* The present one, not held; NULL: there is none. */
struct pin *site_pin(const struct site *site);
struct pin *pin_hold(struct pin *pin);
void pin_drop(struct pin *pin); /* NULL is fine */

/* Sites whose pins libcurl must forget, in the form of CURLOPT_RESOLVE: the caller's from now on.
 * NULL: none. */
struct curl_slist *sites_take_forgotten(struct sites *sites);
/* Whether there ever were any: then libcurl may have forgotten a site that it was told of. */
bool sites_forget(const struct sites *sites);

#endif
