#include "workers/api/query.h"

#include <stdio.h>
#include <string.h>

enum { MAX_NAMES = 32, SHOWN_SIZE = 41 };

struct check {
    const char *const *names;
    struct problem *problem;
    bool seen[MAX_NAMES];
};

/* A stranger's name as it may be shown, whatever bytes it has. */
static void show(char shown[SHOWN_SIZE], const char *name)
{
    (void)snprintf(shown, SHOWN_SIZE, "%s", name);
    for (; *shown != '\0'; shown++) {
        if (*shown < ' ' || *shown >= 0x7f)
            *shown = '?';
    }
}

static void check_one(void *arg, const char *name, const char *value)
{
    struct check *check = arg;
    char shown[SHOWN_SIZE];
    size_t at = 0;
    (void)value;
    while (check->names[at] != NULL && strcmp(check->names[at], name) != 0)
        at++;
    if (check->names[at] != NULL && !check->seen[at]) {
        check->seen[at] = true;
        return;
    }
    show(shown, name);
    if (check->names[at] == NULL)
        problem_parameter(check->problem, shown, "unknown_parameter",
                          "There is no query parameter \"%s\".", shown);
    else
        problem_parameter(check->problem, shown, "repeated",
                          "The query parameter \"%s\" is given more than once.", shown);
}

void query_check(const struct httpd_req *req, const char *const *names, struct problem *ret_problem)
{
    struct check check = {.names = names, .problem = ret_problem};
    problem_init(ret_problem, 422);
    httpd_query_each(req, check_one, &check);
}
