#include "common/io/redis_url.h"

static bool copy(char *to, size_t room, struct str from)
{
    if (from.n >= room)
        return false;
    memcpy(to, from.p, from.n);
    to[from.n] = '\0';
    return true;
}

enum err redis_url_parse(struct redis_url *ret_url, struct str text)
{
    struct redis_url url = {.port = 6379};
    unsigned long long port = 6379, database = 0;
    struct str scheme = STR("redis://");
    if (!str_starts(text, scheme))
        return ERR_SYNTAX;
    struct str rest = {text.p + scheme.n, text.n - scheme.n};
    struct str place = rest;
    const char *at = rest.n > 0 ? memrchr(rest.p, '@', rest.n) : NULL;
    if (at != NULL) {
        struct str secret = {rest.p, (size_t)(at - rest.p)};
        place = (struct str){at + 1, rest.n - secret.n - 1};
        struct str user = str_cut(&secret, ':');
        if (!copy(url.user, sizeof(url.user), user) ||
            !copy(url.password, sizeof(url.password), secret))
            return ERR_SYNTAX;
    }
    struct str host_port = str_cut(&place, '/');
    struct str host = str_cut(&host_port, ':');
    if (host.n == 0 || !copy(url.host, sizeof(url.host), host))
        return ERR_SYNTAX;
    if (host_port.n > 0 && !str_to_uint(host_port, 65535, &port))
        return ERR_SYNTAX;
    if (place.n > 0 &&
        (!str_to_uint(place, 9999, &database) || !copy(url.database, sizeof(url.database), place)))
        return ERR_SYNTAX;
    url.port = (int)port;
    *ret_url = url;
    return ERR_OK;
}
