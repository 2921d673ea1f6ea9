/*
 * route.h - where one transfer of libcurl connects to: only to the addresses of its site.
 *
 * libcurl is told them (CURLOPT_RESOLVE) when they have changed, and may never resolve a name by
 * itself. With a guard each address is looked at again, when a connection is made and before a
 * request goes out on one, whether it is new or was there.
 *
 * Units    none.
 * Owns     its use of a site, and of what libcurl was told last.
 * Errors   those of sites_use.
 * Threads  the loop's.
 */
#ifndef COMMON_IO_ROUTE_H
#define COMMON_IO_ROUTE_H

#include "common/base/err.h"
#include "common/io/sites.h"

#include <curl/curl.h>

/* Zero is none, yet. */
struct route {
    struct site *site;       /* NULL: libcurl resolves by itself */
    struct pin *pin;         /* what libcurl was told, held */
    struct curl_slist *once; /* or in its stead, with sites to forget */
};

/* What holds for all calls of a transfer; route must stay where it is. */
bool route_prepare(struct route *route, CURL *easy, const struct guard *guard);
void route_done(struct route *route);

MUST_USE enum err route_set(struct route *route, struct sites *sites, const char *url,
                            const char **ret_why);
/* Tells libcurl. The site is ready. */
bool route_apply(struct route *route, CURL *easy, struct sites *sites);
/* Whether a request may go to the peer, an address as libcurl writes it. */
bool route_allows(const struct route *route, const char *peer);

#endif
