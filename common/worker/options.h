/*
 * options.h - a worker's command line, and the settings that it leads to.
 *
 * Units    none.
 * Owns     what options_read returned, until options_done.
 * Errors   told to the person at the terminal, all at once; the exit status says which kind.
 * Threads  one. --help, --version and wrong options end the process.
 */
#ifndef COMMON_WORKER_OPTIONS_H
#define COMMON_WORKER_OPTIONS_H

#include "common/worker/worker.h"

enum { OPTIONS_HASH_SIZE = 17 };

struct options {
    bool done;  /* nothing is left to do but to end with status */
    int status; /* undefined unless done */
    struct settings settings;
    char hash[OPTIONS_HASH_SIZE]; /* differs when a setting does, secrets aside */
};

void options_read(struct options *ret_options, int argc, char **argv, const struct worker *worker);
void options_done(struct options *options);

#endif
