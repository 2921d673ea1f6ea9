/*
 * httpd_req.h - the requests of a server, from the library's first call for one to its answer.
 *
 * A request has two owners: the library until the exchange is over, and the handler's side until it
 * has answered. It is freed when both are done. While it is whole and unanswered it stands in a
 * list, the oldest first, and (outside the handler's call) its connection is suspended. Inside
 * common/io only.
 *
 * Units    ms, monotonic.
 * Owns     the requests.
 * Errors   none.
 * Threads  the loop's.
 */
#ifndef COMMON_IO_HTTPD_REQ_H
#define COMMON_IO_HTTPD_REQ_H

#include "common/io/httpd.h"
#include "common/io/httpd_conn.h"

#include <microhttpd.h>

struct httpd_reqs {
    struct loop *loop;
    const struct httpd_conf *conf;
    struct httpd_conns *conns;
    struct httpd_req *first, *last; /* pending */
    unsigned pending_count;
    bool draining; /* answers close their connection */
    bool resumed;  /* since the owner last cleared it: the library has something to do */
};

/* For MHD_start_daemon and MHD_OPTION_NOTIFY_COMPLETED; arg is the httpd_reqs. */
enum MHD_Result httpd_reqs_on_call(void *arg, struct MHD_Connection *connection, const char *path,
                                   const char *method, const char *version, const char *upload,
                                   size_t *upload_n, void **state);
void httpd_reqs_on_completed(void *arg, struct MHD_Connection *connection, void **state,
                             enum MHD_RequestTerminationCode why);
/* Answers for the handler those that were whole before before_mono_ms; its own answer, when it
 * comes, is ignored. */
void httpd_reqs_answer_for(struct httpd_reqs *reqs, int64_t before_mono_ms, int status,
                           const char *detail);

#endif
