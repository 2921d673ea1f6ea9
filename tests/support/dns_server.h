/*
 * dns_server.h - a DNS server that answers what the test says, over UDP and TCP on 127.0.0.1.
 *
 * Units    ms; times to live in s.
 * Owns     its sockets, and answers that it sends later.
 * Errors   a socket that can't be made fails the test.
 * Threads  the loop's.
 * Source   RFC 1035.
 */
#ifndef TESTS_SUPPORT_DNS_SERVER_H
#define TESTS_SUPPORT_DNS_SERVER_H

#include "common/io/loop.h"

#include <stdbool.h>
#include <stdint.h>

struct dns_server;

enum { DNS_SERVER_ADDRESSES = 40 };

struct dns_question {
    const char *name; /* in small letters */
    bool ipv6;        /* AAAA rather than A */
    bool tcp;
    unsigned nth; /* of this server, from 1 */
};

/* Zero is an answer without addresses. */
struct dns_answer {
    const char *addresses[DNS_SERVER_ADDRESSES]; /* of both families; those that were asked for go
                                                    out */
    unsigned ttl_s;
    unsigned code;       /* 3: no such name; 2: the server failed; 5: refused */
    const char *alias;   /* the addresses are of this name, which the one asked for stands for */
    bool silent;         /* no answer at all */
    bool cut;            /* over UDP: only that it does not fit */
    bool garbage;        /* bytes that are no DNS message, but for the question's number */
    bool other_number;   /* not the question's number */
    bool other_question; /* the answer to another question */
    bool broken_pointer; /* a name that points at itself */
    int64_t after_ms;
};

typedef void (*dns_server_fn)(void *arg, const struct dns_question *question,
                              struct dns_answer *answer);

struct dns_server *dns_server_new(struct loop *loop, dns_server_fn fn, void *arg);
void dns_server_free(struct dns_server *own_server);
const char *dns_server_address(const struct dns_server *server); /* "127.0.0.1:port" */
unsigned dns_server_questions(const struct dns_server *server);  /* of A and AAAA, so far */

#endif
