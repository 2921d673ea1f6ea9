/*
 * httpd_conn.h - the open connections of a server, and which of them take too long.
 *
 * The library's own time-out is for silence only: one byte a second would hold a connection for
 * ever. So each is timed from the last thing that moved it on: it was accepted, its request line
 * came, its request was whole, it was answered. When nearly all places are taken, those that have
 * been idle longest make room. Inside common/io only.
 *
 * Units    ms, monotonic.
 * Owns     the list; descriptors are the library's.
 * Errors   none.
 * Threads  the loop's.
 */
#ifndef COMMON_IO_HTTPD_CONN_H
#define COMMON_IO_HTTPD_CONN_H

#include "common/io/loop.h"

#include <microhttpd.h>

enum httpd_conn_state {
    HTTPD_CONN_IDLE,      /* between requests */
    HTTPD_CONN_READING,   /* from the request line until the request is whole */
    HTTPD_CONN_ANSWERING, /* from there until its answer has left */
    HTTPD_CONN_CUT,       /* shut down; the library closes it when it finds out */
    HTTPD_CONN_STATES
};

struct httpd_conn {
    struct httpd_conn *prev, *next;
    int fd;
    enum httpd_conn_state state;
    int64_t since_mono_ms; /* when it came into this state */
    size_t line_bytes;     /* what the request line takes, see httpd_head.h */
};

struct httpd_conns {
    struct loop *loop;
    struct httpd_conn
        rings[HTTPD_CONN_STATES]; /* only prev and next are used; the longest there first */
    unsigned count, cut_count;
};

void httpd_conns_init(struct httpd_conns *conns, struct loop *loop);
/* For MHD_OPTION_NOTIFY_CONNECTION and MHD_OPTION_URI_LOG_CALLBACK; arg is the httpd_conns. */
void httpd_conns_notify(void *arg, struct MHD_Connection *connection, void **state,
                        enum MHD_ConnectionNotificationCode what);
void *httpd_conns_request_line(void *arg, const char *uri, struct MHD_Connection *connection);
void httpd_conns_enter(struct httpd_conns *conns, struct MHD_Connection *connection,
                       enum httpd_conn_state state);
/* What the last request line takes. */
size_t httpd_conns_line_bytes(struct MHD_Connection *connection);
/* Shuts down those that have been in a state for longer. */
void httpd_conns_cut(struct httpd_conns *conns, enum httpd_conn_state state, int64_t most_ms);
/* While there are more than most, shuts down the one that has been idle longest, if for longer than
 * least_ms: one that was just accepted gets its chance. */
void httpd_conns_make_room(struct httpd_conns *conns, unsigned most, int64_t least_ms);

#endif
