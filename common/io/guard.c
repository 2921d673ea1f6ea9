#include "common/io/guard.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

static size_t size_of(const struct sockaddr *socket)
{
    return socket->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

void guard_init(struct guard *guard, enum address_policy policy)
{
    struct ifaddrs *list = NULL;
    *guard = (struct guard){.policy = policy};
    if (getifaddrs(&list) != 0)
        return;
    for (const struct ifaddrs *at = list; at != NULL; at = at->ifa_next) {
        struct address *own = &guard->own[guard->own_count];
        if (guard->own_count < GUARD_MAX_OWN && at->ifa_addr != NULL &&
            address_read_socket(own, at->ifa_addr, size_of(at->ifa_addr)) &&
            address_refused(own, ADDRESS_GLOBAL) == NULL)
            guard->own_count++;
    }
    freeifaddrs(list);
}

const char *guard_refuses(const struct guard *guard, const struct address *address)
{
    const char *why = address_refused(address, guard->policy);
    for (size_t i = 0; why == NULL && i < guard->own_count; i++) {
        if (address_equal(&guard->own[i], address))
            why = "this machine's own";
    }
    return why;
}
