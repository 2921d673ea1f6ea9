/*
 * contacts.h - an account's contacts in Redis.
 *
 * A contact is one JSON text (common/sms/contact.h), which is written only if it is still as it was
 * read; so two who change it at the same time both get their turn. Besides, it can be found by its
 * number and by its place in the order of creation. Several contacts may have one number, up to
 * CONTACTS_PER_PHONE; a contact may be in up to CONTACTS_GROUPS groups.
 *
 * Units    first counts from 0.
 * Owns     nothing. Texts in a callback die with it; items must live until their callback.
 * Errors   of a call as redis.h; of a callback ERR_UNKNOWN (it may have been done), ERR_IO (Redis
 *          refuses), ERR_NOT_FOUND (there is no such group).
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_CONTACTS_H
#define COMMON_STORE_CONTACTS_H

#include "common/base/err.h"
#include "common/base/id.h"
#include "common/base/str.h"
#include "common/io/redis.h"
#include "common/sms/phone.h"

enum {
    CONTACTS_MANY = 1000, /* read at a time */
    CONTACTS_BATCH = 100, /* written at a time: a script of a millisecond or so */
    CONTACTS_PER_PHONE = 20,
    CONTACTS_GROUPS = 100,
};

/* texts[i] is the JSON of the contact ids[i]; p NULL: there is none. None at all on an error. */
typedef void (*contacts_many_fn)(void *arg, enum err err, const struct str *texts, size_t count);
/* At most CONTACTS_MANY. */
MUST_USE enum err contacts_get_many(struct redis *redis, const char *account, const struct id *ids,
                                    size_t count, contacts_many_fn fn, void *arg);

struct contact_record {
    struct id id;
    struct str text; /* JSON; p NULL: there is none */
};

/* total: how many there are beside these. */
typedef void (*contacts_page_fn)(void *arg, enum err err, int64_t total,
                                 const struct contact_record *records, size_t count);
/* The oldest contact of each number (up to CONTACTS_BATCH); total is count. */
MUST_USE enum err contacts_find(struct redis *redis, const char *account,
                                const struct phone *phones, size_t count, contacts_page_fn fn,
                                void *arg);
/* All contacts that have a number. */
MUST_USE enum err contacts_of_phone(struct redis *redis, const char *account, struct phone phone,
                                    contacts_page_fn fn, void *arg);
struct contacts_slice {
    const struct id
        *group; /* its members, by number; NULL: all contacts in the order of creation */
    int64_t first;
    size_t most; /* up to CONTACTS_MANY */
};

MUST_USE enum err contacts_page(struct redis *redis, const char *account,
                                const struct contacts_slice *slice, contacts_page_fn fn, void *arg);

/* What became of a written contact; the script's own numbers. */
enum contact_written {
    CONTACT_TOO_MANY_GROUPS = -2,
    CONTACT_TOO_MANY_OF_A_PHONE = -1,
    CONTACT_DIFFERS = 0, /* from what was read, or somebody has the number by now */
    CONTACT_WRITTEN = 1
};

struct contact_put {
    struct id id;
    struct str before;            /* its JSON as it was read; p NULL: a new one */
    struct str text;              /* its JSON */
    struct phone phone;           /* in it; "" for none */
    enum contact_written written; /* the answer */
};

struct contacts_puts {
    const struct id *group; /* that they become members of; NULL: none */
    bool one_per_phone;     /* a new one is only made if no other has its number */
    struct contact_put *const *list;
    size_t count; /* up to CONTACTS_BATCH */
};

typedef void (*contacts_fn)(void *arg, enum err err);
MUST_USE enum err contacts_put(struct redis *redis, const char *account,
                               const struct contacts_puts *puts, contacts_fn fn, void *arg);

/* ERR_NOT_FOUND: there is no such contact. */
MUST_USE enum err contacts_drop(struct redis *redis, const char *account, struct id id,
                                contacts_fn fn, void *arg);

#endif
