/*
 * command.h - what sms-ctl can do: one table of commands, and one of their options.
 *
 * A command of the admin API is a row: where it goes, what of the command line goes into the address
 * and the body, and which fields of the answer are shown. Those that talk to Kafka are functions.
 *
 * Units    none.
 * Owns     static memory.
 * Errors   none.
 * Threads  read only.
 */
#ifndef WORKERS_CTL_COMMAND_H
#define WORKERS_CTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/* Exit statuses; a wrong setting is EX_CONFIG (78), as it is of the workers. */
enum { CTL_DONE = 0, CTL_REFUSED = 1, CTL_USAGE = 2, CTL_UNREACHABLE = 3 };

enum command_option {
    OPTION_NAME,
    OPTION_CURRENCY,
    OPTION_MESSAGES,
    OPTION_SPEND,
    OPTION_RATE,
    OPTION_BURST,
    OPTION_FAST,
    OPTION_OPEN,
    OPTION_MESSAGE_RATE,
    OPTION_SENDER_RATES,
    OPTION_WEIGHT,
    OPTION_QUIET_FROM,
    OPTION_QUIET_TO,
    OPTION_SCOPES,
    OPTION_EXPIRES,
    OPTION_OVERLAP,
    OPTION_REASON,
    OPTION_PAGE,
    OPTION_PER_PAGE,
    OPTION_TOPIC,
    OPTION_WHY,
    OPTION_ACCOUNT,
    OPTION_SINCE,
    OPTION_LIMIT,
    OPTION_REVEAL,
    OPTION_AGAIN,
    OPTION_FORCE,
    OPTION_WAIT,
    OPTION_ALL,
    OPTION_COUNT
};

enum command_kind {
    OPTION_TEXT,
    OPTION_UNSET,  /* a text; "none" takes it away */
    OPTION_NUMBER, /* "none" takes the limit away */
    OPTION_LIST,   /* separated by commas */
    OPTION_PAIRS,  /* NAME=N, separated by commas; "none": no pairs */
    OPTION_QUERY,  /* a whole number, in the address */
    OPTION_OWN     /* of the command itself */
};

struct option_row {
    const char *name, *value; /* value NULL: it has none */
    enum command_kind kind;
    const char *field; /* of the body, "object.field" in an object in it; or the query parameter */
    const char *help;
};

const struct option_row *option_row(enum command_option option);

/* What is shown of a row: "field", or "object.field"; "" is the row itself. */
struct column {
    const char *title, *field;
};

struct settings;
struct line;

struct command {
    const char *noun, *verb; /* verb NULL: the noun alone */
    const char *operands;    /* "ACCOUNT PREFIX"; one in brackets may be left out */
    const char *help;
    int (*run)(const struct settings *settings,
               const struct line *line); /* or it is of the admin API: */
    const char *method, *path;           /* each % of the path takes an operand */
    const char *path_without;            /* when the operand in brackets is left out */
    const char *operand_field;           /* the field that gets the last operand */
    const char *body;                    /* or the whole body */
    const char *list; /* where the answer has its rows; NULL: it is one object, or empty */
    const struct column *columns;
    const char *done; /* what to say when it has worked; NULL: nothing */
    unsigned options; /* bits 1 << OPTION_... */
    bool merges;      /* objects in the body are completed from what is there */
};

extern const struct command commands[];
extern const size_t command_count;

#endif
