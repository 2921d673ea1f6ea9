#include "common/io/address.h"

#include "common/base/buf.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <sys/socket.h>

static struct address of(const char *text)
{
    struct address address = {{0}};
    cr_assert(address_read(&address, str_of(text)), "%s", text);
    return address;
}

static const char *refused(const char *text)
{
    struct address address = of(text);
    return address_refused(&address, ADDRESS_GLOBAL);
}

static void step(struct address *address, int by)
{
    for (size_t i = sizeof(address->bytes); i-- > 0;) {
        address->bytes[i] = (uint8_t)(address->bytes[i] + by);
        if (address->bytes[i] != (by > 0 ? 0 : 0xff))
            return;
    }
}

/* Each range's first and last address, and whether its neighbours are refused, too. */
static const struct {
    const char *first, *last;
    const char *what;
    bool before, after;
} ranges[] = {
    {"0.0.0.0", "0.255.255.255", "this network", true, false},
    {"10.0.0.0", "10.255.255.255", "private", false, false},
    {"100.64.0.0", "100.127.255.255", "shared", false, false},
    {"127.0.0.0", "127.255.255.255", "loopback", false, false},
    {"169.254.0.0", "169.254.255.255", "link-local", false, false},
    {"172.16.0.0", "172.31.255.255", "private", false, false},
    {"192.0.0.0", "192.0.0.255", "for protocols", false, false},
    {"192.0.2.0", "192.0.2.255", "for documentation", false, false},
    {"192.88.99.0", "192.88.99.255", "6to4", false, false},
    {"192.168.0.0", "192.168.255.255", "private", false, false},
    {"198.18.0.0", "198.19.255.255", "for benchmarks", false, false},
    {"198.51.100.0", "198.51.100.255", "for documentation", false, false},
    {"203.0.113.0", "203.0.113.255", "for documentation", false, false},
    {"224.0.0.0", "239.255.255.255", "multicast", false, true},
    {"240.0.0.0", "255.255.255.254", "reserved", true, true},
    {"255.255.255.255", "255.255.255.255", "broadcast", true, true},
    {"::", "::", "unspecified", true, true},
    {"::1", "::1", "loopback", true, true},
    {"::2", "::ffff:ffff", "IPv4-compatible", true, true},
    {"::ffff:0:0:0", "::ffff:0:ffff:ffff", "IPv4-translated", true, true},
    {"64:ff9b::", "64:ff9b::ffff:ffff", "NAT64", true, true},
    {"64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "NAT64", true, true},
    {"100::", "100::ffff:ffff:ffff:ffff", "discarded", true, true},
    {"100:0:0:1::", "100::1:ffff:ffff:ffff:ffff", "dummy", true, true},
    {"1000::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "not global", true, false},
    {"2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "Teredo", false, true},
    {"2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "for protocols", true, false},
    {"2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "for documentation", false, false},
    {"2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "6to4", false, false},
    {"3ffe::", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "6bone", false, true},
    {"3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "for documentation", true, false},
    {"4000::", "5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "not global", false, true},
    {"5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "segment routing", true, true},
    {"fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "unique local", true, true},
    {"fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "link-local", true, true},
    {"fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "site-local", true, true},
    {"ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "multicast", true, true},
};

/* The neighbours of IPv4's ends are IPv6 addresses. */
static bool crosses(const struct address *a, const struct address *b)
{
    return address_is_ipv4(a) != address_is_ipv4(b);
}

Test(address, ranges_to_their_ends)
{
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        struct address first = of(ranges[i].first), last = of(ranges[i].last), before = first,
                       after = last;
        const char *at_first = address_refused(&first, ADDRESS_GLOBAL),
                   *at_last = address_refused(&last, ADDRESS_GLOBAL);
        cr_expect(at_first != NULL && strstr(at_first, ranges[i].what) != NULL, "%s: %s",
                  ranges[i].first, at_first);
        cr_expect(at_last != NULL && strstr(at_last, ranges[i].what) != NULL, "%s: %s",
                  ranges[i].last, at_last);
        step(&before, -1);
        step(&after, 1);
        if (!crosses(&before, &first))
            cr_expect_eq(address_refused(&before, ADDRESS_GLOBAL) != NULL, ranges[i].before,
                         "before %s", ranges[i].first);
        if (!crosses(&after, &last))
            cr_expect_eq(address_refused(&after, ADDRESS_GLOBAL) != NULL, ranges[i].after,
                         "after %s", ranges[i].last);
    }
}

Test(address, mapped_ipv4_is_ipv4)
{
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        char text[64] = "::ffff:";
        struct address plain = of(ranges[i].first), inside;
        if (!address_is_ipv4(&plain))
            continue;
        memcpy(text + 7, ranges[i].first, strlen(ranges[i].first) + 1);
        inside = of(text);
        cr_expect(address_equal(&plain, &inside), "%s", text);
    }
    cr_expect_null(refused("::ffff:8.8.8.8"));
    cr_expect_not_null(refused("::ffff:a9fe:a9fe"));
}

Test(address, whatever_is_behind_a_tunnel_is_refused)
{
    static const char *const texts[] = {
        "::8.8.8.8",         "::127.0.0.1",       "64:ff9b::8.8.8.8",
        "64:ff9b::10.0.0.1", "2002:808:808::1",   "2002:7f00:1::",
        "2002:a9fe:a9fe::",  "::ffff:0:10.0.0.1", "2001:0:5ef5:79fd:0:59d:80ff:fffe",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        cr_expect_not_null(refused(texts[i]), "%s", texts[i]);
}

Test(address, global_unicast_is_allowed)
{
    static const char *const texts[] = {
        "1.1.1.1",    "8.8.8.8",         "93.184.216.34",   "100.63.255.255",   "172.15.0.1",
        "192.0.1.1",  "223.255.255.255", "2606:4700::1111", "2a00:1450::",      "2001:4860::8888",
        "2001:200::", "2400:cb00::1",    "2620:fe::fe",     "2003:c1:4f3f::1a", "3ffd:ffff::1",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        cr_expect_null(refused(texts[i]), "%s: %s", texts[i], refused(texts[i]));
}

Test(address, loopback_where_it_is_allowed)
{
    static const struct {
        const char *text;
        bool allowed;
    } cases[] = {
        {"127.0.0.1", true}, {"127.255.255.255", true},  {"::1", true},
        {"8.8.8.8", true},   {"::ffff:127.0.0.1", true}, {"::127.0.0.1", false},
        {"::", false},       {"0.0.0.0", false},         {"10.0.0.1", false},
        {"::2", false},      {"128.0.0.0", true},        {"169.254.169.254", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct address address = of(cases[i].text);
        cr_expect_eq(address_refused(&address, ADDRESS_GLOBAL_OR_LOOPBACK) == NULL,
                     cases[i].allowed, "%s", cases[i].text);
    }
}

Test(address, texts_that_are_none)
{
    static const char *const texts[] = {
        "",
        "1",
        "127.1",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "2130706433",
        "1.2.3.4.5",
        "1.2.3.",
        "256.1.1.1",
        "1.2.3.4 ",
        "[::1]",
        "::1%lo",
        "fe80::1%1",
        ":::1",
        "1:2:3:4",
        "::g",
        "localhost.",
        "1.2.3.4/8",
        " 1.2.3.4",
        "1.2.3.4\n",
        "::1::",
        "::ffff:1.2.3.256",
        "0000:0000:0000:0000:0000:0000:0000:0000:0000",
    };
    struct address address;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        cr_expect_not(address_read(&address, str_of(texts[i])), "%s", texts[i]);
    cr_expect_not(address_read(&address, STR("1.2.3.4\0")));
}

Test(address, of_a_socket)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } at = {.in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x0a000001)}};
    struct address address, want = of("10.0.0.1");
    cr_assert(address_read_socket(&address, &at.any, sizeof(at.in)));
    cr_expect(address_equal(&address, &want));
    cr_expect_not(address_read_socket(&address, &at.any, sizeof(at.in) - 1));
    at.in6 = (struct sockaddr_in6){.sin6_family = AF_INET6};
    want = of("fe80::1");
    memcpy(at.in6.sin6_addr.s6_addr, want.bytes, sizeof(want.bytes));
    cr_assert(address_read_socket(&address, &at.any, sizeof(at.in6)));
    cr_expect(address_equal(&address, &want));
    cr_expect_not(address_read_socket(&address, &at.any, sizeof(at.in)));
    at.any.sa_family = AF_UNIX;
    cr_expect_not(address_read_socket(&address, &at.any, sizeof(at)));
}

Test(address, written_and_read)
{
    static const char *const texts[] = {"1.2.3.4", "255.255.255.255", "::1", "2606:4700::1111",
                                        "fe80::1:2:3:4"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char text[ADDRESS_TEXT_SIZE];
        struct address address = of(texts[i]);
        address_write(text, &address);
        cr_expect_str_eq(text, texts[i]);
    }
}
