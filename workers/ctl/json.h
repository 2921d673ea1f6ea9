/*
 * json.h - a JSON value written into a buffer, decimals as short as they are.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   none.
 * Threads  pure.
 */
#ifndef WORKERS_CTL_JSON_H
#define WORKERS_CTL_JSON_H

#include "common/base/buf.h"

struct json_t; /* jansson's */

void json_write(struct buf *out, const struct json_t *value);

#endif
