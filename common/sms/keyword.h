/*
 * keyword.h - the word with which a message to a shared number begins, and which says whose it is.
 *
 * 1 to 20 letters and digits: A to Z, the Nordic letters, 0 to 9. Case doesn't matter; inside it is
 * in capitals. The words that mean something on every number (opting out and in, help) are nobody's.
 *
 * Units    characters; UTF-8.
 * Owns     nothing; a value.
 * Errors   ERR_EMPTY, ERR_TOO_LONG, ERR_SYNTAX another character.
 * Threads  pure.
 * Source   the vendor's API (alphanumeric, case-insensitive); the opt-out words of CTIA's messaging
 *          principles, and their Nordic forms.
 */
#ifndef COMMON_SMS_KEYWORD_H
#define COMMON_SMS_KEYWORD_H

#include "common/base/err.h"
#include "common/base/str.h"

enum { KEYWORD_MAX = 20, KEYWORD_SIZE = 2 * KEYWORD_MAX + 1 }; /* a Nordic letter is two bytes */

struct keyword {
    char text[KEYWORD_SIZE];
};

MUST_USE enum err keyword_parse(struct keyword *ret_keyword, struct str text);
bool keyword_reserved(const struct keyword *keyword);

#endif
