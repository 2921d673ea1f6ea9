/*
 * httpd_framing.h - requests whose end could be understood in more than one way.
 *
 * A proxy in front and this server must agree on where a request ends, or a stranger's bytes become
 * the next caller's request. libmicrohttpd 0.9.75 lets these through: two lengths, length and
 * chunked together, another transfer coding, chunked in HTTP/1.0, a space before the colon. What
 * can't be seen from here, since it ends a line's text before it comes to us, is a NUL or a bare CR
 * inside a line: a proxy in front has to refuse those. Inside common/io only.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   none.
 * Threads  pure.
 * Source   RFC 9112, 5.1, 6.1 and 6.3.
 */
#ifndef COMMON_IO_HTTPD_FRAMING_H
#define COMMON_IO_HTTPD_FRAMING_H

#include <microhttpd.h>

/* What is wrong, in words for the client; NULL when the request has one meaning only. */
const char *httpd_framing_fault(struct MHD_Connection *connection, const char *version);
/* For MHD_OPTION_UNESCAPE_CALLBACK. Decoding "%00" would cut a path short, so a text with one stays
 * as it was written and matches nothing. */
size_t httpd_framing_unescape(void *ignored, struct MHD_Connection *connection, char *text);

#endif
