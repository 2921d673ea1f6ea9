#include "common/sms/duration.h"

#include <stdbool.h>

static const int64_t MOST_MS = INT64_C(10000) * 86400000;

static const struct {
    char letter;
    bool time; /* stands behind the T */
    int64_t ms;
} units[] = {{'W', false, 604800000},
             {'D', false, 86400000},
             {'H', true, 3600000},
             {'M', true, 60000},
             {'S', true, 1000}};
enum { UNIT_COUNT = sizeof(units) / sizeof(units[0]) };

/* Cuts "12H" off. False: there is no number with a letter behind it. */
static bool cut_amount(struct str *text, unsigned long long *ret_amount, char *ret_letter)
{
    size_t n = 0;
    while (n < text->n && text->p[n] >= '0' && text->p[n] <= '9')
        n++;
    if (n == text->n || !str_to_uint((struct str){text->p, n}, INT64_MAX / 2, ret_amount))
        return false;
    *ret_letter = text->p[n];
    text->p += n + 1;
    text->n -= n + 1;
    return true;
}

/* The unit of that letter at or after `from`; UNIT_COUNT: there is none. */
static size_t find_unit(size_t from, char letter, bool time)
{
    while (from < UNIT_COUNT && (units[from].letter != letter || units[from].time != time))
        from++;
    return from;
}

enum err duration_parse(int64_t *ret_ms, struct str text)
{
    int64_t ms = 0;
    size_t next = 0, amounts = 0;
    bool time = false, week = false;
    if (!str_starts(text, STR("P")))
        return ERR_SYNTAX;
    for (text = (struct str){text.p + 1, text.n - 1}; text.n > 0; amounts++) {
        unsigned long long amount;
        char letter;
        if (!time && text.p[0] == 'T') {
            time = true;
            text = (struct str){text.p + 1, text.n - 1};
        }
        if (!cut_amount(&text, &amount, &letter))
            return ERR_SYNTAX;
        size_t unit = find_unit(next, letter, time);
        if (unit == UNIT_COUNT || week)
            return ERR_SYNTAX;
        if (amount > (unsigned long long)(MOST_MS / units[unit].ms))
            return ERR_RANGE;
        ms += (int64_t)amount * units[unit].ms;
        week = letter == 'W';
        next = unit + 1;
    }
    if (amounts == 0)
        return ERR_SYNTAX;
    if (ms > MOST_MS)
        return ERR_RANGE;
    *ret_ms = ms;
    return ERR_OK;
}
