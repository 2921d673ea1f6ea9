/*
 * report.h - a carrier's delivery report: its record in Kafka, and the signed URL that it comes to.
 *
 * A submit gives the carrier a URL of its own for each attempt:
 *
 *     <base>/reports/<account>/<message id>/<attempt>/<signature>
 *
 * so that a report finds its message without a table, and nobody else can report. The signature
 * covers what stands before it. The record is JSON:
 *
 *     {"v":1,"account":"acme","message":"<uuid>","attempt":1,"state":"delivered","error":"...","at":<ms>}
 *
 * Units    at_ms: wall time in ms, the carrier's; 0 when it gave none.
 * Owns     nothing; a struct report is a value.
 * Errors   ERR_SYNTAX malformed; ERR_VERSION a record of a later version; ERR_CONFLICT a wrong
 * signature. Threads  pure: the function that signs is passed in.
 */
#ifndef COMMON_SMS_REPORT_H
#define COMMON_SMS_REPORT_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/id.h"
#include "common/sms/chunk.h"
#include "common/sms/status.h"

enum report_state { REPORT_DELIVERED, REPORT_FAILED };

struct report {
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct id message;
    unsigned attempt;
    enum report_state state;
    enum error error; /* ERROR_NONE unless FAILED */
    int64_t at_ms;
};

/* 22 characters of base64url: 128 bits of an HMAC-SHA256. */
enum { REPORT_SIGNATURE_SIZE = 23 };
typedef void (*report_sign_fn)(char ret_signature[REPORT_SIGNATURE_SIZE], void *arg,
                               struct str text);

/* The path of a report URL, from "/reports/" on. */
void report_write_path(struct buf *out, const struct report *report, report_sign_fn sign,
                       void *arg);
/* Reads account, message and attempt back, if `signature` is what sign gives for them. The caller
 * compares it with *ret_expected in constant time: this function does not. */
MUST_USE enum err report_parse_path(struct report *ret_report, struct str path, report_sign_fn sign,
                                    void *arg, struct str *ret_signature,
                                    char ret_expected[REPORT_SIGNATURE_SIZE]);

MUST_USE enum err report_parse(struct report *ret_report, struct str record);
void report_write(struct buf *out, const struct report *report);

#endif
