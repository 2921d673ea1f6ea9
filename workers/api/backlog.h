/*
 * backlog.h - how many of an account's messages are on their way: QUEUED or SENDING.
 *
 * What is scheduled doesn't count, since it waits by its sender's own wish, and nor does a large
 * send's part that is not yet cut into chunks. Redis is asked once in BACKLOG_FRESH_MS while the
 * account sends, and nobody waits for its answer: in between, what is accepted here is added.
 * So the limit is one of seconds, not of messages. While Redis is away there is none.
 *
 * Units    messages; monotonic ms.
 * Owns     nothing; {0} is valid.
 * Errors   none.
 * Threads  pure.
 */
#ifndef WORKERS_API_BACKLOG_H
#define WORKERS_API_BACKLOG_H

#include <stdbool.h>
#include <stdint.h>

enum { BACKLOG_FRESH_MS = 1000, BACKLOG_STALE_MS = 10000 };

struct backlog {
    int64_t open, added; /* as Redis said; accepted here since then */
    int64_t at_mono_ms;  /* when Redis said it; 0: never */
    bool asking;
};

/* Whether `most` are on their way, as far as is known; 0: any number may be. */
bool backlog_full(const struct backlog *b, int64_t most, int64_t now_mono_ms);
void backlog_add(struct backlog *b, int64_t messages);
/* Whether Redis is to be asked now; then backlog_told or backlog_failed must follow. */
bool backlog_ask(struct backlog *b, int64_t now_mono_ms);
void backlog_told(struct backlog *b, int64_t open, int64_t now_mono_ms);
void backlog_failed(struct backlog *b);

#endif
