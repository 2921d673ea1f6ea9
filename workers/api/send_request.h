/*
 * send_request.h - the body of POST /v1/sms/send, read and checked as far as that needs nobody else.
 *
 * Recipients are `to` (a number, or a list), `recipients` (numbers with variables), `to_contacts`
 * and `to_groups`: at least one, and at most SEND_MAX_TO explicit ones. A number that comes again is
 * counted and left out. With `skip_invalid` wrong numbers are listed and left out; otherwise each is
 * an error.
 *
 * Units    texts in UTF-8; ms.
 * Owns     a read request its lists and texts, until send_request_done.
 * Errors   told in the problem: 400 the body can't be read, 422 a rule is broken; each with the
 *          place it was found at.
 * Threads  pure.
 * Source   the API's documentation; E.164 for numbers. `recipients`, `message_type`, `validity`,
 *          `rate`, `send_over`, `quiet_hours`, `skip_invalid`, `dry_run` and `sender_id` are additions.
 */
#ifndef WORKERS_API_SEND_REQUEST_H
#define WORKERS_API_SEND_REQUEST_H

#include "common/sms/job.h"
#include "common/sms/phones.h"
#include "workers/api/send_pace.h"

enum {
    SEND_REF_MAX_BYTES = 255,
    SEND_CALLBACK_MAX_BYTES = 2048,
    SEND_MAX_TO = JOB_MAX_TO,
    SEND_MAX_GROUPS = JOB_MAX_GROUPS
};

/* Where an explicit recipient came from: index in a field of the body. */
struct send_entry {
    const char *field;
    size_t index;
    struct json_t *own_variables; /* an object of texts; NULL: none */
};

/* A recipient that was left out: what stood at index in a field of the body. */
enum { SEND_VALUE_SIZE = 64 };
struct send_invalid {
    const char *field;
    size_t index;
    char value[SEND_VALUE_SIZE]; /* its beginning; undefined unless is_text */
    bool is_text;
    const char *reason;
};

/* A contact or group: its id, and its place in the field. */
struct send_ref {
    struct id id;
    size_t index;
};

enum send_choice { SEND_ABSENT, SEND_NO, SEND_YES };

struct send_request {
    struct phones to;           /* explicit numbers, later those of contacts too */
    struct send_entry *entries; /* one for each of them */
    size_t duplicates;
    struct send_invalid *invalid;
    size_t invalid_count;
    struct send_ref *contacts, *groups; /* groups without duplicates */
    size_t contact_count, group_count;
    int64_t due_ms;      /* of scheduled_at, in UTC; 0 = at once */
    int64_t validity_ms; /* 0 = the setting's */
    struct send_pace pace;
    struct str message;
    struct str ref, callback, profile, sender_id; /* p NULL when absent */
    enum send_choice allow_reply;
    enum message_type type;
    bool skip_invalid, dry_run;
    struct template_names names; /* in the message; none: it is no template */
    struct segments segments;    /* of the message; undefined for a template */
    struct json_t *own_root;     /* what the texts belong to */
};

/* True: *ret_request is filled. False: *ret_problem says why not, and is the caller's. */
MUST_USE bool send_request_read(struct send_request *ret_request, struct str body, int64_t now_ms,
                                struct problem *ret_problem);
void send_request_done(struct send_request *request);

/* Explicit recipient i's value for a name; p NULL: it has none. */
struct str send_request_variable(const struct send_request *request, size_t i, struct str name);
/* The answer's list of those left out, `,"invalid":[...]`. */
void send_request_write_invalid(struct buf *out, const struct send_request *request);

#endif
