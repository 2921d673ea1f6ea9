/*
 * report_url.h - the signed URL to which a carrier reports on one attempt.
 *
 *     <base>/reports/<account>/<message id>/<attempt>/<signature>
 *
 * Each submit gives the carrier one of these, so that a report finds its message without a table
 * and nobody else can report. The signature is the first 128 bits of an HMAC-SHA256 over what
 * stands between "/reports/" and it.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   ERR_SYNTAX not such a path; ERR_CONFLICT a wrong signature.
 * Threads  safe everywhere.
 */
#ifndef COMMON_IO_REPORT_URL_H
#define COMMON_IO_REPORT_URL_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/sms/report.h"

/* Adds the URL for report's account, message and attempt. base has no slash at its end. */
void report_url_write(struct buf *out, struct str base, struct str secret,
                      const struct report *report);
/* Reads account, message and attempt from the path of a request; the rest of *ret_report is zero.
 */
MUST_USE enum err report_url_parse(struct report *ret_report, struct str path, struct str secret);

#endif
