#include "common/worker/settings_file.h"

#include <ini.h>

#include <stdio.h>

/* What inih takes in a line, with its end. */
enum { LINE_CAP = 199, WHERE_CAP = 512 };

struct line {
    struct conf *conf;
    const char *where;
    bool entry; /* it was one */
};

static int on_entry(void *arg, const char *section, const char *name, const char *value)
{
    struct line *line = arg;
    (void)section;
    line->entry = true;
    conf_file_entry(line->conf, line->where, name, value);
    return 1;
}

/* Each line on its own: so each mistake has its line, and a line that begins with a space does not
 * continue the one before it. */
static void read_line(struct conf *conf, const char *where, const char *text)
{
    struct line line = {conf, where, false};
    const char *first = text + strspn(text, " \t");
    if (strlen(text) > LINE_CAP)
        conf_fail(conf, "%s: the line is longer than %d bytes; set it in the environment", where,
                  LINE_CAP);
    else if (ini_parse_string(text, on_entry, &line) != 0)
        conf_fail(conf, "%s: the line is not NAME = value", where);
    else if (!line.entry && *first == '[')
        conf_fail(conf, "%s: there are no sections here, only NAME = value", where);
}

void settings_file_read(struct conf *conf, const char *path)
{
    char text[4096], where[WHERE_CAP];
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        conf_fail(conf, "%.400s: the configuration file can't be read", path);
        return;
    }
    for (unsigned number = 1; fgets(text, sizeof(text), file) != NULL; number++) {
        (void)snprintf(where, sizeof(where), "%.400s:%u", path, number);
        read_line(conf, where, text);
    }
    if (ferror(file) != 0)
        conf_fail(conf, "%.400s: the configuration file can't be read", path);
    (void)fclose(file);
}
