/*
 * httpd_stream.h - requests whose body goes to the handler piece by piece.
 *
 * The handler gets such a request when its head is there; the library is suspended until the handler
 * wants the body, or answers. While the handler has enough (its callback said so) the connection is
 * suspended too, and TCP makes the client wait. Inside common/io only.
 *
 * Units    ms, monotonic; bytes.
 * Owns     nothing; requests are httpd_req.h's.
 * Errors   as httpd.h.
 * Threads  the loop's.
 */
#ifndef COMMON_IO_HTTPD_STREAM_H
#define COMMON_IO_HTTPD_STREAM_H

#include "common/io/httpd_req.h"

/* The head is there. */
enum MHD_Result httpd_stream_begin(struct httpd_req *req);
/* The library's further calls; *left becomes what was not taken of the piece. */
enum MHD_Result httpd_stream_call(struct httpd_req *req, struct str piece, size_t *left);
/* The library has ended it before it was whole. */
void httpd_stream_lost(struct httpd_req *req);
/* Ends those that have been suspended since before before_mono_ms: with the answer if their body has
 * not begun, else by hanging up. */
void httpd_streams_answer_for(struct httpd_reqs *reqs, int64_t before_mono_ms,
                              const struct httpd_answer *answer);

#endif
