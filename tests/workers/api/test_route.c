#include "workers/api/route.h"

#include <criterion/criterion.h>

static void first(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    (void)api;
    (void)own_req;
    (void)caller;
}

static void second(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    first(api, own_req, caller);
}

static void third(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    first(api, own_req, caller);
}

static const struct route routes[] = {
    {"POST", "/v1/things", first, SCOPE_READ},
    {"GET", "/v1/things/{}", second, SCOPE_READ},
    {"DELETE", "/v1/things/{}", third, SCOPE_READ},
    {"POST", "/v1/things/{}/parts", first, SCOPE_READ},
    {"POST", "/v1/boxes/special", first, SCOPE_READ},
    {"GET", "/v1/boxes/{}", second, SCOPE_READ},
};

Test(route, find)
{
    static const struct {
        const char *name, *method, *path;
        route_fn want;
        const char *allow;
    } cases[] = {
        {"a path", "POST", "/v1/things", first, ""},
        {"a parameter", "GET", "/v1/things/x-1", second, ""},
        {"another method of it", "DELETE", "/v1/things/x-1", third, "GET, HEAD"},
        {"HEAD is a GET", "HEAD", "/v1/things/x-1", second, ""},
        {"a parameter in the middle", "POST", "/v1/things/x/parts", first, ""},
        {"no such path", "GET", "/v1/thing", NULL, ""},
        {"too long", "POST", "/v1/things/x/parts/y", NULL, ""},
        {"too short", "POST", "/v1", NULL, ""},
        {"the root", "GET", "/", NULL, ""},
        {"empty", "GET", "", NULL, ""},
        {"an empty parameter", "GET", "/v1/things/", NULL, ""},
        {"an empty parameter in the middle", "POST", "/v1/things//parts", NULL, ""},
        {"other letters", "POST", "/V1/things", NULL, ""},
        {"no such method", "GET", "/v1/things", NULL, "POST"},
        {"no such method of several", "PUT", "/v1/things/x", NULL, "GET, HEAD, DELETE"},
        {"a method in small letters", "get", "/v1/things/x", NULL, "GET, HEAD, DELETE"},
        {"of two patterns, the earlier one", "POST", "/v1/boxes/special", first, ""},
        {"and no method of the later one", "GET", "/v1/boxes/special", NULL, "POST"},
        {"what only the later one matches", "GET", "/v1/boxes/usual", second, ""},
        {"HEAD where there is no GET", "HEAD", "/v1/things", NULL, "POST"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char allow[ROUTE_ALLOW_SIZE] = "?";
        const struct route *route = route_find(routes, sizeof(routes) / sizeof(routes[0]),
                                               cases[i].method, str_of(cases[i].path), allow);
        cr_expect_eq(route != NULL ? route->fn : NULL, cases[i].want, "%s", cases[i].name);
        if (route == NULL)
            cr_expect_str_eq(allow, cases[i].allow, "%s: %s", cases[i].name, allow);
    }
}

Test(route, a_slash_at_the_end_is_another_address)
{
    char allow[ROUTE_ALLOW_SIZE];
    cr_expect_null(route_find(routes, 6, "POST", STR("/v1/things/"), allow));
    cr_expect_null(route_find(routes, 6, "POST", STR("/v1/things/x/parts/"), allow));
    cr_expect_null(route_find(routes, 6, "GET", STR("v1/things/x"), allow));
}
