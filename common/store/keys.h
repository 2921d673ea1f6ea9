/*
 * keys.h - the names of keys in Redis, and a send's description in its own.
 *
 * All keys of an account carry its name in braces, so that they lie in one slot of a cluster and
 * one script may change them together. What lies where is told in lua/state.lua.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   ERR_SYNTAX a description that isn't one.
 * Threads  pure.
 */
#ifndef COMMON_STORE_KEYS_H
#define COMMON_STORE_KEYS_H

#include "common/base/buf.h"
#include "common/base/id.h"
#include "common/sms/chunk.h"

/* The key that holds the lines of a chunk: m:{account}:<send>, or c:{account}:<send>:<chunk>. */
void keys_lines(struct buf *out, const char *account, struct id send, bool single, uint32_t chunk);
/* The bytes of an id that a send's messages share. */
enum { KEYS_SEND_BYTES = 13, KEYS_HASH_BYTES = 8 };
/* The 8 bytes by which a customer_ref is found (FNV-1a, its bits mixed once more); none when ref.p is NULL. */
void keys_hash(struct buf *out, struct str ref);
/* <letter>:{account}:<send> */
void keys_send(struct buf *out, char letter, const char *account, struct id send);

/* t:{account}:<send>:<chunk>, the texts of a personal chunk: place -> text. */
void keys_texts(struct buf *out, const char *account, struct id send, uint32_t chunk);

/* What all messages of a send share, as JSON: {"at","until","encoding","parts"}, where there are any
 * "due", "ref", "from", "profile", "callback", "reply", "type", "rate", "quiet", and the body of a single. */
void description_write(struct buf *out, const struct chunk *chunk);

struct description {
    int64_t at_ms, until_ms, due_ms; /* due_ms 0: not scheduled */
    unsigned parts;                  /* of each message */
    bool allow_reply;
    enum message_type type;
    int64_t rate_milli; /* 0: no limit of its own */
    struct quiet quiet;
    /* p is NULL where it has none; they point into own_texts */
    struct str ref, body, from, profile, callback;
    char *own_texts;
};

MUST_USE enum err description_parse(struct description *ret_description, struct str text);
void description_done(struct description *description);

#endif
