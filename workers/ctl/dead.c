#include "workers/ctl/dead.h"

#include "common/base/clock.h"
#include "common/io/kafka_read.h"
#include "common/sms/duration.h"
#include "common/worker/settings.h"
#include "workers/ctl/dead_letter.h"
#include "workers/ctl/json.h"
#include "workers/ctl/line.h"
#include "workers/ctl/replay.h"
#include "workers/ctl/view.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEXT_CAP = 64 << 20, LIMIT_DEFAULT = 100, LIMIT_MAX = 1000000, RECORD_CAP = 16 << 20 };

/* All dead letters, by the order in which they came. */
struct letters {
    json_t *list;
    json_t *notes; /* id -> when it was replayed */
};

/* --- reading --- */

static void on_found(void *arg, const struct kafka_found *found)
{
    struct letters *letters = arg;
    const struct dead_letter_place place = {found->partition, found->offset};
    char id[DEAD_LETTER_ID_SIZE], at[CLOCK_TEXT_SIZE];
    if (dead_letter_read_note(found->value, id)) {
        clock_format_s(at, found->at_ms);
        (void)json_object_set_new(letters->notes, id, json_string(at));
        return;
    }
    json_t *letter = dead_letter_read(found->value, &place, found->at_ms);
    if (letter != NULL)
        (void)json_array_append_new(letters->list, letter);
}

static void letters_done(struct letters *letters)
{
    json_decref(letters->list);
    json_decref(letters->notes);
}

static int say(enum err err, const char *why)
{
    fprintf(stderr, "sms-ctl: %s\n", why);
    return err == ERR_NOT_FOUND ? CTL_REFUSED : CTL_UNREACHABLE;
}

static int read_letters(struct letters *ret_letters, const struct settings *settings,
                        const struct line *line)
{
    const struct kafka_read_conf conf = {settings->kafka_brokers, line->wait_ms};
    char why[KAFKA_WHY_SIZE] = "";
    struct letters letters = {json_array(), json_object()};
    size_t i;
    json_t *letter;
    enum err err = kafka_read_topic(&conf, TOPIC_DEAD, on_found, &letters, why);
    if (err != ERR_OK) {
        letters_done(&letters);
        return say(err, why);
    }
    json_array_foreach(letters.list, i, letter)
    {
        json_t *at =
            json_object_get(letters.notes, json_string_value(json_object_get(letter, "id")));
        if (at != NULL)
            (void)json_object_set(letter, "replayed_at", at);
    }
    *ret_letters = letters;
    return CTL_DONE;
}

/* --- choosing --- */

static bool read_filter(struct dead_letter_filter *filter, const struct line *line)
{
    int64_t period_ms = 0;
    *filter = (struct dead_letter_filter){line->values[OPTION_TOPIC], line->values[OPTION_WHY],
                                          line->values[OPTION_ACCOUNT], 0};
    if (line->values[OPTION_SINCE] == NULL)
        return true;
    if (duration_parse(&period_ms, str_of(line->values[OPTION_SINCE])) != ERR_OK) {
        fprintf(stderr, "sms-ctl: --since takes a period such as PT2H or P7D\n");
        return false;
    }
    filter->since_ms = clock_wall_ms() - period_ms;
    return true;
}

static bool read_limit(size_t *ret_limit, const struct line *line)
{
    unsigned long long limit = LIMIT_DEFAULT;
    const char *text = line->values[OPTION_LIMIT];
    if (text != NULL && (!str_to_uint(str_of(text), LIMIT_MAX, &limit) || limit == 0)) {
        fprintf(stderr, "sms-ctl: --limit takes a whole number from 1 to %d\n", LIMIT_MAX);
        return false;
    }
    *ret_limit = (size_t)limit;
    return true;
}

static int newest_first(const void *a, const void *b)
{
    json_t *const *left = a, *const *right = b;
    return strcmp(json_string_value(json_object_get(*right, "at")),
                  json_string_value(json_object_get(*left, "at")));
}

/* The letters of a list that match, the newest first, as a list of its own. */
static json_t *choose(const json_t *list, const struct dead_letter_filter *filter)
{
    size_t count = 0, i;
    json_t *letter, *chosen = json_array();
    json_t **all = xalloc_array(json_array_size(list) + 1, sizeof(json_t *));
    json_array_foreach(list, i, letter)
    {
        if (dead_letter_matches(letter, filter))
            all[count++] = letter;
    }
    qsort(all, count, sizeof(json_t *), newest_first);
    for (i = 0; i < count; i++)
        (void)json_array_append(chosen, all[i]);
    xfree(all);
    return chosen;
}

static json_t *find(const json_t *list, const char *id)
{
    size_t i;
    json_t *letter;
    json_array_foreach(list, i, letter)
    {
        if (strcmp(json_string_value(json_object_get(letter, "id")), id) == 0)
            return letter;
    }
    return NULL;
}

/* The letter that the line names; NULL: there is none, and it was said so. */
static json_t *find_named(const struct letters *letters, const struct line *line)
{
    json_t *letter = find(letters->list, line->operands[0]);
    if (letter == NULL)
        fprintf(stderr,
                "sms-ctl: there is no dead letter '%s'; 'dead list' shows which there are\n",
                line->operands[0]);
    return letter;
}

/* --- showing --- */

static void show(const struct line *line, const json_t *answer)
{
    struct buf text = {.cap = TEXT_CAP};
    if (line->json) {
        json_write(&text, answer);
        buf_char(&text, '\n');
    } else {
        view_write(&text, line->command, answer);
    }
    (void)fwrite(text.n > 0 ? text.p : "", 1, text.n, stdout);
    buf_done(&text);
}

static void show_rows(const struct line *line, json_t *own_rows, size_t total)
{
    json_auto_t *answer = json_object();
    size_t shown = json_array_size(own_rows);
    (void)json_object_set_new(answer, line->command->list, own_rows);
    (void)json_object_set_new(answer, "total", json_integer((json_int_t)total));
    show(line, answer);
    if (!line->json && shown < total)
        printf("%zu of %zu; --limit shows more\n", shown, total);
}

int dead_list(const struct settings *settings, const struct line *line)
{
    struct letters letters;
    struct dead_letter_filter filter;
    size_t limit, i;
    json_t *letter;
    if (!read_filter(&filter, line) || !read_limit(&limit, line))
        return CTL_USAGE;
    int status = read_letters(&letters, settings, line);
    if (status != CTL_DONE)
        return status;
    json_t *rows = choose(letters.list, &filter);
    size_t total = json_array_size(rows);
    while (json_array_size(rows) > limit)
        (void)json_array_remove(rows, json_array_size(rows) - 1);
    json_array_foreach(rows, i, letter)(void) json_object_del(letter, "record");
    show_rows(line, rows, total);
    letters_done(&letters);
    return CTL_DONE;
}

/* The record as it may be shown: whole, or what of it harms nobody. */
static json_t *shown_record(const json_t *letter, bool reveal)
{
    const json_t *record = json_object_get(letter, "record");
    struct str text = {json_string_value(record), json_string_length(record)};
    struct buf out = {.cap = RECORD_CAP};
    if (reveal)
        return json_stringn(text.p != NULL ? text.p : "", text.n);
    json_auto_t *masked = dead_letter_masked(text);
    if (masked == NULL)
        return json_string("(hidden: it is no JSON; --reveal shows it)");
    json_write(&out, masked);
    json_t *shown = json_stringn(out.p, out.n);
    buf_done(&out);
    return shown;
}

int dead_show(const struct settings *settings, const struct line *line)
{
    struct letters letters;
    int status = read_letters(&letters, settings, line);
    if (status != CTL_DONE)
        return status;
    json_t *letter = find_named(&letters, line);
    if (letter != NULL) {
        (void)json_object_set_new(letter, "record",
                                  shown_record(letter, line->values[OPTION_REVEAL] != NULL));
        show(line, letter);
    }
    letters_done(&letters);
    return letter != NULL ? CTL_DONE : CTL_REFUSED;
}

/* --- replaying --- */

/* What is to be replayed; NULL: nothing, and it was said why. */
static json_t *choose_replays(const struct letters *letters, const struct line *line,
                              const struct dead_letter_filter *filter)
{
    bool again = line->values[OPTION_AGAIN] != NULL;
    json_t *letter = line->operands[0] != NULL ? find_named(letters, line) : NULL;
    json_t *chosen = line->operands[0] != NULL ? json_array() : choose(letters->list, filter);
    if (line->operands[0] != NULL)
        (void)json_array_append(chosen, letter);
    for (size_t i = json_array_size(chosen); i-- > 0 && !again;) {
        letter = json_array_get(chosen, i);
        if (json_is_null(json_object_get(letter, "replayed_at")))
            continue;
        if (line->operands[0] != NULL)
            fprintf(stderr, "sms-ctl: it was replayed at %s; --again does it once more\n",
                    json_string_value(json_object_get(letter, "replayed_at")));
        (void)json_array_remove(chosen, i);
    }
    return chosen;
}

int dead_replay(const struct settings *settings, const struct line *line)
{
    struct letters letters;
    struct dead_letter_filter filter;
    if (!read_filter(&filter, line))
        return CTL_USAGE;
    if ((line->operands[0] == NULL) == (filter.reason == NULL)) {
        fprintf(stderr, "sms-ctl: dead replay needs an ID, or a --reason\n");
        return CTL_USAGE;
    }
    int status = read_letters(&letters, settings, line);
    if (status != CTL_DONE)
        return status;
    json_t *chosen = choose_replays(&letters, line, &filter);
    bool none = line->operands[0] != NULL && json_array_size(chosen) == 0;
    json_t *done = json_array();
    status = none ? CTL_REFUSED : replay_all(settings, line->wait_ms, chosen, done);
    if (!none)
        show_rows(line, json_incref(done), json_array_size(done));
    json_decref(done);
    json_decref(chosen);
    letters_done(&letters);
    return status;
}
