/*
 * resolver.h - the addresses of hosts' names, without ever blocking the loop.
 *
 * libcurl's own resolver waits in threads, and joins one that is stuck: a host whose DNS servers
 * don't answer can stop the whole loop for seconds. Here a name is asked for once, however many
 * wait for it; at most so many questions are on their way; and answers are remembered for as long
 * as they say, within bounds. Names whose servers did not answer lately share half of the places,
 * so that they can't keep out others. When one of both families has come, the other is waited for
 * only a moment longer.
 *
 * Numeric addresses, localhost and the names in /etc/hosts are answered without DNS.
 *
 * Units    ms; times are monotonic.
 * Owns     names and answers; never a caller's wait.
 * Errors   of an answer: ERR_SYNTAX it is no name of a host; ERR_NOT_FOUND it has no address;
 *          ERR_TIMEOUT, ERR_IO nobody could tell.
 * Threads  the loop's.
 * Source   RFC 1123 for names, RFC 6761 for localhost, RFC 8305 3 for how long to wait for the
 *          other family.
 */
#ifndef COMMON_IO_RESOLVER_H
#define COMMON_IO_RESOLVER_H

#include "common/base/err.h"
#include "common/io/address.h"
#include "common/io/loop.h"

#include <sys/queue.h>

enum { RESOLVER_MAX_ADDRESSES = 16, RESOLVER_NAME_SIZE = 254 };

struct resolver;

struct resolver_conf {
    const char *servers; /* as in dns.h */
    bool search;
    unsigned max_questions; /* on their way at a time; two a name */
    unsigned max_names;     /* remembered or being asked for; the ones used least lately go */
    unsigned max_waits;
    int64_t timeout_ms; /* until a name is answered, of whatever */
    int64_t min_ttl_ms, max_ttl_ms;
    int64_t negative_ttl_ms; /* how long it is remembered that there is no answer */
};

struct resolver_answer {
    enum err err;
    const struct address *list; /* IPv4 first; dies with the call */
    size_t count;               /* 0 unless err is ERR_OK */
    int64_t until_mono_ms;      /* how long it may be used */
};

typedef void (*resolver_fn)(void *arg, const struct resolver_answer *answer);

struct resolver_entry;

/* Of whoever waits for an answer; fn and arg are in it already. */
struct resolver_wait {
    resolver_fn fn;
    void *arg;
    struct resolver_entry *entry; /* NULL: not waiting */
    uint64_t seq;                 /* the resolver's */
    TAILQ_ENTRY(resolver_wait) link;
};

/* ERR_CONFIG: conf->servers. */
MUST_USE enum err resolver_new(struct resolver **ret_resolver, struct loop *loop,
                               const struct resolver_conf *conf);
/* Whoever still waits is not called any more. */
void resolver_free(struct resolver *own_resolver);

/* fn is called once, later, never from in here. ERR_SYNTAX as above; ERR_FULL: too many names are
 * being asked for, or too many wait. Then it isn't called. */
MUST_USE enum err resolver_ask(struct resolver *resolver, const char *name,
                               struct resolver_wait *wait);
void resolver_cancel(struct resolver *resolver,
                     struct resolver_wait *wait); /* fine when not waiting */

#endif
