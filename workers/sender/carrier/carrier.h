/*
 * carrier.h - what the sender asks of a kind of carrier, and the list of carriers from the
 * configuration.
 *
 * A kind is one file beside this one and one row in kinds.c. It knows the carrier's protocol and
 * nothing else; both of its functions are pure. Its contract:
 *
 *   1. write MUST make the body of one POST that hands over one message, with our id as the
 * carrier's reference, and the report URL, so that delivery reports come back for this very
 * attempt.
 *   2. judge MUST give ACCEPTED only for an answer that says so in full, and REJECTED only where
 * trying again is pointless. THROTTLED and NOT_SENT say that the carrier surely did not take the
 * message. Anything else is UNKNOWN: a message that may have been taken must never be repeated
 * blindly.
 *   3. A kind MUST NOT retry, wait, log, or keep state; what a verdict leads to is the sender's
 * decision alone.
 *
 * Units    ms.
 * Owns     carriers_load's list, until carriers_free.
 * Errors   judge has none: it ends in a verdict. carriers_load: ERR_CONFIG, with where and what in
 *          `why`.
 * Threads  safe everywhere: read only after loading.
 */
#ifndef WORKERS_SENDER_CARRIER_CARRIER_H
#define WORKERS_SENDER_CARRIER_CARRIER_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/io/httpc.h"
#include "common/sms/chunk.h"
#include "common/sms/status.h"

enum verdict {
    VERDICT_ACCEPTED,
    VERDICT_REJECTED,
    VERDICT_THROTTLED,
    VERDICT_NOT_SENT,
    VERDICT_UNKNOWN
};

const char *verdict_name(enum verdict verdict);

struct outcome {
    enum verdict verdict;
    enum error error;       /* why, when REJECTED */
    int64_t retry_after_ms; /* the carrier's wish, when THROTTLED; -1 = none */
    const char *reason;     /* a word for the log: static text, or libcurl's */
    char ref[40];           /* the carrier's own id, cut; "" = none */
};

/* One message on its way, for one attempt. */
struct submit {
    struct id message;
    const struct phone *to;
    struct str from; /* digits, or a name; p NULL: the carrier's default */
    struct str body;
    enum segments_encoding encoding;
    unsigned parts;
    struct str report_url;
};

struct carrier_kind {
    const char *name;
    void (*write)(struct buf *out, const struct submit *submit);
    /* answer->result is HTTPC_ANSWERED: the rest is judged the same for all kinds. */
    struct outcome (*judge)(const struct httpc_answer *answer);
};

struct carrier {
    char name[33];
    const struct carrier_kind *kind;
    char *url;
    char *headers[3]; /* NULL-terminated lines, for httpc */
    int64_t timeout_ms;
    bool deduplicates; /* a message repeated under the same reference is sent once: an unknown
                          outcome may be repeated */
};

struct carriers {
    struct carrier *list;
    size_t count;
};

enum { CARRIERS_WHY_SIZE = 256 };

MUST_USE enum err carriers_load(struct carriers *ret_carriers, const char *path,
                                char why[CARRIERS_WHY_SIZE]);
void carriers_free(struct carriers *carriers);

/* NULL: there is no kind of that name. */
const struct carrier_kind *carrier_kind_find(const char *name);
/* The names of all kinds, separated by commas, for an error's text. */
const char *carrier_kind_names(void);

/* The outcome of a call, whether an answer came or not. */
struct outcome carrier_judge(const struct carrier *carrier, const struct httpc_answer *answer);

extern const struct carrier_kind carrier_http_json;

#endif
