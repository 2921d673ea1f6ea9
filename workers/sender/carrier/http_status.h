/*
 * http_status.h - what an HTTP status that isn't a success says about a message.
 *
 * 429, and 503 with Retry-After, are throttling. 401, 403 and 407 mean that the carrier (or a proxy
 * before it) doesn't know us: that is ours to mend, and no reason to fail a message, so it counts
 * as not sent. 408 says that waiting was too long, and not for what. Another 4xx rejects the
 * message. A 5xx may come after the carrier took it.
 *
 * Units    ms.
 * Owns     nothing.
 * Errors   none.
 * Threads  pure.
 */
#ifndef WORKERS_SENDER_CARRIER_HTTP_STATUS_H
#define WORKERS_SENDER_CARRIER_HTTP_STATUS_H

#include "workers/sender/carrier/carrier.h"

/* retry_after_ms: -1 without one. */
struct outcome http_status_judge(int status, int64_t retry_after_ms);

#endif
