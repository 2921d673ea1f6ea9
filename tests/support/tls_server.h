/*
 * tls_server.h - an HTTPS server on 127.0.0.1 with a certificate of its own, in threads of its own.
 *
 * Units    none.
 * Owns     its listener, threads, and the file of its certificate.
 * Errors   what can't be made fails the test.
 * Threads  the counts may be read while it runs; one connection is one thread.
 */
#ifndef TESTS_SUPPORT_TLS_SERVER_H
#define TESTS_SUPPORT_TLS_SERVER_H

#include <stdbool.h>
#include <stdint.h>

struct tls_server;

/* It answers each request with these bytes. Its certificate is of public.test, inside1.test,
 * *.host.test and 127.0.0.1. */
struct tls_server *tls_server_new(const char *answer);
void tls_server_free(struct tls_server *own_server);
uint16_t tls_server_port(const struct tls_server *server);
const char *tls_server_ca_file(const struct tls_server *server);
unsigned tls_server_requests(const struct tls_server *server);
unsigned tls_server_connections(const struct tls_server *server);
/* Whether any request so far held the text. */
bool tls_server_saw(struct tls_server *server, const char *text);

#endif
