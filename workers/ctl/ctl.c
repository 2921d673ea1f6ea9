#include "workers/ctl/ctl.h"

#include "common/base/log.h"
#include "common/worker/worker.h"
#include "workers/ctl/init.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    OPTION_FORCE = 1000,
    OPTION_WAIT,
    OPTION_CONFIG,
    OPTION_VERSION,
    WAIT_DEFAULT_S = 60,
    WAIT_MAX_S = 3600
};

struct command_line {
    const char *command, *config;
    bool force;
    int64_t wait_ms;
};

static const struct argp_option options[] = {
    {"force", OPTION_FORCE, NULL, 0,
     "init: mark Redis even if Kafka holds sends that it doesn't know", 0},
    {"wait", OPTION_WAIT, "SECONDS", 0, "How long Kafka and Redis may take to answer (60)", 0},
    {"config", OPTION_CONFIG, "FILE", 0, "The settings' file; the environment wins over it", 0},
    {0},
};

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct command_line *line = state->input;
    unsigned long long seconds = 0;
    switch (key) {
    case OPTION_FORCE:
        line->force = true;
        return 0;
    case OPTION_WAIT:
        if (!str_to_uint(str_of(value), WAIT_MAX_S, &seconds))
            argp_error(state, "--wait takes a whole number of seconds, at most %d", WAIT_MAX_S);
        line->wait_ms = (int64_t)seconds * 1000;
        return 0;
    case OPTION_CONFIG:
        line->config = value;
        return 0;
    case ARGP_KEY_ARG:
        if (line->command != NULL)
            argp_error(state, "one command at a time");
        line->command = value;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which command?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int run(const struct command_line *line)
{
    struct settings settings;
    struct buf errors = {.cap = 65536};
    int status = EX_CONFIG;
    if (settings_load(&settings, WORKER_CTL, line->config, environ, &errors, NULL) == ERR_OK) {
        log_init("ctl", (enum log_level)settings.log_level, (enum log_format)settings.log_format,
                 STDERR_FILENO);
        status = init_run(&settings, line->force, line->wait_ms);
        settings_done(&settings);
    } else {
        fprintf(stderr, "%s", errors.p);
    }
    buf_done(&errors);
    return status;
}

int ctl_main(int argc, char **argv)
{
    static const struct argp argp = {options,
                                     on_option,
                                     "COMMAND",
                                     "The operator's command line.\v"
                                     "Commands:\n"
                                     "  init    make the Kafka topics and mark Redis as the view "
                                     "of this Kafka; to be run once, harmless again\n\n"
                                     "Settings are SMS_ variables, as the workers': "
                                     "SMS_KAFKA_BROKERS, SMS_REDIS_URL, SMS_KAFKA_PARTITIONS ...",
                                     NULL,
                                     NULL,
                                     NULL};
    struct command_line line = {.wait_ms = WAIT_DEFAULT_S * 1000, .config = getenv("SMS_CONFIG")};
    static char version[256]; /* argp reads it through a global pointer */
    (void)snprintf(version, sizeof(version), "sms-ctl %s %s", worker_version(), worker_commit());
    argp_program_version = version; /* argp answers --version with it */
    argp_err_exit_status = EX_USAGE;
    if (argp_parse(&argp, argc, argv, 0, NULL, &line) != 0)
        return EX_USAGE;
    if (strcmp(line.command, "init") != 0) {
        fprintf(stderr, "sms-ctl: there is no command '%s'; the commands are: init\n",
                line.command);
        return EX_USAGE;
    }
    return run(&line);
}
