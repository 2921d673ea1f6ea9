/*
 * store.h - an account of the test's own in the real Redis, and calls of common/store that wait
 * for their answer.
 *
 * Units    ms; days since 1970.
 * Owns     a loop, a connection, and all keys of the account until store_close, which deletes them.
 * Errors   whatever fails, fails the test.
 * Threads  one.
 */
#ifndef TESTS_SUPPORT_STORE_H
#define TESTS_SUPPORT_STORE_H

#include "common/store/messages.h"

enum {
    STORE_SHARDS = 4
}; /* of the delay queue: as many as workers have, if nobody says otherwise */

struct store {
    struct loop *loop;
    struct redis *redis;
    char account[CHUNK_ACCOUNT_MAX + 1];
};

void store_open(struct store *s);
void store_close(struct store *s);

/* Any command of Redis, its words separated by single spaces. The reply as a number (0 for none),
 * or as text. */
/* Waits until *answered, which the callback of what was called sets, and clears it. */
void store_await(struct store *s, enum err called, bool *answered);

int64_t store_int(struct store *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
enum { STORE_TEXT_SIZE = 1024 };
void store_text(struct store *s, char text[STORE_TEXT_SIZE], const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int64_t store_now_ms(struct store *s); /* by Redis' clock */

/* A chunk of a new send: to_count numbers, valid for an hour, a short body. One is a single send.
 */
void store_chunk(struct chunk *ret_chunk, struct store *s, size_t to_count);

void store_create(struct store *s, const struct chunk *chunk);
void store_create_all(struct store *s, const struct chunk *const *chunks, size_t count);
void store_claim_all(struct store *s, struct claim *const *claims, size_t count, int64_t lease_ms,
                     int64_t patience_ms);
void store_claim(struct store *s, struct claim *claim, int64_t lease_ms, int64_t patience_ms);
/* A message costs its parts of the rates that it must keep. */
void store_claim_in_parts(struct store *s, struct claim *claim, int64_t lease_ms,
                          int64_t patience_ms);
enum { STORE_TRIES = 20 };
enum written store_record(struct store *s, const struct record *record);
enum written store_report(struct store *s, const struct report *report);
/* All in one call; the answers are in them. */
void store_report_all(struct store *s, struct reported *reports, size_t count);

/* A message as messages_get shows it, its texts copied. */
struct seen {
    bool found;
    struct line line; /* digits point into `digits` */
    int64_t at_ms, until_ms;
    char digits[32], body[256], ref[256]; /* ref "" when there is none */
};
void store_see(struct store *s, struct id id, struct seen *ret_seen);

/* What the account's day counts: messages by status, or 'u' the parts that carriers accepted. */
int64_t store_count(struct store *s, int64_t day, char letter);
int64_t store_day(const struct chunk *chunk);
/* Asserts that the counts of the day, and of each send of many, are those of its lines, that the
 * parts are those of the lines that are counted, and that nothing else is. `chunks` must be all
 * that the account has, one to a send. */
void store_audit(struct store *s, const struct chunk *const *chunks, size_t count);

#endif
