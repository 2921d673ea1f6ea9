/*
 * chunk.h - up to CHUNK_MAX recipients of one send: the unit of transport (one Kafka record) and of
 * storage.
 *
 * A chunk's record says all that a sender needs; it never changes, however often it travels. Chunk
 * k of a send holds the recipients number k * CHUNK_MAX + 1 and on. The record is JSON:
 *
 *     {"v":1,"account":"acme","send":"<uuid>","chunk":0,"single":true,"at":<ms>,"until":<ms>,"due":<ms>,
 *      "encoding":"gsm7",
"parts":1,"body":"...","ref":"...","to":["4799999999"]}
 *
 * `single` is true for a send of one explicit recipient, whose message has the send's own id. `ref`
 * may be absent, and so may `due`, the time that a scheduled send is for.
 *
 * Units    at_ms, until_ms: wall time in ms; parts per message.
 * Owns     a parsed chunk holds its texts until chunk_free.
 * Errors   ERR_SYNTAX not a chunk's record; ERR_VERSION one of a later version.
 * Threads  pure; one thread per chunk.
 */
#ifndef COMMON_SMS_CHUNK_H
#define COMMON_SMS_CHUNK_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/id.h"
#include "common/sms/phone.h"
#include "common/sms/segments.h"

#include <stdint.h>

enum { CHUNK_MAX = 100, CHUNK_ACCOUNT_MAX = 32 };

struct chunk {
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct id send;
    uint32_t number; /* of the chunk in its send, from 0 */
    bool single;
    int64_t at_ms, until_ms; /* accepted; not sent any more at or after */
    int64_t due_ms;          /* scheduled for; 0 = at once */
    enum segments_encoding encoding;
    unsigned parts;
    struct str body, ref; /* ref.p is NULL when the send has none */
    size_t to_count;
    struct phone to[CHUNK_MAX];
    char *own_text; /* what body and ref point into, when parsed; else NULL */
};

/* Fills *ret_chunk, which holds memory then. */
MUST_USE enum err chunk_parse(struct chunk *ret_chunk, struct str record);
void chunk_done(struct chunk *chunk);
void chunk_write(struct buf *out, const struct chunk *chunk);

/* The id of the message for recipient i (from 0) of the chunk. */
struct id chunk_message(const struct chunk *chunk, size_t i);
/* Where a message's line is: its chunk's number and place (from 1); a single send's is 0 and 0. */
void chunk_place(struct id message, uint32_t *ret_chunk, uint32_t *ret_place);
/* The time under whose day the chunk's messages are counted: what it is scheduled for, else when it was accepted. */
int64_t chunk_counted_ms(const struct chunk *chunk);
/* The chunk's name, "<account>/<send's 26 digits>/<number>": what the delay queue calls it. */
enum { CHUNK_NAME_SIZE = CHUNK_ACCOUNT_MAX + ID_KEY_SIZE + 16 };
void chunk_name(char name[CHUNK_NAME_SIZE], const struct chunk *chunk);
/* Account ids: 1 to CHUNK_ACCOUNT_MAX of a-z 0-9 - _, since they stand in Redis keys and report
 * URLs. */
bool chunk_account_valid(struct str account);

const char *chunk_encoding_name(enum segments_encoding encoding); /* "gsm7", "ucs2" */

#endif
