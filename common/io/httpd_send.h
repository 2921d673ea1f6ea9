/*
 * httpd_send.h - answers whose body goes to the client piece by piece.
 *
 * The library asks for bytes when the socket takes more. When all that the handler gave is out, the handler is asked for
 * more, and until it gives some the connection is suspended. So no more than a piece is ever held for a client, however
 * slowly it reads. Inside common/io only.
 *
 * Units    bytes.
 * Owns     the piece that is going out.
 * Errors   as httpd.h.
 * Threads  the loop's.
 */
#ifndef COMMON_IO_HTTPD_SEND_H
#define COMMON_IO_HTTPD_SEND_H

#include "common/io/httpd_req.h"

/* The library has ended the exchange before the handler had. */
void httpd_send_lost(struct httpd_req *req);
/* Cuts all answers that are going out off; the server ends. */
void httpd_sends_cut(struct httpd_reqs *reqs);

#endif
