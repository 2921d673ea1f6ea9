/*
 * line.h - the command line: which command, with what.
 *
 *     sms-ctl [--config FILE] NOUN [VERB] [OPTION...] [OPERAND...]
 *
 * --help works at every level. It and wrong options end the process inside (argp).
 *
 * Units    ms.
 * Owns     nothing: the texts are argv's, or static.
 * Errors   the exit status.
 * Threads  one, before any other has started.
 */
#ifndef WORKERS_CTL_LINE_H
#define WORKERS_CTL_LINE_H

#include "workers/ctl/command.h"

#include <stdint.h>

enum { LINE_MAX_OPERANDS = 2, LINE_WAIT_DEFAULT_MS = 60000 };

struct line {
    const struct command *command;
    const char *config;
    const char *operands[LINE_MAX_OPERANDS]; /* NULL: left out */
    size_t operand_count;
    const char *values[OPTION_COUNT]; /* NULL: not given */
    bool json, force, all;
    int64_t wait_ms;
};

/* False: the process is to end with *ret_status, and it was said why. */
bool line_read(struct line *ret_line, int argc, char **argv, int *ret_status);

#endif
