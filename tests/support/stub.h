/*
 * stub.h - a carrier without manners: an HTTP server that reads whole requests and then does what
 * the test says with the connection.
 *
 * Units    none.
 * Owns     its listener and connections.
 * Errors   a socket that can't be made fails the test.
 * Threads  the loop's that it is on, which need not be the client's.
 */
#ifndef TESTS_SUPPORT_STUB_H
#define TESTS_SUPPORT_STUB_H

#include "common/base/str.h"
#include "common/io/loop.h"

#include <stdbool.h>
#include <stdint.h>

struct stub;

/* A whole request. nth_on_connection counts from 1. */
struct stub_request {
    struct str bytes;
    unsigned nth_on_connection;
};

/* What to do about it. */
struct stub_reply {
    const char *bytes;      /* written as they are; NULL: none */
    bool close;             /* the connection, after them */
    int64_t close_after_ms; /* if > 0: close then, whatever else */
};

typedef struct stub_reply (*stub_fn)(void *arg, const struct stub_request *request);

struct stub *stub_new(struct loop *loop, stub_fn fn, void *arg);
void stub_free(struct stub *own_stub);
uint16_t stub_port(const struct stub *stub);
unsigned stub_requests(const struct stub *stub);    /* whole ones, so far */
unsigned stub_connections(const struct stub *stub); /* accepted, so far */
unsigned stub_open(const struct stub *stub);
void stub_close_all(struct stub *stub); /* the connections, not the listener */

#endif
