#include "workers/api/text_check.h"

#include <stdio.h>

/* The first control character that a message may not hold; -1: there is none. */
static int forbidden_control(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f') || c == 0x7f)
            return c;
        unsigned char next = i + 1 < text.n ? (unsigned char)text.p[i + 1] : 0;
        if (c == 0xc2 && next >= 0x80 && next < 0xa0) /* U+0080 to U+009F */
            return next;
    }
    return -1;
}

static void length_error(const struct segments *s, const char *pointer, const char *what,
                         struct problem *problem)
{
    char why[120] = "";
    if (s->encoding == SEGMENTS_UCS2)
        (void)snprintf(why, sizeof(why),
                       " The first character that forces Unicode is U+%04X, character %zu.",
                       (unsigned)s->first_unicode.cp, s->first_unicode.index + 1);
    problem_error(problem, pointer, "too_long",
                  "%s has %zu characters and %zu parts in %s; at most %d characters and "
                  "%d parts are allowed.%s",
                  what, s->code_point_count, s->part_count,
                  s->encoding == SEGMENTS_GSM7 ? "GSM-7" : "Unicode", SEGMENTS_MAX_CODE_POINTS,
                  SEGMENTS_MAX_PARTS, why);
}

bool text_check_characters(struct str text, const char *pointer, struct problem *problem)
{
    int control = forbidden_control(text);
    if (control < 0)
        return true;
    problem_error(
        problem, pointer, "control_character",
        "The text holds the control character U+%04X; only line feed, carriage return, tab "
        "and form feed are allowed.",
        (unsigned)control);
    return false;
}

bool text_check(struct segments *ret_segments, struct str text, const char *pointer,
                const char *what, struct problem *problem)
{
    bool good = text_check_characters(text, pointer, problem);
    switch ((int)segments_split(ret_segments, text.p, text.n)) {
    case ERR_OK:
        return good;
    case ERR_EMPTY:
        problem_error(problem, pointer, "empty", "%s is empty.", what);
        return false;
    case ERR_TOO_LONG:
        length_error(ret_segments, pointer, what, problem);
        return false;
    default:
        problem_error(problem, pointer, "invalid", "%s is not UTF-8.", what);
        return false;
    }
}
