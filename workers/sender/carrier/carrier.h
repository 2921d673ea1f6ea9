/*
 * carrier.h - what the sender asks of a kind of carrier, and the list of carriers from the
 * configuration.
 *
 * A kind is one file beside this one and one row in kinds.c. It knows the carrier's protocol and
 * nothing else; all of its functions are pure. Its contract:
 *
 *   1. open, write and close MUST together make the body of one POST that hands over the messages
 * written, each with our id as the carrier's reference, and the report URL, so that delivery reports
 * come back for this very attempt.
 *   2. judge MUST give ACCEPTED only for an answer that says so in full, and REJECTED only where
 * trying again is pointless. THROTTLED and NOT_SENT say that the carrier surely did not take the
 * message. Anything else is UNKNOWN: a message that may have been taken must never be repeated
 * blindly.
 *   3. A kind MUST NOT retry, wait, log, or keep state; what a verdict leads to is the sender's
 * decision alone.
 *
 * A kind whose most_messages is above 1 takes several messages in one call, of any sends of any
 * accounts. Then also:
 *
 *   4. Each message of a call is judged by itself: one that is refused says nothing about the
 * others. What the carrier says of a message MUST be found by the message's reference, never by its
 * place. One of which the answer doesn't speak, or speaks twice, is UNKNOWN; so are all when the
 * answer can't be read, breaks off, or is a 5xx.
 *   5. A call that is refused as a whole MUST NOT reject a message that wasn't alone in it: one of
 * the others may be to blame. They are NOT_SENT, and the sender hands each over alone from its second
 * attempt on, so that the one to blame is rejected by itself.
 *   6. The sender writes at most most_messages into a call, and none more when the body has reached
 * CARRIER_CALL_BYTES; a single message is never too long for a call.
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

enum { CARRIER_MOST_MESSAGES = 100, CARRIER_CALL_BYTES = 256 * 1024 };

struct carrier_kind {
    const char *name;
    size_t most_messages; /* in a call, up to CARRIER_MOST_MESSAGES */
    /* first is the first message of the call, which write gets, too. NULL: nothing to begin with. */
    void (*open)(struct buf *out, const struct submit *first);
    void (*write)(struct buf *out, const struct submit *submit, const struct submit *first);
    void (*close)(struct buf *out); /* NULL: nothing to end with */
    /* Fills an outcome for each of the messages. answer->result is HTTPC_ANSWERED: the rest is
     * judged the same for all kinds. */
    void (*judge)(const struct httpc_answer *answer, const struct id *messages, size_t count,
                  struct outcome *outcomes);
};

struct carrier {
    char name[33];
    const struct carrier_kind *kind;
    char *url;
    char *headers[3]; /* NULL-terminated lines, for httpc */
    int64_t timeout_ms;
    int64_t rate_milli,
        burst;          /* 1/1000 tokens a second, 0 = no limit; tokens at once, 0 = a quarter of
                                  a second's */
    bool cost_in_parts; /* a token is a part, not a message */
    bool deduplicates;  /* a message repeated under the same reference is sent once: an unknown
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

/* The outcomes of a call with these messages, whether an answer came or not. */
void carrier_judge(const struct carrier *carrier, const struct httpc_answer *answer,
                   const struct id *messages, size_t count, struct outcome *outcomes);

extern const struct carrier_kind carrier_http_json, carrier_http_json_batch;

#endif
