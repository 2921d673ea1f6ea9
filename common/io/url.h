/*
 * url.h - the addresses that customers give us to call: which are allowed.
 *
 * https, no user info, a host that is a name or a public address. An address is seen in whatever
 * form the resolver would take it (decimal, octal, hex, shortened, IPv4 inside IPv6). A name may
 * still lead to a private address: who connects must look at what it resolves to.
 *
 * Units    bytes.
 * Owns     nothing.
 * Errors   ERR_TOO_LONG; ERR_SYNTAX no URL, or of a form that is not allowed; ERR_RANGE a host that
 *          is not public.
 * Threads  pure.
 * Source   RFC 3986, read by libcurl's parser, as whoever calls it will; address.h for what is
 *          public.
 */
#ifndef COMMON_IO_URL_H
#define COMMON_IO_URL_H

#include "common/base/err.h"
#include "common/base/str.h"

enum { URL_CALLBACK_MAX_BYTES = 2048 };

/* On an error *ret_why says it in words that follow the field's name: "must begin with https://".
 */
MUST_USE enum err url_check_callback(struct str url, const char **ret_why);

#endif
