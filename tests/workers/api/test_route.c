#include "workers/api/route.h"

#include <criterion/criterion.h>

static void first(void *arg, struct httpd_req *own_req, struct str param)
{
    (void)arg;
    (void)own_req;
    (void)param;
}

static void second(void *arg, struct httpd_req *own_req, struct str param)
{
    first(arg, own_req, param);
}

static void third(void *arg, struct httpd_req *own_req, struct str param)
{
    first(arg, own_req, param);
}

static const struct route routes[] = {
    {"POST", "/v1/things", first},
    {"GET", "/v1/things/{}", second},
    {"DELETE", "/v1/things/{}", third},
    {"POST", "/v1/things/{}/parts", first},
};

Test(route, find)
{
    static const struct {
        const char *name, *method, *path;
        route_fn want;
        const char *param, *allow;
    } cases[] = {
        {"a path", "POST", "/v1/things", first, "", ""},
        {"a parameter", "GET", "/v1/things/x-1", second, "x-1", ""},
        {"another method of it", "DELETE", "/v1/things/x-1", third, "x-1", "GET, HEAD"},
        {"HEAD is a GET", "HEAD", "/v1/things/x-1", second, "x-1", ""},
        {"a parameter in the middle", "POST", "/v1/things/x/parts", first, "x", ""},
        {"no such path", "GET", "/v1/thing", NULL, NULL, ""},
        {"too long", "POST", "/v1/things/x/parts/y", NULL, NULL, ""},
        {"too short", "POST", "/v1", NULL, NULL, ""},
        {"the root", "GET", "/", NULL, NULL, ""},
        {"empty", "GET", "", NULL, NULL, ""},
        {"an empty parameter", "GET", "/v1/things/", NULL, NULL, ""},
        {"an empty parameter in the middle", "POST", "/v1/things//parts", NULL, NULL, ""},
        {"other letters", "POST", "/V1/things", NULL, NULL, ""},
        {"no such method", "GET", "/v1/things", NULL, NULL, "POST"},
        {"no such method of several", "PUT", "/v1/things/x", NULL, NULL, "GET, HEAD, DELETE"},
        {"a method in small letters", "get", "/v1/things/x", NULL, NULL, "GET, HEAD, DELETE"},
        {"HEAD where there is no GET", "HEAD", "/v1/things", NULL, NULL, "POST"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct str param = {0};
        char allow[ROUTE_ALLOW_SIZE] = "?";
        const struct route *route =
            route_find(routes, sizeof(routes) / sizeof(routes[0]), cases[i].method,
                       str_of(cases[i].path), &param, allow);
        cr_expect_eq(route != NULL ? route->fn : NULL, cases[i].want, "%s", cases[i].name);
        if (cases[i].param != NULL)
            cr_expect(str_eq(param, str_of(cases[i].param)), "%s: %.*s", cases[i].name,
                      (int)param.n, param.p);
        if (route == NULL)
            cr_expect_str_eq(allow, cases[i].allow, "%s: %s", cases[i].name, allow);
    }
}

Test(route, a_slash_at_the_end_is_another_address)
{
    struct str param;
    char allow[ROUTE_ALLOW_SIZE];
    cr_expect_null(route_find(routes, 4, "POST", STR("/v1/things/"), &param, allow));
    cr_expect_null(route_find(routes, 4, "POST", STR("/v1/things/x/parts/"), &param, allow));
    cr_expect_null(route_find(routes, 4, "GET", STR("v1/things/x"), &param, allow));
}
