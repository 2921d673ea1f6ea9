/*
 * utf8.h - strict UTF-8: one code point at a time.
 *
 * Units    bytes in, Unicode scalar values out.
 * Owns     nothing; the text is borrowed for the call.
 * Errors   none of enum err. False means not UTF-8: a stray or missing continuation byte, an
 *          overlong form, a surrogate, a value above U+10FFFF.
 * Threads  pure, safe everywhere.
 * Source   RFC 3629.
 */
#ifndef COMMON_SMS_UTF8_H
#define COMMON_SMS_UTF8_H

#include "common/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decode the code point at *p and move *p behind it. False at end or at a bad byte, which *p then
 * still points to; so a loop that stopped with *p == end saw only valid text. */
MUST_USE bool utf8_next(const char **p, const char *end, uint32_t *ret_cp);

/* True when text[0..len) is UTF-8 throughout. The empty text is. */
MUST_USE bool utf8_valid(const char *text, size_t len);

#endif
