/*
 * dead_letter.h - a record of sms.dead, as what is shown of it.
 *
 * It is called by where it lies: "<partition>:<offset>". Two kinds lie there: dead letters (worker/links.h)
 *
 *     {"v":1,"reason":"...","topic":"...","partition":0,"offset":5,"bytes":123,"record":"..."}
 *
 * and notes that one was replayed: {"v":1,"replayed":"2:17"}.
 *
 *     shown: {"id","at","topic","partition","offset","reason","account","bytes","replayed_at","record"}
 *
 * Units    at_ms: wall time in ms.
 * Owns     what it returns is the caller's.
 * Errors   NULL: it is no record of that kind.
 * Threads  pure.
 */
#ifndef WORKERS_CTL_DEAD_LETTER_H
#define WORKERS_CTL_DEAD_LETTER_H

#include "common/base/buf.h"

struct json_t; /* jansson's */

enum { DEAD_LETTER_ID_SIZE = 40 };
struct dead_letter_place {
    int32_t partition;
    int64_t offset;
};

bool dead_letter_parse_id(struct dead_letter_place *ret_place, const char *id);
void dead_letter_write_id(char id[DEAD_LETTER_ID_SIZE], const struct dead_letter_place *place);

/* What is shown of it. */
struct json_t *dead_letter_read(struct str value, const struct dead_letter_place *place,
                                int64_t at_ms);
/* Whose replay the note is about. */
bool dead_letter_read_note(struct str value, char ret_id[DEAD_LETTER_ID_SIZE]);
void dead_letter_write_note(struct buf *out, const char *id);

/* What of the letters is asked for; NULL and 0: any. */
struct dead_letter_filter {
    const char *topic, *reason, *account;
    int64_t since_ms;
};
bool dead_letter_matches(const struct json_t *letter, const struct dead_letter_filter *filter);
/* The record for people: its texts and the middle of numbers are hidden. NULL: it is no JSON. */
struct json_t *dead_letter_masked(struct str record);

#endif
