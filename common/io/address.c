#include "common/io/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define MAPPED 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff
/* The bits of an IPv4 prefix, behind those that say that it is mapped. */
#define V4(n) (96 + (n))

struct range {
    uint8_t first[16];
    unsigned bits;
    const char *what;
};

/* Within global unicast, and beside it where a name helps: all that is in no row and not in
 * 2000::/3 is refused, too. */
static const struct range ranges[] = {
    {{MAPPED, 0}, V4(8), "this network (RFC 791)"},
    {{MAPPED, 10}, V4(8), "private (RFC 1918)"},
    {{MAPPED, 100, 64}, V4(10), "shared by carriers' NAT (RFC 6598)"},
    {{MAPPED, 127}, V4(8), "loopback (RFC 1122)"},
    {{MAPPED, 169, 254}, V4(16), "link-local (RFC 3927)"}, /* where clouds keep their metadata */
    {{MAPPED, 172, 16}, V4(12), "private (RFC 1918)"},
    {{MAPPED, 192, 0, 0}, V4(24), "for protocols (RFC 6890)"},
    {{MAPPED, 192, 0, 2}, V4(24), "for documentation (RFC 5737)"},
    {{MAPPED, 192, 88, 99}, V4(24), "a relay of 6to4 (RFC 7526)"},
    {{MAPPED, 192, 168}, V4(16), "private (RFC 1918)"},
    {{MAPPED, 198, 18}, V4(15), "for benchmarks (RFC 2544)"},
    {{MAPPED, 198, 51, 100}, V4(24), "for documentation (RFC 5737)"},
    {{MAPPED, 203, 0, 113}, V4(24), "for documentation (RFC 5737)"},
    {{MAPPED, 224}, V4(4), "multicast (RFC 5771)"},
    {{MAPPED, 255, 255, 255, 255}, V4(32), "broadcast (RFC 919)"},
    {{MAPPED, 240}, V4(4), "reserved (RFC 1112)"},
    {{0}, 128, "unspecified (RFC 4291)"},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, "loopback (RFC 4291)"},
    {{0}, 96, "IPv4-compatible (RFC 4291)"},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, "IPv4-translated (RFC 2765)"},
    {{0, 0x64, 0xff, 0x9b}, 96, "NAT64, translated to IPv4 (RFC 6052)"},
    {{0, 0x64, 0xff, 0x9b, 0, 1}, 48, "NAT64, translated to IPv4 (RFC 8215)"},
    {{0x01, 0x00}, 64, "discarded (RFC 6666)"},
    {{0x01, 0x00, 0, 0, 0, 0, 0, 1}, 64, "a dummy prefix (RFC 9780)"},
    {{0x20, 0x01, 0, 0}, 32, "Teredo, a tunnel to IPv4 (RFC 4380)"},
    {{0x20, 0x01, 0x00}, 23, "for protocols (RFC 2928)"},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, "for documentation (RFC 3849)"},
    {{0x20, 0x02}, 16, "6to4, a tunnel to IPv4 (RFC 3056)"},
    {{0x3f, 0xfe}, 16, "of the former 6bone (RFC 3701)"},
    {{0x3f, 0xff}, 20, "for documentation (RFC 9637)"},
    {{0x5f, 0x00}, 16, "segment routing (RFC 9602)"},
    {{0xfc}, 7, "unique local, private (RFC 4193)"},
    {{0xfe, 0x80}, 10, "link-local (RFC 4291)"},
    {{0xfe, 0xc0}, 10, "site-local, private (RFC 3879)"},
    {{0xff}, 8, "multicast (RFC 4291)"},
};

static const struct range mapped = {{MAPPED}, 96, "IPv4 (RFC 4291)"},
                          global = {{0x20}, 3, "global unicast (RFC 4291)"};
static const struct range loopbacks[] = {
    {{MAPPED, 127}, V4(8), "loopback (RFC 1122)"},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, "loopback (RFC 4291)"},
};

static bool within(const struct range *range, const struct address *address)
{
    size_t whole = range->bits / 8;
    unsigned rest = range->bits % 8;
    if (memcmp(range->first, address->bytes, whole) != 0)
        return false;
    return rest == 0 || ((range->first[whole] ^ address->bytes[whole]) >> (8 - rest)) == 0;
}

struct address address_ipv4(uint32_t number)
{
    return (struct address){{MAPPED, (uint8_t)(number >> 24), (uint8_t)(number >> 16),
                             (uint8_t)(number >> 8), (uint8_t)number}};
}

bool address_read(struct address *ret_address, struct str text)
{
    char terminated[ADDRESS_TEXT_SIZE];
    struct in_addr ipv4;
    if (text.n == 0 || text.n >= sizeof(terminated) || memchr(text.p, '\0', text.n) != NULL)
        return false;
    memcpy(terminated, text.p, text.n);
    terminated[text.n] = '\0';
    if (inet_pton(AF_INET, terminated, &ipv4) == 1) {
        *ret_address = address_ipv4(ntohl(ipv4.s_addr));
        return true;
    }
    return inet_pton(AF_INET6, terminated, ret_address->bytes) == 1;
}

bool address_read_socket(struct address *ret_address, const struct sockaddr *socket, size_t size)
{
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
    if (size >= sizeof(ipv4) && socket->sa_family == AF_INET) {
        memcpy(&ipv4, socket, sizeof(ipv4));
        *ret_address = address_ipv4(ntohl(ipv4.sin_addr.s_addr));
        return true;
    }
    if (size >= sizeof(ipv6) && socket->sa_family == AF_INET6) {
        memcpy(&ipv6, socket, sizeof(ipv6));
        memcpy(ret_address->bytes, ipv6.sin6_addr.s6_addr, sizeof(ret_address->bytes));
        return true;
    }
    return false;
}

bool address_is_ipv4(const struct address *address)
{
    return within(&mapped, address);
}

bool address_equal(const struct address *a, const struct address *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

void address_write(char ret_text[ADDRESS_TEXT_SIZE], const struct address *address)
{
    bool ipv4 = address_is_ipv4(address);
    if (inet_ntop(ipv4 ? AF_INET : AF_INET6, address->bytes + (ipv4 ? 12 : 0), ret_text,
                  ADDRESS_TEXT_SIZE) == NULL)
        ret_text[0] = '\0';
}

const char *address_refused(const struct address *address, enum address_policy policy)
{
    for (size_t i = 0; policy == ADDRESS_GLOBAL_OR_LOOPBACK && i < 2; i++) {
        if (within(&loopbacks[i], address))
            return NULL;
    }
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (within(&ranges[i], address))
            return ranges[i].what;
    }
    return within(&global, address) || within(&mapped, address) ? NULL : "not global unicast";
}
