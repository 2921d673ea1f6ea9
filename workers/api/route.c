#include "workers/api/route.h"

#include "common/io/httpd.h"
#include "workers/api/problem.h"

#include <stdio.h>

static bool ends_with_slash(struct str path)
{
    return path.n > 0 && path.p[path.n - 1] == '/';
}

static bool matches(struct str pattern, struct str path)
{
    if (ends_with_slash(pattern) != ends_with_slash(path))
        return false; /* "/messages/" has an empty id, and is not the list */
    while (pattern.n > 0 || path.n > 0) {
        struct str want = str_cut(&pattern, '/'), have = str_cut(&path, '/');
        bool any = str_eq(want, STR("{}")) && have.n > 0;
        if (!any && !str_eq(want, have))
            return false;
    }
    return true;
}

/* "GET, POST" grows by one method. HEAD comes with GET. */
static void add_method(char allow[ROUTE_ALLOW_SIZE], const char *method)
{
    size_t n = strlen(allow);
    (void)snprintf(allow + n, ROUTE_ALLOW_SIZE - n, "%s%s%s", n > 0 ? ", " : "", method,
                   strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

const struct route *route_find(const struct route *routes, size_t count, const char *method,
                               struct str path, char allow[ROUTE_ALLOW_SIZE])
{
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    const char *pattern = NULL; /* the first that matches; the path is nobody else's then */
    allow[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        if (pattern != NULL ? strcmp(routes[i].pattern, pattern) != 0
                            : !matches(str_of(routes[i].pattern), path))
            continue;
        pattern = routes[i].pattern;
        if (strcmp(routes[i].method, wanted) == 0)
            return &routes[i];
        add_method(allow, routes[i].method);
    }
    return NULL;
}

struct str route_segment(struct str path, unsigned n)
{
    (void)str_cut(&path, '/');
    while (n-- > 0)
        (void)str_cut(&path, '/');
    return str_cut(&path, '/');
}

const struct route *route_of(const struct route *routes, size_t count, struct httpd_req *own_req)
{
    char allow[ROUTE_ALLOW_SIZE];
    const struct route *route =
        route_find(routes, count, httpd_method(own_req), httpd_path(own_req), allow);
    if (route != NULL)
        return route;
    if (allow[0] != '\0')
        problem_method(own_req, allow);
    else
        problem_simple(own_req, 404, "There is nothing at this address.");
    return NULL;
}
