/*
 * groups.h - an account's groups of contacts in Redis.
 *
 * A group is a JSON text ({"name","description","created","updated"}) and its members, which stand
 * in the order of their numbers, so that a send to it can take them piece by piece. Contacts
 * without a number may be members, too. Deleting a group costs the same for any number of members.
 *
 * Units    numbers are digits without '+', and ordered as text ("4790" before "479").
 * Owns     nothing. Texts in a callback die with it.
 * Errors   of a call as redis.h; of a callback ERR_UNKNOWN (it may have been done), ERR_IO (Redis
 *          refuses), ERR_NOT_FOUND (there is no such group), ERR_CONFLICT (it is not as it was
 *          read), ERR_FULL (there are GROUPS_MAX).
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_GROUPS_H
#define COMMON_STORE_GROUPS_H

#include "common/base/err.h"
#include "common/base/id.h"
#include "common/base/str.h"
#include "common/io/redis.h"

enum {
    GROUPS_MAX = 10000, /* of an account */
    GROUPS_PAGE = 500,
    GROUPS_ADD = 200,   /* members added at a time */
    GROUPS_NEXT = 1000, /* members taken at a time */
};

/* --- for sends --- */

/* counts[i]: the members of group i that have a number; -1: there is no such group. None at all on
 * an error. */
typedef void (*groups_counts_fn)(void *arg, enum err err, const int64_t *counts, size_t count);
/* At most GROUPS_PAGE. */
MUST_USE enum err groups_counts(struct redis *redis, const char *account, const struct id *ids,
                                size_t count, groups_counts_fn fn, void *arg);

struct group_member {
    struct str digits; /* dies with the callback */
    struct id contact;
};

/* Fewer than asked for: there are no more (none at all of a group that doesn't exist). */
typedef void (*groups_next_fn)(void *arg, enum err err, const struct group_member *members,
                               size_t count);
struct groups_slice {
    struct id group;
    const char *after_digits; /* strictly after them; "": from the start */
    unsigned most;
};

/* Members that have a number, in the order of numbers, each number once. */
MUST_USE enum err groups_next(struct redis *redis, const char *account,
                              const struct groups_slice *slice, groups_next_fn fn, void *arg);

/* --- for the API --- */

struct group_record {
    struct id id;
    struct str text;    /* JSON; p NULL: there is none */
    int64_t members;    /* all */
    int64_t with_phone; /* those that have a number */
};

/* total: how many there are beside these. */
typedef void (*groups_page_fn)(void *arg, enum err err, int64_t total,
                               const struct group_record *records, size_t count);
/* By id (at most GROUPS_PAGE). */
MUST_USE enum err groups_get(struct redis *redis, const char *account, const struct id *ids,
                             size_t count, groups_page_fn fn, void *arg);
/* In the order of creation (at most GROUPS_PAGE). */
MUST_USE enum err groups_page(struct redis *redis, const char *account, int64_t first, size_t most,
                              groups_page_fn fn, void *arg);

struct group_put {
    struct id id;
    struct str before; /* its JSON as it was read; p NULL: a new group */
    struct str text;   /* its JSON */
};

typedef void (*groups_fn)(void *arg, enum err err);
MUST_USE enum err groups_put(struct redis *redis, const char *account, const struct group_put *put,
                             groups_fn fn, void *arg);
MUST_USE enum err groups_drop(struct redis *redis, const char *account, struct id id, groups_fn fn,
                              void *arg);

/* What adding a contact came to; the script's own numbers. */
enum group_add { GROUP_ADD_TOO_MANY = -1, GROUP_ADD_ABSENT = 0, GROUP_ADD_FINE = 1 };

/* outcomes[i] for each contact; added: those that were no members before; members: all now. */
typedef void (*groups_add_fn)(void *arg, enum err err, const enum group_add *outcomes, size_t count,
                              int64_t added, int64_t members);
struct groups_adding {
    struct id group;
    const struct id *contacts;
    size_t count;    /* at most GROUPS_ADD */
    bool only_check; /* what would come of it; nothing is added */
};

MUST_USE enum err groups_add(struct redis *redis, const char *account,
                             const struct groups_adding *adding, groups_add_fn fn, void *arg);
/* ERR_NOT_FOUND: there is no such group, or it is no member. */
MUST_USE enum err groups_remove(struct redis *redis, const char *account, struct id group,
                                struct id contact, groups_fn fn, void *arg);

#endif
