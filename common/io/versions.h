/*
 * versions.h - which libraries this process runs on.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   none.
 * Threads  safe everywhere.
 */
#ifndef COMMON_IO_VERSIONS_H
#define COMMON_IO_VERSIONS_H

#include "common/base/buf.h"

/* "librdkafka/2.0.2 libcurl/7.88.1 ...": as loaded, where the library can say so. */
void versions_write(struct buf *out);

#endif
