/*
 * behaviour.h - how the carrier treats submits and reports, as a test has asked for.
 *
 * One roll of the dice decides a submit: the rates lie end to end between 0 and 1, so they add up
 * to at most 1, and what is left is the chance of being accepted.
 *
 * Units    rates 0 to 1; ms; the fields' names, ranges and meanings are in README.md.
 * Owns     nothing; struct behaviour is plain data.
 * Errors   ERR_SYNTAX not a JSON object; ERR_RANGE a field is unknown or wrong.
 * Threads  pure: dice and time are passed in.
 */
#ifndef WORKERS_SIMULATOR_BEHAVIOUR_H
#define WORKERS_SIMULATOR_BEHAVIOUR_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "workers/simulator/dice.h"

#include <stdbool.h>
#include <stdint.h>

enum { BEHAVIOUR_TEXT_SIZE = 32, BEHAVIOUR_FAULT_SIZE = 160, BEHAVIOUR_MAX_MS = 3600000 };

/* Any time between the two, both included. */
struct behaviour_span {
    int64_t min_ms, max_ms;
};

struct behaviour_report {
    bool enabled;
    struct behaviour_span delay;
    bool overtakes; /* the delay counts from the acceptance, not from the answer */
    char status[BEHAVIOUR_TEXT_SIZE];
    double fail_rate;
    int64_t repeat_count; /* how often each is sent once more */
    bool reorder;
    bool held; /* none is posted, until it is false again */
};

struct behaviour {
    int64_t seed;
    struct behaviour_span latency;
    double failure_rate;
    int64_t failure_status;
    bool accept_before_failure;
    double reject_rate;
    char reject_error[BEHAVIOUR_TEXT_SIZE];
    int64_t throttle_per_s; /* 0: no limit */
    double throttle_rate;
    double hang_up_rate;
    double hang_up_after_accept_rate;
    double never_answer_rate;
    double bad_json_rate;
    double late_rate;
    int64_t late_ms;
    double cut_off_rate;
    double drip_rate;
    struct behaviour_report report;
};

enum behaviour_fate {
    FATE_ACCEPT,
    FATE_FAIL,
    FATE_ACCEPT_AND_FAIL,
    FATE_REJECT,
    FATE_THROTTLE,
    FATE_HANG_UP,
    FATE_ACCEPT_AND_HANG_UP,
    FATE_NEVER_ANSWER,
    FATE_BAD_JSON, /* accepted, but the answer can't be read */
    FATE_LATE,     /* accepted; the answer comes late_ms later than it would */
    FATE_CUT_OFF,  /* accepted; the connection is reset in the middle of the answer */
    FATE_DRIP,     /* accepted; the answer comes a byte a second */
    FATE_COUNT,
};

/* What throttle_per_s has let through in the present second. Zero is valid. */
struct behaviour_throttle {
    int64_t second;
    int64_t count;
};

/* The text of what was wrong with a behaviour, for the one who sent it. */
struct behaviour_fault {
    char text[BEHAVIOUR_FAULT_SIZE];
};

void behaviour_default(struct behaviour *b, int64_t seed);
/* Change the fields that json names; all of them, or none. */
MUST_USE enum err behaviour_update(struct behaviour *b, struct str json,
                                   struct behaviour_fault *ret_fault);
/* The whole of it, as JSON that behaviour_update takes. */
void behaviour_write(const struct behaviour *b, struct buf *out);

enum behaviour_fate behaviour_decide(const struct behaviour *b, struct behaviour_throttle *throttle,
                                     struct dice *dice, int64_t now_ms);
bool behaviour_accepts(enum behaviour_fate fate);
/* It is that of a call's connection, and so of all messages in the call. */
bool behaviour_is_of_call(enum behaviour_fate fate);
/* Its answer says that the message was not taken. */
bool behaviour_refuses(enum behaviour_fate fate);
int64_t behaviour_span_ms(struct behaviour_span span, struct dice *dice);

#endif
