/*
 * status.h - what a message can be, and the words for why it failed.
 *
 * Units    a status is stored as one letter, an error as one byte: neither may ever change its
 *          meaning.
 * Owns     nothing.
 * Errors   none; unknown letters and numbers read as STATUS_COUNT and ERROR_OTHER.
 * Threads  pure, safe everywhere.
 * Source   the API's documentation: the eight statuses of a message.
 */
#ifndef COMMON_SMS_STATUS_H
#define COMMON_SMS_STATUS_H

#include "common/base/str.h"

#include <stdbool.h>

/* name, letter in Redis, final */
#define STATUS_LIST(X)                                                                             \
    X(SCHEDULED, 'W', false)                                                                       \
    X(QUEUED, 'Q', false)                                                                          \
    X(SENDING, 'S', false)                                                                         \
    X(SENT, 'T', false)                                                                            \
    X(DELIVERED, 'D', true)                                                                        \
    X(FAILED, 'F', true)                                                                           \
    X(CANCELLED, 'C', true)                                                                        \
    X(RECEIVED, 'R', true)

#define STATUS_ENUM(name, letter, final) STATUS_##name,
enum status { STATUS_LIST(STATUS_ENUM) STATUS_COUNT };
#undef STATUS_ENUM

/* The kinds of messages, as the API names them. */
enum message_type { MESSAGE_PLAIN, MESSAGE_REPLY, MESSAGE_VERIFY, MESSAGE_TYPE_COUNT };
const char *message_type_name(enum message_type type); /* "PLAIN" */
/* MESSAGE_TYPE_COUNT: there is no such type. */
enum message_type message_type_of_name(struct str name);

const char *status_name(enum status status); /* "QUEUED" */
enum status status_of_letter(char letter);
bool status_final(enum status status);

/* member, number in Redis, error_code of the API, error_message of the API */
#define ERROR_LIST(X)                                                                              \
    X(ERROR_NONE, 0, "", "")                                                                       \
    X(ERROR_OTHER, 1, "failed", "The message could not be delivered")                              \
    X(ERROR_REJECTED, 2, "rejected_by_carrier", "The carrier refused the message")                 \
    X(ERROR_EXPIRED, 3, "expired", "The message could not be sent within its validity")            \
    X(ERROR_OUTCOME, 4, "outcome_unknown", "The carrier's answer was lost; it may have been sent") \
    X(ERROR_OPTED_OUT, 5, "opted_out", "Recipient opted out")                                      \
    X(ERROR_ABSENT, 6, "absent_subscriber", "The recipient could not be reached")                  \
    X(ERROR_UNKNOWN_NUMBER, 7, "unknown_subscriber", "The number is not in use")                   \
    X(ERROR_UNDELIVERABLE, 8, "undeliverable", "The carrier reported that delivery failed")        \
    X(ERROR_VARIABLE, 9, "missing_variable",                                                       \
      "The message needs a value this contact doesn't have")                                       \
    X(ERROR_TOO_LONG, 10, "too_long", "With this contact's values the message is too long")        \
    X(ERROR_CARRIER, 11, "carrier_unavailable",                                                    \
      "The carrier could not be reached, over many attempts")

#define ERROR_ENUM(member, number, code, text) member = (number),
enum error { ERROR_LIST(ERROR_ENUM) };
#undef ERROR_ENUM

const char *error_code(enum error error);    /* "expired"; "" for ERROR_NONE */
const char *error_message(enum error error); /* for people */
enum error error_of_number(unsigned number);
/* The error that a carrier's word stands for; ERROR_UNDELIVERABLE for words we don't know. */
enum error error_of_code(struct str code);

#endif
