#include "common/io/redis_url.h"

#include <stdint.h>

enum { DEFAULT_PORT = 6379, MAX_DATABASE = 9999 };

static bool copy(char *to, size_t room, struct str from)
{
    if (from.n >= room)
        return false;
    if (from.n > 0)
        memcpy(to, from.p, from.n);
    to[from.n] = '\0';
    return true;
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)((at - digits) % 16) : -1;
}

/* Copies with "%40" decoded. */
static bool copy_decoded(char *to, size_t room, struct str from)
{
    for (size_t i = 0; i < from.n; i++) {
        char c = from.p[i];
        if (c == '%') {
            int high = i + 2 < from.n ? hex_digit(from.p[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(from.p[i + 2]) : -1;
            if (low < 0 || (high == 0 && low == 0))
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (room-- <= 1)
            return false;
        *to++ = c;
    }
    *to = '\0';
    return true;
}

/* "user:password"; the user may be empty, the password not: it would silently be done without. */
static bool parse_secret(struct redis_url *url, struct str secret)
{
    struct str user = str_cut(&secret, ':');
    return secret.n > 0 && copy_decoded(url->user, sizeof(url->user), user) &&
           copy_decoded(url->password, sizeof(url->password), secret);
}

/* "host", "host:port", "[address]" or "[address]:port". */
static bool parse_place(struct redis_url *url, struct str place)
{
    struct str host, port = place;
    unsigned long long number = DEFAULT_PORT;
    if (place.n > 0 && place.p[0] == '[') {
        port = (struct str){place.p + 1, place.n - 1};
        host = str_cut(&port, ']');
        if (host.n + 2 > place.n || (port.n > 0 && *port.p != ':'))
            return false;
    } else {
        const char *colon = place.n > 0 ? memchr(place.p, ':', place.n) : NULL;
        host = (struct str){place.p, colon != NULL ? (size_t)(colon - place.p) : place.n};
        port = (struct str){colon, place.n - host.n};
    }
    if (port.n > 0 &&
        (!str_to_uint((struct str){port.p + 1, port.n - 1}, UINT16_MAX, &number) || number == 0))
        return false;
    url->port = (int)number;
    return host.n > 0 && copy(url->host, sizeof(url->host), host);
}

enum err redis_url_parse(struct redis_url *ret_url, struct str text)
{
    struct redis_url url = {.port = DEFAULT_PORT};
    struct str scheme = STR("redis://");
    unsigned long long database = 0;
    if (!str_starts(text, scheme))
        return ERR_SYNTAX;
    struct str rest = {text.p + scheme.n, text.n - scheme.n};
    const char *at = rest.n > 0 ? memrchr(rest.p, '@', rest.n) : NULL;
    if (at != NULL) {
        struct str secret = {rest.p, (size_t)(at - rest.p)};
        if (!parse_secret(&url, secret))
            return ERR_SYNTAX;
        rest = (struct str){at + 1, rest.n - secret.n - 1};
    }
    struct str place = str_cut(&rest, '/');
    if (!parse_place(&url, place))
        return ERR_SYNTAX;
    if (rest.n > 0 && (!str_to_uint(rest, MAX_DATABASE, &database) ||
                       !copy(url.database, sizeof(url.database), rest)))
        return ERR_SYNTAX;
    *ret_url = url;
    return ERR_OK;
}
