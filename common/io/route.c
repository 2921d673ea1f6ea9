#include "common/io/route.h"

#include <sys/socket.h>

/* libcurl is about to resolve. An address is read, which needs no resolver. */
static int on_resolve(void *state, void *reserved, void *arg)
{
    const struct route *route = arg;
    (void)state;
    (void)reserved;
    return route->site == NULL || site_is_address(route->site) ? 0 : 1;
}

static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *at)
{
    const struct route *route = arg;
    struct address address;
    if (purpose != CURLSOCKTYPE_IPCXN || route->site == NULL ||
        !address_read_socket(&address, &at->addr, at->addrlen) ||
        !site_allows(route->site, &address))
        return CURL_SOCKET_BAD;
    return socket(at->family, at->socktype | SOCK_CLOEXEC, at->protocol);
}

bool route_prepare(struct route *route, CURL *easy, const struct guard *guard)
{
    if (curl_easy_setopt(easy, CURLOPT_RESOLVER_START_FUNCTION, on_resolve) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_RESOLVER_START_DATA, route) != CURLE_OK)
        return false;
    return guard == NULL ||
           (curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open) == CURLE_OK &&
            curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, route) == CURLE_OK);
}

void route_done(struct route *route)
{
    site_leave(route->site);
    pin_drop(route->pin);
    curl_slist_free_all(route->once);
    *route = (struct route){0};
}

enum err route_set(struct route *route, struct sites *sites, const char *url, const char **ret_why)
{
    struct site *site = NULL;
    enum err err = sites_use(sites, url, &site, ret_why);
    if (err != ERR_OK)
        return err;
    site_leave(route->site);
    route->site = site;
    return ERR_OK;
}

/* The sites to forget, and then the pin. NULL: out of memory. */
static struct curl_slist *with_forgotten(struct curl_slist *own_forgotten, const struct pin *pin)
{
    struct curl_slist *list = curl_slist_append(own_forgotten, pin->list->data);
    if (list == NULL)
        curl_slist_free_all(own_forgotten);
    return list;
}

bool route_apply(struct route *route, CURL *easy, struct sites *sites)
{
    struct pin *pin = site_pin(route->site);
    if (pin == NULL || (pin == route->pin && !sites_forget(sites)))
        return true; /* the former, of an address: there is nothing to resolve */
    struct curl_slist *once = sites_take_forgotten(sites);
    if (once != NULL && (once = with_forgotten(once, pin)) == NULL)
        return false;
    if (curl_easy_setopt(easy, CURLOPT_RESOLVE, once != NULL ? once : pin->list) != CURLE_OK) {
        curl_slist_free_all(once);
        return false;
    }
    struct pin *before = route->pin;
    curl_slist_free_all(route->once);
    route->once = once;
    route->pin = pin_hold(pin);
    pin_drop(before);
    return true;
}

bool route_allows(const struct route *route, const char *peer)
{
    struct address address;
    return route->site == NULL ||
           (address_read(&address, str_of(peer)) && site_allows(route->site, &address));
}
