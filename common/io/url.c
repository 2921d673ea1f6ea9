#include "common/io/url.h"

#include "common/base/buf.h"
#include "common/io/address.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <strings.h>

static const struct str SCHEME = {"https://", 8};

static const char NOT_PUBLIC[] = "must not name an address that is not public";

/* --- hosts --- */

static bool all_of(struct str text, const char *set)
{
    for (size_t i = 0; i < text.n; i++) {
        if (strchr(set, text.p[i]) == NULL)
            return false;
    }
    return true;
}

/* What resolvers take for an IPv4 address, or for a failed one: its last label is a number. */
static bool ends_in_number(struct str host)
{
    const char *dot = memrchr(host.p, '.', host.n);
    struct str last =
        dot == NULL ? host : (struct str){dot + 1, host.n - (size_t)(dot + 1 - host.p)};
    bool hex = last.n > 1 && last.p[0] == '0' && (last.p[1] == 'x' || last.p[1] == 'X');
    if (hex)
        return all_of((struct str){last.p + 2, last.n - 2}, "0123456789abcdefABCDEF");
    return all_of(last, "0123456789");
}

static bool ends_with(struct str text, struct str end)
{
    return text.n >= end.n && strncasecmp(text.p + text.n - end.n, end.p, end.n) == 0;
}

static bool is_this_machine(struct str host)
{
    return (host.n == 9 && ends_with(host, STR("localhost"))) || ends_with(host, STR(".localhost"));
}

static enum err check_ipv6(const char *host, size_t n, const char **ret_why)
{
    struct address address;
    if (memchr(host, ':', n) == NULL || !address_read(&address, (struct str){host + 1, n - 2})) {
        *ret_why = "has a host that is no IPv6 address";
        return ERR_SYNTAX;
    }
    *ret_why = NOT_PUBLIC;
    return address_refused(&address, ADDRESS_GLOBAL) == NULL ? ERR_OK : ERR_RANGE;
}

/* host is without its last dot. */
static enum err check_name(const char *host, const char **ret_why)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    struct str name = str_of(host);
    struct in_addr address;
    if (name.n == 0 || name.p[0] == '.' || !all_of(name, letters)) {
        *ret_why = "must have a host of letters, digits, '-' and '.'";
        return ERR_SYNTAX;
    }
    *ret_why = NOT_PUBLIC;
    if (!ends_in_number(name))
        return is_this_machine(name) ? ERR_RANGE : ERR_OK;
    if (inet_aton(host, &address) == 0) {
        *ret_why = "has a host that is no IPv4 address";
        return ERR_SYNTAX;
    }
    const struct address ipv4 = address_ipv4(ntohl(address.s_addr));
    return address_refused(&ipv4, ADDRESS_GLOBAL) == NULL ? ERR_OK : ERR_RANGE;
}

static enum err check_host(char *host, const char **ret_why)
{
    size_t n = strlen(host);
    if (host[0] == '[' && n > 2)
        return check_ipv6(host, n, ret_why);
    if (n > 0 && host[n - 1] == '.')
        host[n - 1] = '\0';
    return check_name(host, ret_why);
}

/* --- the whole --- */

static enum err check_text(struct str url, const char **ret_why)
{
    if (url.n > URL_CALLBACK_MAX_BYTES) {
        *ret_why = "must be at most 2048 bytes long";
        return ERR_TOO_LONG;
    }
    if (url.n < SCHEME.n || strncasecmp(url.p, SCHEME.p, SCHEME.n) != 0) {
        *ret_why = "must begin with https://";
        return ERR_SYNTAX;
    }
    for (size_t i = 0; i < url.n; i++) {
        if (url.p[i] <= ' ' || url.p[i] >= 0x7f || url.p[i] == '\\') { /* char is signed */
            *ret_why = "must be of ASCII without spaces and '\\'; others are percent-encoded";
            return ERR_SYNTAX;
        }
    }
    struct str rest = {url.p + SCHEME.n, url.n - SCHEME.n};
    size_t authority = 0;
    while (authority < rest.n && strchr("/?#", rest.p[authority]) == NULL)
        authority++;
    if (authority == 0) {
        *ret_why = "has no host";
        return ERR_SYNTAX;
    }
    if (memchr(rest.p, '@', authority) != NULL) {
        *ret_why = "must not hold a user or password";
        return ERR_SYNTAX;
    }
    return ERR_OK;
}

static enum err check_parts(CURLU *parts, const char *text, const char **ret_why)
{
    char *host = NULL, *zone = NULL, *port = NULL;
    enum err err = ERR_SYNTAX;
    *ret_why = "is not a valid URL";
    if (curl_url_set(parts, CURLUPART_URL, text, 0) != CURLUE_OK ||
        curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK)
        goto out;
    if (curl_url_get(parts, CURLUPART_ZONEID, &zone, 0) == CURLUE_OK) {
        *ret_why = NOT_PUBLIC; /* only local addresses have zones */
        err = ERR_RANGE;
        goto out;
    }
    if (curl_url_get(parts, CURLUPART_PORT, &port, 0) == CURLUE_OK && strcmp(port, "0") == 0)
        goto out;
    err = check_host(host, ret_why);
out:
    curl_free(host);
    curl_free(zone);
    curl_free(port);
    return err;
}

enum err url_check_callback(struct str url, const char **ret_why)
{
    enum err err = check_text(url, ret_why);
    if (err != ERR_OK)
        return err;
    char *text = xstrndup(url.p, url.n);
    CURLU *parts = curl_url();
    err = parts != NULL ? check_parts(parts, text, ret_why) : ERR_SYNTAX;
    curl_url_cleanup(parts);
    xfree(text);
    return err;
}
