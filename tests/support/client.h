/*
 * client.h - an HTTP client without manners: a socket that sends any bytes and counts answers.
 *
 * Units    ms, bytes.
 * Owns     its descriptor and what it has read.
 * Errors   a socket that can't be made or written to fails the test.
 * Threads  one; it never blocks, so the server may be on the same loop.
 */
#ifndef TESTS_SUPPORT_CLIENT_H
#define TESTS_SUPPORT_CLIENT_H

#include "common/base/buf.h"

#include <stdint.h>

struct client {
    struct buf in;
    size_t parsed;    /* bytes of `in` that are in whole answers */
    size_t body;      /* where in `in` the body of the last one begins */
    unsigned answers; /* whole ones in `in` */
    int status;       /* of the last one */
    int fd;
    bool closed; /* by the server */
};

void client_open(struct client *c, uint16_t port);
/* False when nobody listens there; the client is closed then. */
bool client_try(struct client *c, uint16_t port);
void client_close(struct client *c);
void client_send(struct client *c, const char *text);
void client_send_bytes(struct client *c, struct str bytes);
/* Takes in what has arrived. */
void client_read(struct client *c);
/* The body of the last whole answer. */
struct str client_body(const struct client *c);

#endif
