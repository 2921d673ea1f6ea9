/*
 * dns.h - questions to DNS servers, from the loop.
 *
 * c-ares, with its sockets as descriptors of the loop and its time-outs as a timer. It asks each
 * server in turn, and again over TCP when an answer was cut. Nothing is remembered: that is
 * resolver.h's.
 *
 * Units    ms; times to live in s, as in the answers.
 * Owns     its sockets and timer.
 * Errors   of a question: ERR_NOT_FOUND there is no such name, or no such address of it;
 *          ERR_TIMEOUT nobody answered; ERR_IO no use could be made of what was answered.
 * Threads  the loop's.
 * Source   RFC 1035, RFC 3596.
 */
#ifndef COMMON_IO_DNS_H
#define COMMON_IO_DNS_H

#include "common/base/err.h"
#include "common/io/address.h"
#include "common/io/loop.h"

struct dns;

enum { DNS_MAX_ADDRESSES = 16 }; /* of a family; further ones are left out */

enum dns_family { DNS_IPV4, DNS_IPV6, DNS_FAMILIES };

struct dns_conf {
    const char *servers; /* "host[:port]" separated by commas; "": those of /etc/resolv.conf */
    int64_t timeout_ms;  /* for a question, where there is one server */
    bool search;         /* in the domains of /etc/resolv.conf, too */
};

struct dns_reply {
    enum err err;
    const struct address *list; /* dies with the call */
    size_t count;
    int64_t ttl_s; /* undefined unless err is ERR_OK */
};

/* May be called from inside dns_ask. */
typedef void (*dns_fn)(void *arg, const struct dns_reply *reply);

/* ERR_CONFIG: no server can be read from conf->servers. */
MUST_USE enum err dns_new(struct dns **ret_dns, struct loop *loop, const struct dns_conf *conf);
void dns_free(struct dns *own_dns); /* questions under way end with ERR_IO */
void dns_ask(struct dns *dns, const char *name, enum dns_family family, dns_fn fn, void *arg);
/* The addresses of a name in /etc/hosts, at most room; 0: it is not in there. */
size_t dns_hosts(struct dns *dns, const char *name, struct address *ret_list, size_t room);

#endif
