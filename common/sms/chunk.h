/*
 * chunk.h - up to CHUNK_MAX recipients of one send: the unit of transport (one Kafka record) and of
 * storage.
 *
 * A chunk's record says all that a sender needs; it never changes, however often it travels. Chunk
 * k of a send holds the recipients number k * CHUNK_MAX + 1 and on. The record is JSON:
 *
 *     {"v":1,"account":"acme","send":"<uuid>","chunk":0,"single":true,"at":<ms>,"until":<ms>,
 *      "due":<ms>,"encoding":"gsm7","parts":1,"body":"...","ref":"...","from":"...",
 *      "profile":"<uuid>","callback":"https://...","reply":true,"type":"PLAIN","rate":200000,
 *      "quiet":"2100-0800","to":["4799999999"],"bodies":["..."],"errors":[0]}
 *
 * `single` is true for a send of one explicit recipient, whose message has the send's own id. These
 * may be absent: `due`, the time that a scheduled send is for; `ref`, `from` (the sender that
 * recipients see), `profile`, `callback`; `reply` (false) and `type` (PLAIN); `rate` (0: no limit of
 * its own) and `quiet` (rate.h, quiet.h); `bodies`, where each recipient has a text of their own, and
 * with them `errors`, for those who can't be sent to.
 *
 * Units    at_ms, until_ms: wall time in ms; parts per message.
 * Owns     a parsed chunk holds its texts until chunk_done.
 * Errors   ERR_SYNTAX not a chunk's record; ERR_VERSION one of a later version.
 * Threads  pure; one thread per chunk.
 */
#ifndef COMMON_SMS_CHUNK_H
#define COMMON_SMS_CHUNK_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/id.h"
#include "common/sms/phone.h"
#include "common/sms/quiet.h"
#include "common/sms/rate.h"
#include "common/sms/segments.h"
#include "common/sms/status.h"

#include <stdint.h>

enum { CHUNK_MAX = 100, CHUNK_ACCOUNT_MAX = 32 };

/* What one recipient of a personal send gets. */
struct chunk_item {
    struct str body;
    enum segments_encoding encoding;
    unsigned parts;
    enum error error; /* not ERROR_NONE: the message is FAILED from the start, and has no body */
};

struct chunk {
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct id send;
    bool single, allow_reply;
    uint32_t number;         /* of the chunk in its send, from 0 */
    int64_t at_ms, until_ms; /* accepted; not sent any more at or after */
    int64_t due_ms;          /* scheduled for; 0 = at once */
    enum segments_encoding encoding;
    unsigned parts;
    struct str body;                         /* with items: what they were made from */
    struct str ref, from, profile, callback; /* p is NULL where the send has none */
    int64_t rate_milli; /* of the send, however many chunks it has; 0 = no limit */
    enum message_type type;
    struct quiet quiet;
    size_t to_count;
    struct phone to[CHUNK_MAX];
    struct chunk_item *items; /* one for each recipient; NULL: all get body */
    char *own_text;           /* what the texts point into, when parsed; else NULL */
    char *own_bodies;         /* the same for those of items, when they aren't in own_text */
};

/* Fills *ret_chunk, which holds memory then. */
MUST_USE enum err chunk_parse(struct chunk *ret_chunk, struct str record);
void chunk_done(struct chunk *chunk);
void chunk_write(struct buf *out, const struct chunk *chunk);

/* The part of the record that all chunks of a send have in common, as members of a JSON object; the
 * first has no comma before it. chunk_read_shared takes it from such an object. */
void chunk_write_shared(struct buf *out, const struct chunk *chunk);
struct json_t;
MUST_USE enum err chunk_read_shared(struct chunk *ret_chunk, const struct json_t *root);
/* A copy of what src's chunks have in common, with memory of its own; no recipients. */
void chunk_copy_shared(struct chunk *ret_chunk, const struct chunk *src);

/* What recipient i (from 0) gets. */
struct chunk_item chunk_item(const struct chunk *chunk, size_t i);
/* The item for a text; its parts are counted. ERR_TOO_LONG, ERR_EMPTY as segments_split. */
MUST_USE enum err chunk_item_make(struct chunk_item *ret_item, struct str body);

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
