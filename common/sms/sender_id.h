/*
 * sender_id.h - who a message says it is from: a telephone number, or the name of a brand.
 *
 * Digits, with or without '+', are a telephone number (phone.h), and kept without the '+'. Anything
 * else is a brand's name: 1 to 11 of A-Z a-z 0-9, space and -_.& with a letter among them. What
 * carriers take is that narrow, so a name is kept byte for byte.
 *
 * Units    bytes; all of ASCII.
 * Owns     nothing; the structs are values.
 * Errors   ERR_EMPTY; ERR_RANGE a telephone number of a wrong length; ERR_TOO_LONG a name of more
 *          than SENDER_NAME_MAX bytes; ERR_SYNTAX anything else.
 * Threads  pure.
 * Source   3GPP TS 23.040, 9.1.2.5: an alphanumeric address holds 11 characters.
 */
#ifndef COMMON_SMS_SENDER_ID_H
#define COMMON_SMS_SENDER_ID_H

#include "common/base/err.h"
#include "common/base/id.h"
#include "common/base/str.h"
#include "common/sms/phone.h"

enum { SENDER_NAME_MAX = 11, SENDER_ID_SIZE = PHONE_MAX_DIGITS + 1 };

struct sender_id {
    char text[SENDER_ID_SIZE];
    bool custom; /* a brand's name, which nobody can reply to */
};

/* Leaves *ret_id alone on error. */
MUST_USE enum err sender_id_parse(struct sender_id *ret_id, struct str text);
/* Why a text is no sender id, for people: "must ...". */
const char *sender_id_trouble(enum err err);

/* A sender that a send may use. */
struct sender {
    char profile[ID_TEXT_SIZE]; /* "" = there is none */
    char text[SENDER_ID_SIZE];
    bool allow_reply; /* what the profile says; false for a brand's name */
};

#endif
