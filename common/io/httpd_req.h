/*
 * httpd_req.h - the requests of a server, from the library's first call for one to its answer.
 *
 * A request has two owners: the library until the exchange is over, and the handler's side until it
 * has answered. It is freed when both are done. While it is whole and unanswered it stands in a
 * list, the oldest first, and (outside the handler's call) its connection is suspended. One whose
 * body is streamed stands in a list of its own until it is whole (httpd_stream.h). Inside common/io
 * only.
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

struct httpd_req_list {
    struct httpd_req *first, *last;
};

struct httpd_reqs {
    struct loop *loop;
    const struct httpd_conf *conf;
    struct httpd_conns *conns;
    struct httpd_req_list whole, streaming; /* both pending */
    unsigned pending_count;
    bool draining;             /* answers close their connection */
    struct httpd_req *sending; /* answers that go out piece by piece; not pending */
    bool resumed; /* since the owner last cleared it: the library has something to do */
};

/* How much more than the cap is read for the sake of answering with 413: a client that is still
 * sending when the connection is closed may not get to see the answer. */
enum { HTTPD_EXCESS_BYTES = 1 << 20 };

struct httpd_req {
    struct httpd_reqs *reqs;       /* not valid unless pending */
    struct httpd_req_list *list;   /* that it is in; NULL unless pending */
    struct httpd_req *prev, *next; /* undefined unless pending */
    struct MHD_Connection *connection;
    const char *method, *path;
    struct buf body;       /* of the request; of an answer in pieces the present one */
    size_t received_bytes; /* of the body, also what did not fit */
    int64_t whole_mono_ms;
    bool suspended;
    bool library_done, handler_done;
    bool hang_up;
    struct MHD_Response *response; /* from the answer until it is queued */
    int status;                    /* undefined unless response */
    httpd_answer_fn on_answer;     /* NULL: the answer leaves at once */
    void *on_answer_arg;
    size_t added_count;
    struct {
        const char *name;
        char value[HTTPD_ADDED_SIZE];
    } added[HTTPD_MAX_ADDED];
    /* The rest is of streamed ones. */
    bool streamed, in_body; /* in_body: the library reads the body, or has read it */
    httpd_piece_fn piece;   /* NULL: nobody wants the body, or any more of it */
    void *piece_arg;
    size_t step_bytes;         /* received since the time for reading was last begun anew */
    int64_t suspended_mono_ms; /* undefined unless suspended */
    /* Of those whose answer goes out in pieces (httpd_send.h): */
    bool sending, asked, cut; /* asked: the handler was, and has not given more yet */
    struct httpd_req *send_prev, *send_next; /* undefined unless sending */
    size_t out_at;                           /* how much of the piece is out */
    httpd_wanted_fn wanted;                  /* NULL: the handler has ended it */
    void *wanted_arg;
};

/* --- among httpd_*.c --- */

void httpd_req_enter(struct httpd_req *req, struct httpd_req_list *list); /* leaves the other */
void httpd_req_leave(struct httpd_req *req);
void httpd_req_suspend(struct httpd_req *req);
void httpd_req_resume(struct httpd_req *req); /* fine when it isn't suspended */
/* Sets the answer (NULL: hang up), and lets the library go on. */
void httpd_req_settle(struct httpd_req *req, const struct httpd_answer *answer);
/* The handler has done with it; frees it when the library has, too. */
void httpd_req_handled(struct httpd_req *own_req);
/* Gives the library the answer that was set. */
enum MHD_Result httpd_req_queue(struct httpd_req *req);

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
