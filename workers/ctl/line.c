#include "workers/ctl/line.h"

#include "common/base/buf.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    KEY_CONFIG = 1000,
    KEY_JSON,
    KEY_OPTION,
    WAIT_MAX_S = 3600,
    NAME_CAP = 64,
    TEXT_CAP = 16384
};

static const char PROGRAM[] = "sms-ctl";

/* --- what there is, in words --- */

static const char *verb_of(const struct command *command)
{
    return command->verb != NULL ? command->verb : "";
}

static size_t words_of(char text[NAME_CAP], const struct command *command)
{
    int n = snprintf(text, NAME_CAP, "%s%s%s%s%s", command->noun, command->verb != NULL ? " " : "",
                     verb_of(command), command->operands[0] != '\0' ? " " : "", command->operands);
    return n > 0 ? (size_t)n : 0;
}

/* The commands of a noun, or all: what to type, and the beginning of what it does. */
static void describe(struct buf *out, const char *noun)
{
    char words[NAME_CAP];
    size_t width = 0;
    for (size_t i = 0; i < command_count; i++) {
        size_t n = words_of(words, &commands[i]);
        width = n > width ? n : width;
    }
    for (size_t i = 0; i < command_count; i++) {
        if (noun != NULL && strcmp(commands[i].noun, noun) != 0)
            continue;
        (void)words_of(words, &commands[i]);
        buf_printf(out, "  %-*s  %.*s\n", (int)width, words, (int)strcspn(commands[i].help, ".,;:"),
                   commands[i].help);
    }
}

static const struct command *find(const char *noun, const char *verb)
{
    for (size_t i = 0; i < command_count; i++) {
        bool right = verb == NULL || strcmp(verb_of(&commands[i]), verb) == 0;
        if (strcmp(commands[i].noun, noun) == 0 && right)
            return &commands[i];
    }
    return NULL;
}

/* Says what there is, of a noun or at all. */
static int refuse(const char *noun, const char *wrong)
{
    struct buf text = {.cap = TEXT_CAP};
    describe(&text, noun);
    if (wrong == NULL)
        fprintf(stderr, "%s: which command? There is:\n%s", PROGRAM, text.p);
    else
        fprintf(stderr, "%s: there is no command '%s%s%s'. There is:\n%s", PROGRAM,
                noun != NULL ? noun : "", noun != NULL ? " " : "", wrong, text.p);
    buf_done(&text);
    return CTL_USAGE;
}

/* --- the first words --- */

static error_t on_first(int key, char *value, struct argp_state *state)
{
    struct line *line = state->input;
    switch (key) {
    case KEY_CONFIG:
        line->config = value;
        return 0;
    case ARGP_KEY_ARG:
        line->operand_count = (size_t)state->next - 1; /* where the noun is */
        state->next = state->argc;
        return 0;
    case ARGP_KEY_NO_ARGS:
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread has started */
        argp_error(state, "which command?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static size_t read_first(struct line *line, int argc, char **argv)
{
    static const struct argp_option rows[] = {
        {"config", KEY_CONFIG, "FILE", 0, "Read settings from FILE (else from $SMS_CONFIG, if set)",
         0},
        {0}};
    struct buf doc = {.cap = TEXT_CAP};
    buf_text(&doc, "The operator's command line.\vCommands:\n");
    describe(&doc, NULL);
    buf_text(
        &doc,
        "\n'sms-ctl COMMAND --help' tells more of each.\n\n"
        "It finds the admin API by SMS_ADMIN_URL and proves itself with SMS_ADMIN_TOKEN; init and "
        "dead use SMS_KAFKA_BROKERS, SMS_REDIS_URL and others, as the workers do. These are "
        "environment variables, or lines of the settings' file.\n\n"
        "Exit status: 0 done, 1 refused, 2 a wrong command line, 3 the other side can't be "
        "reached or didn't answer, 78 a wrong setting.");
    const struct argp argp = {rows, on_first, "COMMAND [ARGUMENT...]", doc.p, NULL, NULL, NULL};
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread has started */
    (void)argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, line);
    buf_done(&doc);
    size_t at = line->operand_count;
    line->operand_count = 0;
    return at;
}

/* --- the command's own words --- */

static void read_wait(struct line *line, const char *value, struct argp_state *state)
{
    unsigned long long seconds = 0;
    if (!str_to_uint(str_of(value), WAIT_MAX_S, &seconds))
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread has started */
        argp_error(state, "--wait takes a whole number of seconds, at most %d", WAIT_MAX_S);
    line->wait_ms = (int64_t)seconds * 1000;
}

static void read_option(struct line *line, enum command_option option, char *value,
                        struct argp_state *state)
{
    if (option == OPTION_FORCE)
        line->force = true;
    else if (option == OPTION_ALL)
        line->all = true;
    else if (option == OPTION_WAIT)
        read_wait(line, value, state);
    else
        line->values[option] = value != NULL ? value : "";
}

/* How many operands the command has, and how many of them it needs. */
static size_t operands_of(const struct command *command, size_t *ret_needed)
{
    size_t count = 0;
    *ret_needed = 0;
    for (struct str rest = str_of(command->operands); rest.n > 0; count++) {
        if (str_cut(&rest, ' ').p[0] != '[')
            (*ret_needed)++;
    }
    return count;
}

static error_t on_rest(int key, char *value, struct argp_state *state)
{
    struct line *line = state->input;
    size_t needed, most = operands_of(line->command, &needed);
    if (key >= KEY_OPTION && key < KEY_OPTION + OPTION_COUNT) {
        read_option(line, (enum command_option)(key - KEY_OPTION), value, state);
        return 0;
    }
    switch (key) {
    case KEY_CONFIG:
        line->config = value;
        return 0;
    case KEY_JSON:
        line->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (line->operand_count == most)
            /* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread has started */
            argp_error(state, "'%s' is too much", value);
        line->operands[line->operand_count++] = value;
        return 0;
    case ARGP_KEY_END:
        if (line->operand_count < needed)
            /* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread has started */
            argp_error(state, "it needs: %s", line->command->operands);
        if ((line->command->options & 1U << OPTION_ALL) != 0 &&
            line->all == (line->operand_count > 0))
            /* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread has started */
            argp_error(state, "it needs an account, or --all");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void list_options(struct argp_option rows[OPTION_COUNT + 3], const struct command *command)
{
    size_t n = 0;
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *row = option_row((enum command_option)i);
        if ((command->options & 1U << i) != 0)
            rows[n++] =
                (struct argp_option){row->name, KEY_OPTION + i, row->value, 0, row->help, 0};
    }
    if (command->columns != NULL || command->method != NULL)
        rows[n++] = (struct argp_option){"json", KEY_JSON, NULL, 0, "Print it as JSON", 1};
    rows[n++] = (struct argp_option){
        "config", KEY_CONFIG, "FILE", 0, "Read settings from FILE (else from $SMS_CONFIG, if set)",
        1};
    rows[n] = (struct argp_option){0};
}

/* argv[0] is the command's name; its own words follow. */
static void read_rest(struct line *line, int argc, char **argv)
{
    struct argp_option rows[OPTION_COUNT + 3];
    list_options(rows, line->command);
    const char *operands = line->command->operands[0] != '\0' ? line->command->operands : NULL;
    const struct argp argp = {rows, on_rest, operands, line->command->help, NULL, NULL, NULL};
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread has started */
    (void)argp_parse(&argp, argc, argv, 0, NULL, line);
}

static bool asks_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-?") == 0 || strcmp(word, "help") == 0;
}

static int show_noun(const char *noun)
{
    struct buf text = {.cap = TEXT_CAP};
    describe(&text, noun);
    ssize_t ignored = text.n > 0 ? write(STDOUT_FILENO, text.p, text.n) : 0;
    (void)ignored;
    buf_done(&text);
    return CTL_DONE;
}

/* The command that begins at argv[*at], which then is its last word; or NULL, and what the process
 * ends with. */
static const struct command *read_command(int argc, char **argv, size_t *at, int *ret_status)
{
    const char *noun = argv[*at];
    const struct command *command = find(noun, NULL);
    if (command == NULL) {
        *ret_status = refuse(NULL, noun);
        return NULL;
    }
    if (command->verb == NULL)
        return command;
    if (++*at == (size_t)argc) {
        *ret_status = refuse(noun, NULL);
        return NULL;
    }
    command = find(noun, argv[*at]);
    if (command == NULL)
        *ret_status = asks_help(argv[*at]) ? show_noun(noun) : refuse(noun, argv[*at]);
    return command;
}

bool line_read(struct line *ret_line, int argc, char **argv, int *ret_status)
{
    static char name[NAME_CAP]; /* argp keeps it */
    struct line *line = ret_line;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread has started */
    *line = (struct line){.wait_ms = LINE_WAIT_DEFAULT_MS, .config = getenv("SMS_CONFIG")};
    size_t at = read_first(line, argc, argv);
    const struct command *command = line->command = read_command(argc, argv, &at, ret_status);
    if (command == NULL)
        return false;
    (void)snprintf(name, sizeof(name), "%s %s%s%s", PROGRAM, command->noun,
                   command->verb != NULL ? " " : "", verb_of(command));
    argv[at] = name;
    read_rest(line, argc - (int)at, argv + at);
    return true;
}
