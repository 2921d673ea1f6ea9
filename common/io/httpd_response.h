/*
 * httpd_response.h - answers in the library's form, and the server's own refusals.
 *
 * Units    none.
 * Owns     nothing; what is returned is the caller's, to be destroyed with MHD_destroy_response.
 * Errors   NULL or MHD_NO: the library has no memory.
 * Threads  the loop's.
 * Source   RFC 9457 for the refusals' bodies.
 */
#ifndef COMMON_IO_HTTPD_RESPONSE_H
#define COMMON_IO_HTTPD_RESPONSE_H

#include "common/io/httpd.h"

#include <microhttpd.h>

enum { HTTPD_PROBLEM_SIZE = 512 };

struct MHD_Response *httpd_response_new(const struct httpd_answer *answer, bool close);
/* One whose body is asked for piece by piece: read is called with arg whenever there is room for more. */
struct MHD_Response *httpd_response_pieces(const struct httpd_answer *answer, bool close,
                                           MHD_ContentReaderCallback read, void *arg);
/* A problem document, written to body, which closes the connection. detail holds nothing that JSON
 * would want escaped. */
struct httpd_answer httpd_response_problem(char body[HTTPD_PROBLEM_SIZE], int status,
                                           const char *detail);
/* Answers a request that never gets to the handler. */
enum MHD_Result httpd_response_refuse(struct MHD_Connection *connection, int status,
                                      const char *detail);

#endif
