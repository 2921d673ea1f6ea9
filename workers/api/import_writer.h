/*
 * import_writer.h - writes the rows of an import, CONTACTS_BATCH at a time.
 *
 * Rows wait in the order of the file. A batch looks up their numbers, makes of each what is to be
 * stored, and stores it; rows that others came in between of are tried again, and so is all while
 * Redis is away, for some seconds.
 *
 * Units    lines count from 1.
 * Owns     the rows, until they are written or refused.
 * Errors   ERR_NOT_FOUND the group is gone; ERR_IO Redis was away for too long. Rows that are wrong
 *          are counted and listed.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_IMPORT_WRITER_H
#define WORKERS_API_IMPORT_WRITER_H

#include "common/base/err.h"
#include "common/base/id.h"
#include "common/base/str.h"

#include <stdint.h>

enum { IMPORT_LISTED = 100 }; /* rejected rows that are remembered */

struct api;
struct json_t; /* jansson's */
struct import_writer;

struct import_result {
    int64_t created, updated, rejected;
    struct {
        size_t line;
        char *reason;
    } listed[IMPORT_LISTED]; /* the first rejected rows, in the order of the file */
    size_t listed_count;
};

/* fn is called after each batch, and never from inside the functions below. */
typedef void (*import_writer_fn)(void *arg);
/* The group may be NULL. */
struct import_writer *import_writer_new(struct api *api, const char *account,
                                        const struct id *group, import_writer_fn fn, void *arg);
/* Not while it is busy, unless it only waits for Redis (import_writer_stop). */
void import_writer_free(struct import_writer *own_writer);
/* A row, or (own_body NULL) the reason why it is refused. */
void import_writer_add(struct import_writer *writer, size_t line, struct json_t *own_body,
                       const char *reason);
/* Works at what waits. Returns at once; it may be busy then. */
void import_writer_start(struct import_writer *writer);
/* Drops what waits. A batch that is under way goes on, unless it waits for Redis. */
void import_writer_stop(struct import_writer *writer);
bool import_writer_busy(const struct import_writer *writer);
size_t import_writer_waiting(const struct import_writer *writer);
enum err import_writer_err(const struct import_writer *writer); /* it can't go on */
const struct import_result *import_writer_result(const struct import_writer *writer);

#endif
