/*
 * httpc.h - HTTP requests from the loop, each sent at most once.
 *
 * libcurl repeats a POST by itself, up to five times and without a word, when a reused connection
 * closes before any byte of an answer (lib/transfer.c, Curl_retry_request). A carrier that had read
 * the first one would send the SMS twice. So each transfer counts how often it is about to send its
 * request: the first time is allowed (if its lease still holds), any further time is refused, and
 * the call ends as HTTPC_UNKNOWN.
 *
 * libcurl's own resolver can block the loop for seconds, so a worker brings a resolver.h. A call
 * whose host isn't known yet waits for it within its time; then its connections go to the addresses
 * that were found, and to no other. A guard is for URLs that others chose: only https, and none of
 * the addresses that it refuses, whatever the name says now or says later. No call ever follows a
 * redirect, uses a proxy or a netrc file, or keeps cookies.
 *
 * Units    ms; times are monotonic.
 * Owns     its connections and transfers. URL, headers and body of a call are copied or held by
 *          libcurl until done.
 * Errors   a call never fails as an error: it ends as one of the results below, told to done()
 *          exactly once, never from inside the function that starts it.
 * Threads  the loop's.
 * Source   RFC 9110, 9.2.2: a client should not repeat a request that is not idempotent.
 */
#ifndef COMMON_IO_HTTPC_H
#define COMMON_IO_HTTPC_H

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/io/guard.h"
#include "common/io/loop.h"
#include "common/io/resolver.h"

#include <stdint.h>

struct httpc;

enum httpc_result {
    HTTPC_ANSWERED, /* a whole answer; see status and body */
    HTTPC_NOT_SENT, /* no byte of the request left: it may be repeated freely */
    HTTPC_UNKNOWN,  /* some of it may have arrived, and no whole answer came back */
};

struct httpc_answer {
    enum httpc_result result;
    int status;             /* 0 unless ANSWERED */
    struct str body;        /* dies with the call */
    int64_t retry_after_ms; /* of a Retry-After header; -1 without one */
    const char *reason;     /* libcurl's word for what failed; "" when ANSWERED */
};

/* It may start another call; its own place is free only after it. */
typedef void (*httpc_fn)(void *arg, const struct httpc_answer *answer);

struct httpc_conf {
    unsigned max_calls; /* at the same time; as many connections are kept open */
    int64_t connect_timeout_ms;
    size_t answer_cap_bytes;   /* a longer answer ends the call as UNKNOWN */
    struct resolver *resolver; /* NULL: libcurl's own, for programs without a loop to keep */
    const struct guard *guard; /* takes a resolver; NULL: any address may be called */
    const char *ca_file;       /* certificates to trust beside the system's; NULL: none */
};

struct httpc_call {
    const char *url;
    const char *const *headers; /* NULL-terminated "Name: value" lines, copied; NULL: none */
    struct str body;            /* copied */
    int64_t timeout_ms;         /* for the whole call */
    int64_t lease_mono_ms;      /* nothing is sent at or after it; 0 = no lease */
    httpc_fn done;
    void *arg;
};

MUST_USE enum err httpc_new(struct httpc **ret_httpc, struct loop *loop,
                            const struct httpc_conf *conf);
/* Calls under way end as UNKNOWN (or NOT_SENT) before it returns. */
void httpc_free(struct httpc *own_httpc);
/* POST. ERR_FULL: max_calls are under way; ERR_IO: libcurl refuses the call, its URL say; with a
 * resolver, ERR_SYNTAX, ERR_RANGE: the URL may not be called. Nothing was started. */
MUST_USE enum err httpc_post(struct httpc *httpc, const struct httpc_call *call);
/* The same with any method but HEAD; an empty body is none. */
MUST_USE enum err httpc_request(struct httpc *httpc, const char *method,
                                const struct httpc_call *call);
unsigned httpc_active(const struct httpc *httpc);

#endif
