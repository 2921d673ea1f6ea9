#include "common/base/conf_name.h"

#include <stdio.h>

static const char file_suffix[] = "_FILE";

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein's distance, one row of his matrix at a time. */
static size_t distance(const char *a, const char *b)
{
    size_t row[CONF_NAME_SIZE + 1];
    size_t n = strnlen(b, CONF_NAME_SIZE);
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 0; a[i] != '\0' && i < CONF_NAME_SIZE; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < n; j++) {
            size_t above = row[j + 1];
            row[j + 1] = min3(above + 1, row[j] + 1, diagonal + (a[i] != b[j]));
            diagonal = above;
        }
    }
    return row[n];
}

void conf_name_nearest(const struct conf_table *table, const char *name,
                       char ret_name[CONF_NAME_SIZE])
{
    size_t best = SIZE_MAX;
    ret_name[0] = '\0';
    for (size_t i = 0; i < 2 * table->count; i++) {
        const struct conf_row *row = &table->rows[i / 2];
        char candidate[CONF_NAME_SIZE];
        if (i % 2 == 1 && (row->flags & CONF_SECRET) == 0)
            continue;
        (void)snprintf(candidate, sizeof(candidate), "%s%s", row->name,
                       i % 2 == 1 ? file_suffix : "");
        size_t d = distance(name, candidate);
        if (d < best) {
            best = d;
            memcpy(ret_name, candidate, CONF_NAME_SIZE);
        }
    }
}

size_t conf_name_find(const struct conf_table *table, struct str name, bool *ret_in_file)
{
    const struct str suffix = STR(file_suffix);
    size_t at = 0;
    *ret_in_file = false;
    while (at < table->count && !str_eq(str_of(table->rows[at].name), name))
        at++;
    if (at < table->count || name.n <= suffix.n)
        return at;
    struct str head = {name.p, name.n - suffix.n};
    if (!str_eq((struct str){name.p + head.n, suffix.n}, suffix))
        return at;
    for (at = 0; at < table->count && !str_eq(str_of(table->rows[at].name), head); at++)
        ;
    *ret_in_file = true;
    return at;
}
