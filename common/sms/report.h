/*
 * report.h - a carrier's delivery report, as its record in Kafka says it.
 *
 *     {"v":1,"account":"acme","message":"<uuid>","attempt":1,"state":"delivered","error":"...","at":<ms>}
 *
 * `error` is there when the state is "failed".
 *
 * Units    at_ms: wall time in ms, the carrier's; 0 when it gave none.
 * Owns     nothing; a struct report is a value.
 * Errors   ERR_SYNTAX malformed; ERR_VERSION a record of a later version.
 * Threads  pure.
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

MUST_USE enum err report_parse(struct report *ret_report, struct str record);
void report_write(struct buf *out, const struct report *report);

#endif
