/*
 * httpd_head.h - how large a request's head may be.
 *
 * libmicrohttpd keeps a head and the head of its answer in one piece of memory. A request that
 * fills it is handled, and then hung up on, since its answer doesn't fit; one whose query has too
 * many parameters for it is never answered at all. So less than the whole is allowed, and a query
 * that is too large is hidden from the library. Inside common/io only.
 *
 * Units    bytes, as the library keeps them: each header and parameter costs some beside its text.
 * Owns     nothing.
 * Errors   none.
 * Threads  pure.
 * Source   libmicrohttpd 0.9.75.
 */
#ifndef COMMON_IO_HTTPD_HEAD_H
#define COMMON_IO_HTTPD_HEAD_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    HTTPD_HEAD_MEMORY = 16 * 1024,              /* of a connection */
    HTTPD_HEAD_MOST = HTTPD_HEAD_MEMORY * 3 / 4 /* that a request may take of it */
};

/* What a request line takes. Cuts the query off when that is too much already. */
size_t httpd_head_line(const char *uri);
/* Is the whole too large? */
bool httpd_head_too_large(struct MHD_Connection *connection, size_t line_bytes);

#endif
