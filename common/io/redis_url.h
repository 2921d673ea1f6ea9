/*
 * redis_url.h - where a Redis is: redis://[[user]:password@]host[:port][/database].
 *
 * User and password may hold any byte as %XX. An IPv6 address stands in brackets.
 *
 * Units    none.
 * Owns     nothing; the parts are copied into the value.
 * Errors   ERR_SYNTAX anything else, or a part that is too long; rediss:// needs TLS, which
 *          Debian's hiredis has not.
 * Threads  pure.
 * Source   the IANA registration of the redis scheme.
 */
#ifndef COMMON_IO_REDIS_URL_H
#define COMMON_IO_REDIS_URL_H

#include "common/base/err.h"
#include "common/base/str.h"

struct redis_url {
    char user[128], password[256], host[256], database[8]; /* "" when absent */
    int port;
};

MUST_USE enum err redis_url_parse(struct redis_url *ret_url, struct str text);

#endif
