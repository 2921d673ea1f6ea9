/*
 * pages.h - lists in pages.
 *
 * A page comes from one or a few bounded looks into Redis. `page` counts from the newest; `cursor` goes on where a page
 * ended, at any depth, for the same price. A total that only counting tells is counted up to PAGES_TOTAL_MOST, once for a
 * walk: the cursor carries it.
 *
 * Units    none.
 * Owns     the request, from pages_begin to its answer.
 * Errors   422 a page so deep that a cursor is needed; 503 Redis can't be asked.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_PAGES_H
#define WORKERS_API_PAGES_H

#include "common/io/httpd.h"
#include "workers/api/list_cursor.h"

struct api;
struct pages;

enum { PAGES_TOTAL_MOST = 10000 };

struct pages_look {
    const struct list_place *place; /* NULL: the beginning */
    uint64_t skip;
    unsigned limit; /* 0: only count */
    bool wants_total;
};

/* What a look found. */
struct pages_found {
    size_t count;
    bool done;
    const struct list_place *next; /* undefined when done */
    uint64_t skip;                 /* how many of those to skip were not found yet */
    int64_t total;                 /* -1: only counting tells */
};

/* What is listed. arg is whatever pages_begin was given. */
struct pages_kind {
    const char *member;      /* of the answer, that has the rows */
    const char *unavailable; /* what a 503 says */
    /* Looks, and calls pages_found later; before it, pages_row for each row. */
    enum err (*look)(struct pages *pages, void *arg, const struct pages_look *look);
    /* More members for the answer, each with a comma before it; NULL: none. */
    void (*write_more)(struct buf *out, void *arg);
    void (*forget)(void *own_arg);
};

struct pages_request {
    bool nothing; /* nothing can be there */
    bool exact;   /* the total is counted to its end, however many there are */
    bool recount; /* the total is counted by looks from the beginning, even where it is known */
    uint32_t page;
    unsigned page_size;
    struct list_cursor cursor; /* its place is set when one was given; the mark always */
};

void pages_begin(struct api *api, struct httpd_req *own_req, const struct pages_kind *kind,
                 const struct pages_request *request, void *own_arg);
/* Where a row, as JSON, is written to, with what separates it from the one before. */
struct buf *pages_row(struct pages *pages);
/* A look is over. */
void pages_found(struct pages *pages, enum err err, const struct pages_found *found);

#endif
