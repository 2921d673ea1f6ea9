/*
 * reports.h - where carriers deliver their reports: the signed URL of each attempt, on a port of
 * its own.
 *
 *     POST /reports/<account>/<message>/<attempt>/<signature>
 * {"status":"delivered"|"failed","error","at"}
 *
 * Answered with 204 when Kafka has the report, and with 503 when it hasn't: then the carrier sends
 * it again.
 *
 * Units    none.
 * Owns     nothing beyond the requests.
 * Errors   400 the body can't be read, 403 a wrong signature, 404 not such an address.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_REPORTS_H
#define WORKERS_API_REPORTS_H

#include "common/io/httpd.h"

/* A httpd_fn; arg is the struct api. */
void reports_serve(void *arg, struct httpd_req *own_req);

#endif
