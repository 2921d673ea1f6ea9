/*
 * id.h - the ids of sends and messages.
 *
 * A send's id is a UUIDv7 whose last 24 bits are zero; its message for recipient number n (1, 2, 3
 * ...) has the same id with n in these bits. A send of one explicit recipient has one message,
 * which carries the send's own id. So from a message's id the send, the chunk and the place in it
 * are arithmetic, and no index is needed.
 *
 * Units    a recipient number is 1 to ID_MAX_NUMBER; 0 stands for the send itself.
 * Owns     nothing; a struct id is a value.
 * Errors   ERR_SYNTAX not the 36 characters of a UUID.
 * Threads  pure, safe everywhere.
 * Source   RFC 9562, 4 (text form) and 5.7 (version 7).
 */
#ifndef COMMON_BASE_ID_H
#define COMMON_BASE_ID_H

#include "common/base/err.h"
#include "common/base/str.h"

#include <stdint.h>

enum { ID_TEXT_SIZE = 37, ID_KEY_SIZE = 27, ID_RANDOM_SIZE = 7, ID_MAX_NUMBER = 0xffffff };

struct id {
    uint8_t b[16];
};

/* A new send's id from the wall time and ID_RANDOM_SIZE bytes of a cryptographic generator. */
struct id id_new(int64_t at_ms, const uint8_t random[ID_RANDOM_SIZE]);
/* Any UUID in its text form, either case. */
MUST_USE enum err id_parse(struct id *ret_id, struct str text);
void id_format(char text[ID_TEXT_SIZE], struct id id);
/* The send's part as 26 hexadecimal digits: what Redis keys are made of. */
void id_key(char text[ID_KEY_SIZE], struct id id);
struct id id_send(struct id id); /* the send that a message belongs to */
uint32_t id_number(struct id id);
struct id id_with_number(struct id send, uint32_t number);
int64_t id_at_ms(struct id id); /* the wall time inside */
bool id_eq(struct id a, struct id b);

#endif
