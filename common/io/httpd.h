/*
 * httpd.h - an HTTP/1.1 server on the loop: one handler call for each whole request, one answer for
 * each call.
 *
 * libmicrohttpd does the protocol, driven from outside (no threads of its own): so a handler never
 * needs a lock, nothing is handed between threads, and its epoll thread's freeze at 128 ready
 * connections cannot happen. A request that is not answered inside its handler call waits suspended
 * and costs nothing but its memory.
 *
 * What the library lets through is refused here, with 400 and a close: two lengths, length and
 * chunked together, a transfer coding other than chunked, a space before a header's colon. So are
 * bodies over the cap (413; one far over it is not read to its end), heads of more than 12 KB (431),
 * unknown methods (501), and
 * clients that take longer than read_timeout_ms to send one request, or to read its answer
 * (closed). When an eighth of the places or less is free, those idle longest are closed.
 *
 * Units    ms, bytes.
 * Owns     the requests, until they are answered; what an accessor returns dies with the answer,
 *          also with the one that answer_timeout_ms or httpd_free gives. After that they return
 *          empty, and httpd_answer still has to be called.
 * Errors   ERR_IO the address can't be bound.
 * Threads  the loop's.
 * Source   RFC 9110 and RFC 9112 (6.1 and 6.3 for the framing that is refused).
 */
#ifndef COMMON_IO_HTTPD_H
#define COMMON_IO_HTTPD_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/io/loop.h"

#include <stdint.h>

struct httpd;
struct httpd_req;

/* Called when a request is whole, or when the head of one that is streamed is. The handler answers
 * it exactly once, now or later. */
typedef void (*httpd_fn)(void *arg, struct httpd_req *req);

struct httpd_conf {
    const char *address; /* numeric, "127.0.0.1" or "::" */
    uint16_t port;       /* 0: any free one, see httpd_port */
    bool reuse_port;     /* several processes share the port */
    size_t body_cap_bytes;
    unsigned max_connections;
    unsigned max_connections_per_address; /* 0: no bound of its own */
    unsigned idle_timeout_s;              /* a connection without traffic is closed */
    int64_t read_timeout_ms;              /* from its first line until a request is whole */
    int64_t answer_timeout_ms; /* a handler that is later is answered for: 500, the outcome is not
                                  known */
    httpd_fn handler;
    void *arg;
    /* Whether the body of a request is streamed; NULL: none is. The path is as httpd_path says. */
    bool (*streams)(void *arg, const char *method, const char *path);
    size_t stream_cap_bytes;
};

/* A header of an answer; name and value are copied. */
struct httpd_header {
    const char *name, *value;
};

enum { HTTPD_MAX_HEADERS = 6 };

struct httpd_answer {
    int status;
    const char *content_type;                       /* NULL with an empty body */
    struct str body;                                /* copied */
    struct httpd_header headers[HTTPD_MAX_HEADERS]; /* up to the first without a name */
    bool close;                                     /* close the connection after it */
    bool undecided; /* whether the request took effect is not known: for httpd_on_answer */
};

MUST_USE enum err httpd_new(struct httpd **ret_httpd, struct loop *loop,
                            const struct httpd_conf *conf);
/* Answers what still waits with 503, then closes all. Not from inside a handler. */
void httpd_free(struct httpd *own_httpd);
uint16_t httpd_port(const struct httpd *httpd);
/* Stop listening; answers carry `Connection: close` from now on. */
void httpd_drain(struct httpd *httpd);
unsigned httpd_pending(const struct httpd *httpd);     /* requests not yet answered */
unsigned httpd_connections(const struct httpd *httpd); /* open now */

const char *httpd_method(const struct httpd_req *req);
struct str
httpd_path(const struct httpd_req *req); /* decoded, without the query; may hold any byte */
struct str httpd_body(const struct httpd_req *req);
/* NULL when absent; the first of several. Header names in any case. */
const char *httpd_header(const struct httpd_req *req, const char *name);
const char *httpd_query(const struct httpd_req *req, const char *name);
/* Calls fn for each query parameter, in order; value is "" when it has none. */
void httpd_query_each(const struct httpd_req *req,
                      void (*fn)(void *arg, const char *name, const char *value), void *arg);
int64_t httpd_received_mono_ms(const struct httpd_req *req); /* when the request was whole */

/* --- bodies that come piece by piece --- */

/* A piece of the body; or its end (ERR_OK and n is 0); or that there will be no more of it: ERR_IO
 * the client is gone, ERR_TOO_LONG it is over the cap. After an end nothing more comes, and the
 * request is still to be answered. True: go on; false: no more until httpd_read_more. */
typedef bool (*httpd_piece_fn)(void *arg, enum err err, struct str piece);
/* Of a streamed request, from its handler call on: the body is read only now. One that is answered
 * instead, or before its end, is read to the end for nobody. While it is read it has
 * read_timeout_ms for each HTTPD_STREAM_STEP bytes. */
enum { HTTPD_STREAM_STEP = 64 * 1024 };
void httpd_read(struct httpd_req *req, httpd_piece_fn fn, void *arg);
void httpd_read_more(struct httpd_req *req); /* not from inside fn */

/* A header for whatever the answer will be. name is kept, value copied (HTTPD_ADDED_SIZE). */
enum { HTTPD_MAX_ADDED = 4, HTTPD_ADDED_SIZE = 64 };
void httpd_add_header(struct httpd_req *req, const char *name, const char *value);
/* fn gets the answer instead of the client, and answers itself, now or later. The answer dies when
 * fn returns. For requests that are always answered, never hung up. */
typedef void (*httpd_answer_fn)(void *arg, struct httpd_req *own_req,
                                const struct httpd_answer *answer);
void httpd_on_answer(struct httpd_req *req, httpd_answer_fn fn, void *arg);

/* --- answers whose body goes piece by piece --- */

/* All that was given is out: give more with httpd_send, now or later, or end it. ERR_IO: the client is gone, and nothing more
 * is asked for; end it, now or later. */
typedef void (*httpd_wanted_fn)(void *arg, enum err err);
/* Answers with the head's status, type and headers, and a body of pieces. It counts as answered from now on: the client has
 * answer_timeout_ms for each HTTPD_STREAM_STEP bytes. fn may be called from inside, with ERR_IO. */
void httpd_send_begin(struct httpd_req *req, const struct httpd_answer *head, httpd_wanted_fn fn,
                      void *arg);
/* One piece for each time that fn asked; taken, and empty then. */
void httpd_send(struct httpd_req *req, struct buf *own_piece);
/* Takes req. whole: the body ends here, when what was given is out; else the connection is cut, and the client sees that
 * something is missing. */
void httpd_send_end(struct httpd_req *own_req, bool whole);

/* Takes req: it must not be used afterwards. */
void httpd_answer(struct httpd_req *own_req, const struct httpd_answer *answer);
/* The simulator's bad manners. Close the connection without an answer; or reset it; or send bytes of
 * an answer past the library, in which case either of the others must follow. */
void httpd_hang_up(struct httpd_req *own_req);
void httpd_reset(struct httpd_req *own_req);
void httpd_write_raw(struct httpd_req *req, struct str bytes);

#endif
