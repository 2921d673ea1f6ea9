/*
 * contact_filter.h - which contacts a list shows.
 *
 * Texts are compared without case, as far as ASCII and the letters of Latin-1 (such as æ, ø, å) go.
 *
 * Units    bytes of UTF-8.
 * Owns     its texts, until contact_filter_done.
 * Errors   told in the problem.
 * Threads  pure.
 */
#ifndef WORKERS_API_CONTACT_FILTER_H
#define WORKERS_API_CONTACT_FILTER_H

#include "common/sms/phone.h"
#include "workers/api/problem.h"

struct json_t; /* jansson's */

struct contact_filter {
    struct buf type;    /* "" = any */
    struct buf search;  /* folded; "" = no search */
    struct buf digits;  /* of a search that could be a part of a number; else "" */
    struct phone phone; /* of one that could be a whole number; else "" */
    struct buf tags;    /* separated by commas; a contact must have all */
};

/* Reads type, search and tags. */
void contact_filter_read(struct contact_filter *ret_filter, const struct httpd_req *req,
                         struct problem *problem);
void contact_filter_done(struct contact_filter *filter);
bool contact_filter_is_empty(const struct contact_filter *filter); /* lets all through */
bool contact_filter_matches(const struct contact_filter *filter, const struct json_t *contact);

#endif
