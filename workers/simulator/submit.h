/*
 * submit.h - one message as a client hands it to the carrier.
 *
 * Fields that are not known here are let through, as carriers do.
 *
 * Units    lengths in bytes of UTF-8.
 * Owns     the parsed JSON; the views point into it, until submit_done.
 * Errors   ERR_SYNTAX not JSON, or a field that is missing or wrong.
 * Threads  pure.
 */
#ifndef WORKERS_SIMULATOR_SUBMIT_H
#define WORKERS_SIMULATOR_SUBMIT_H

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/sms/phone.h"

#include <stdint.h>

enum {
    SUBMIT_MAX_REFERENCE_BYTES = 128,
    SUBMIT_MAX_FROM_BYTES = 32,
    SUBMIT_MAX_TEXT_BYTES = 6400,
    SUBMIT_MAX_URL_BYTES = 2048,
    SUBMIT_MAX_PARTS = 255,
};

struct json_t;

struct submit {
    struct str reference;
    struct str from; /* empty when absent */
    struct phone to;
    struct str text;
    bool ucs2; /* else GSM 7 bit */
    uint8_t parts;
    struct str report_url; /* empty when absent; ends in a NUL that is not counted */
    struct json_t *tree;
};

/* On failure *ret_fault is a constant text that says what is wrong. */
MUST_USE enum err submit_parse(struct submit *ret_submit, struct str json, const char **ret_fault);
void submit_done(struct submit *own_submit);

/* Several messages, handed over in one call. */
enum { SUBMIT_MAX_BATCH = 1000 };

struct submit_batch {
    struct submit *list; /* their trees are NULL: all point into the batch's */
    size_t count;
    struct json_t *tree;
};

/* {"messages": [...]}; what a message lacks of text, from, encoding and parts is taken from beside it. One that is wrong makes
 * all wrong. */
MUST_USE enum err submit_parse_batch(struct submit_batch *ret_batch, struct str json,
                                     const char **ret_fault);
void submit_batch_done(struct submit_batch *own_batch);

#endif
