#include "common/worker/options.h"

#include "common/io/crypto.h"

#include <argp.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

enum { TEXT_CAP = 256 * 1024 };

enum { OPT_CONFIG = 'c', OPT_CHECK = 256, OPT_PRINT, OPT_SAMPLE, OPT_DOC, OPT_DEV };

struct line {
    const struct worker *worker;
    const char *config;
    bool check, print, sample, doc, dev;
};

static const struct argp_option option_rows[] = {
    {"config", OPT_CONFIG, "FILE", 0, "Read settings from FILE (else from $SMS_CONFIG, if set)", 0},
    {"dev", OPT_DEV, NULL, 0, "As SMS_DEV=true", 0},
    {"check-config", OPT_CHECK, NULL, 0, "Check the settings and end", 1},
    {"print-config", OPT_PRINT, NULL, 0, "Print the settings that hold, secrets masked, and end",
     1},
    {"sample-config", OPT_SAMPLE, NULL, 0, "Print a configuration file to begin with, and end", 1},
    {"settings-doc", OPT_DOC, NULL, 0, "Print all settings as Markdown, and end", 1},
    {0}};

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct line *line = state->input;
    switch (key) {
    case OPT_CONFIG:
        line->config = value;
        return 0;
    case OPT_DEV:
        line->dev = true;
        return 0;
    case OPT_CHECK:
        line->check = true;
        return 0;
    case OPT_PRINT:
        line->print = true;
        return 0;
    case OPT_SAMPLE:
        line->sample = true;
        return 0;
    case OPT_DOC:
        line->doc = true;
        return 0;
    case ARGP_KEY_ARG:
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread has started */
        argp_error(state, "unexpected argument: %s", value);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The settings, after the options; argp frees it. */
static char *on_help(int key, const char *text, void *input)
{
    const struct line *line = input;
    struct buf help = {.cap = TEXT_CAP};
    if (key != ARGP_KEY_HELP_POST_DOC || line == NULL)
        return (char *)(uintptr_t)text;
    buf_text(&help,
             "Settings are environment variables, or lines NAME = value of the configuration file; "
             "the environment wins. It uses:\n\n");
    conf_write_help(settings_table(), 1U << line->worker->id, &help);
    return buf_take(&help);
}

static void parse(struct line *line, int argc, char **argv)
{
    static char version[256]; /* argp reads it through a global pointer */
    struct buf doc = {.cap = 4096};
    (void)snprintf(version, sizeof(version), "%s %s%s%s", settings_worker_name(line->worker->id),
                   worker_version(), *worker_commit() != '\0' ? " " : "", worker_commit());
    argp_program_version = version;
    buf_printf(&doc, "%s\v ", line->worker->summary); /* what follows \v: see on_help */
    const struct argp argp = {option_rows, on_option, NULL, doc.p, NULL, on_help, NULL};
    /* Without ARGP_NO_EXIT it ends the process itself after --help, --version and an error.
     * NOLINTNEXTLINE(concurrency-mt-unsafe): no thread has started */
    (void)argp_parse(&argp, argc, argv, 0, NULL, line);
    buf_done(&doc);
}

static const char *from_environment(const char *name)
{
    size_t n = strlen(name);
    for (char **entry = environ; *entry != NULL; entry++) {
        if (strncmp(*entry, name, n) == 0 && (*entry)[n] == '=' && (*entry)[n + 1] != '\0')
            return *entry + n + 1;
    }
    return NULL;
}

static void say(int fd, const struct buf *text)
{
    ssize_t ignored = text->n > 0 ? write(fd, text->p, text->n) : 0;
    (void)ignored;
}

static int say_errors(const struct line *line, const struct buf *errors)
{
    struct buf text = {.cap = TEXT_CAP};
    buf_printf(&text, "%s: the settings are wrong:\n", settings_worker_name(line->worker->id));
    buf_str(&text, buf_view(errors));
    say(STDERR_FILENO, &text);
    buf_done(&text);
    return EX_CONFIG;
}

static int say_document(const struct line *line)
{
    struct buf text = {.cap = TEXT_CAP};
    if (line->sample)
        settings_write_sample(&text);
    if (line->doc)
        settings_write_doc(&text);
    say(STDOUT_FILENO, &text);
    buf_done(&text);
    return 0;
}

static void hash_text(char hash[OPTIONS_HASH_SIZE], struct str text)
{
    uint8_t digest[CRYPTO_SHA256_SIZE];
    crypto_sha256(digest, text);
    crypto_hex(hash, digest, (OPTIONS_HASH_SIZE - 1) / 2);
}

static void load(struct options *options, const struct line *line)
{
    struct buf errors = {.cap = TEXT_CAP}, print = {.cap = TEXT_CAP};
    const char *path = line->config != NULL ? line->config : from_environment("SMS_CONFIG");
    enum err err =
        settings_load(&options->settings, line->worker->id, path, environ, &errors, &print);
    options->done = err || line->check || line->print;
    options->status = err ? say_errors(line, &errors) : 0;
    if (line->print)
        say(STDOUT_FILENO, &print);
    hash_text(options->hash, buf_view(&print));
    if (line->dev)
        options->settings.dev = true;
    buf_done(&print);
    buf_done(&errors);
}

void options_read(struct options *ret_options, int argc, char **argv, const struct worker *worker)
{
    struct line line = {.worker = worker};
    *ret_options = (struct options){0};
    parse(&line, argc, argv);
    if (line.sample || line.doc) {
        ret_options->done = true;
        ret_options->status = say_document(&line);
        return;
    }
    load(ret_options, &line);
}

void options_done(struct options *options)
{
    settings_done(&options->settings);
}
