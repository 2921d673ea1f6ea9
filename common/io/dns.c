#include "common/io/dns.h"

#include "common/base/buf.h"
#include "common/base/clock.h"

#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <sys/time.h>

enum { TRIES = 3, TIMEOUTS = 7 /* each try is given twice the time of the one before */ };

struct dns {
    struct loop *loop;
    ares_channel channel;
    bool search;
    struct loop_timer timer;
};

struct question {
    enum dns_family family;
    dns_fn fn;
    void *arg;
};

static void schedule(struct dns *dns)
{
    struct timeval left;
    if (ares_timeout(dns->channel, NULL, &left) == NULL) {
        loop_timer_stop(dns->loop, &dns->timer);
        return;
    }
    int64_t wait_ms = (int64_t)left.tv_sec * 1000 + (left.tv_usec + 999) / 1000;
    loop_timer_set(dns->loop, &dns->timer, clock_mono_ms() + wait_ms);
}

static void on_fd(void *arg, int fd, int events)
{
    struct dns *dns = arg;
    ares_process_fd(dns->channel, events & LOOP_READ ? fd : ARES_SOCKET_BAD,
                    events & LOOP_WRITE ? fd : ARES_SOCKET_BAD);
    schedule(dns);
}

static void on_due(void *arg)
{
    struct dns *dns = arg;
    ares_process_fd(dns->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    schedule(dns);
}

static void on_interest(void *arg, ares_socket_t fd, int read, int write)
{
    struct dns *dns = arg;
    if (!read && !write) {
        loop_unwatch(dns->loop, fd);
        return;
    }
    enum err ignored = loop_watch(dns->loop, fd, (read ? LOOP_READ : 0) | (write ? LOOP_WRITE : 0),
                                  on_fd, dns); /* else the question times out */
    (void)ignored;
}

enum err dns_new(struct dns **ret_dns, struct loop *loop, const struct dns_conf *conf)
{
    struct dns *dns = xalloc(sizeof(*dns));
    struct ares_options options = {
        .flags = ARES_FLAG_NOALIASES,
        .timeout = (int)(conf->timeout_ms / TIMEOUTS),
        .tries = TRIES,
        .sock_state_cb = on_interest,
        .sock_state_cb_data = dns,
    };
    const int given = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
    dns->loop = loop;
    dns->search = conf->search;
    dns->timer = (struct loop_timer){.fn = on_due, .arg = dns};
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) {
        xfree(dns);
        return ERR_IO;
    }
    enum err err =
        ares_init_options(&dns->channel, &options, given) == ARES_SUCCESS ? ERR_OK : ERR_IO;
    if (err == ERR_OK && conf->servers[0] != '\0' &&
        ares_set_servers_ports_csv(dns->channel, conf->servers) != ARES_SUCCESS)
        err = ERR_CONFIG;
    if (err != ERR_OK) {
        dns_free(dns);
        return err;
    }
    *ret_dns = dns;
    return ERR_OK;
}

void dns_free(struct dns *own_dns)
{
    if (own_dns == NULL)
        return;
    if (own_dns->channel != NULL)
        ares_destroy(own_dns->channel);
    loop_timer_stop(own_dns->loop, &own_dns->timer);
    ares_library_cleanup();
    xfree(own_dns);
}

/* --- questions --- */

static enum err err_of(int status)
{
    switch (status) {
    case ARES_SUCCESS:
        return ERR_OK;
    case ARES_ENODATA:
    case ARES_ENOTFOUND:
        return ERR_NOT_FOUND;
    case ARES_ETIMEOUT:
        return ERR_TIMEOUT;
    default:
        return ERR_IO;
    }
}

static void add(struct dns_reply *reply, struct address *list, struct address address, int ttl_s)
{
    if (reply->count == 0 || ttl_s < reply->ttl_s)
        reply->ttl_s = ttl_s > 0 ? ttl_s : 0;
    list[reply->count++] = address;
}

static int read_ipv4(const unsigned char *bytes, int size, struct dns_reply *reply,
                     struct address *list)
{
    struct ares_addrttl found[DNS_MAX_ADDRESSES];
    int count = DNS_MAX_ADDRESSES;
    int status = ares_parse_a_reply(bytes, size, NULL, found, &count);
    for (int i = 0; status == ARES_SUCCESS && i < count; i++)
        add(reply, list, address_ipv4(ntohl(found[i].ipaddr.s_addr)), found[i].ttl);
    return status;
}

static int read_ipv6(const unsigned char *bytes, int size, struct dns_reply *reply,
                     struct address *list)
{
    struct ares_addr6ttl found[DNS_MAX_ADDRESSES];
    int count = DNS_MAX_ADDRESSES;
    int status = ares_parse_aaaa_reply(bytes, size, NULL, found, &count);
    for (int i = 0; status == ARES_SUCCESS && i < count; i++) {
        struct address address;
        memcpy(address.bytes, &found[i].ip6addr, sizeof(address.bytes));
        add(reply, list, address, found[i].ttl);
    }
    return status;
}

static void on_reply(void *arg, int status, int timeouts, unsigned char *bytes, int size)
{
    struct question *question = arg;
    struct address list[DNS_MAX_ADDRESSES];
    struct dns_reply reply = {.list = list};
    (void)timeouts;
    if (status == ARES_SUCCESS)
        status = question->family == DNS_IPV4 ? read_ipv4(bytes, size, &reply, list)
                                              : read_ipv6(bytes, size, &reply, list);
    reply.err = err_of(status);
    if (reply.err == ERR_OK && reply.count == 0)
        reply.err = ERR_NOT_FOUND;
    question->fn(question->arg, &reply);
    xfree(question);
}

void dns_ask(struct dns *dns, const char *name, enum dns_family family, dns_fn fn, void *arg)
{
    struct question *question = xalloc(sizeof(*question));
    const int type = family == DNS_IPV4 ? ns_t_a : ns_t_aaaa;
    *question = (struct question){family, fn, arg};
    if (dns->search)
        ares_search(dns->channel, name, ns_c_in, type, on_reply, question);
    else
        ares_query(dns->channel, name, ns_c_in, type, on_reply, question);
    schedule(dns);
}

/* --- /etc/hosts --- */

static struct address address_of(const char *bytes, enum dns_family family)
{
    struct address address;
    uint32_t number;
    if (family == DNS_IPV6) {
        memcpy(address.bytes, bytes, sizeof(address.bytes));
        return address;
    }
    memcpy(&number, bytes, sizeof(number));
    return address_ipv4(ntohl(number));
}

size_t dns_hosts(struct dns *dns, const char *name, struct address *ret_list, size_t room)
{
    size_t count = 0;
    for (enum dns_family family = DNS_IPV4; family < DNS_FAMILIES; family++) {
        struct hostent *host = NULL;
        const int af = family == DNS_IPV4 ? AF_INET : AF_INET6;
        if (ares_gethostbyname_file(dns->channel, name, af, &host) != ARES_SUCCESS)
            continue;
        for (char **at = host->h_addr_list; *at != NULL && count < room; at++)
            ret_list[count++] = address_of(*at, family);
        ares_free_hostent(host);
    }
    return count;
}
