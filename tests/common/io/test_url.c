#include "common/io/url.h"

#include "common/base/buf.h"

#include <criterion/criterion.h>

struct url_case {
    const char *url;
    enum err err;
};

static void expect(const struct url_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *why = NULL;
        enum err err = url_check_callback(str_of(cases[i].url), &why);
        cr_expect_eq(err, cases[i].err, "%s: %s, %s", cases[i].url, err_text(err),
                     why != NULL ? why : "");
        cr_expect(err == ERR_OK || (why != NULL && strlen(why) > 5), "%s", cases[i].url);
    }
}

#define EXPECT(cases) expect(cases, sizeof(cases) / sizeof((cases)[0]))

Test(url, allowed)
{
    static const struct url_case cases[] = {
        {"https://example.com", ERR_OK},
        {"https://example.com/", ERR_OK},
        {"HTTPS://Example.COM/hook?a=b&c=%20#d", ERR_OK},
        {"https://example.com:8443/a/b", ERR_OK},
        {"https://example.com./", ERR_OK},
        {"https://a_b.example.com", ERR_OK},
        {"https://example.com/?to=me@example.com", ERR_OK},
        {"https://example.com/@me", ERR_OK},
        {"https://hooks", ERR_OK}, /* a name; whoever connects looks at its address */
        {"https://1.example.com", ERR_OK},
        {"https://example.1com", ERR_OK},
        {"https://10.example.com", ERR_OK},
        {"https://8.8.8.8/", ERR_OK},
        {"https://203.0.114.5/hook", ERR_OK},
        {"https://0x08080808/", ERR_OK},
        {"https://[2606:4700::1111]/", ERR_OK},
        {"https://[2606:4700::1111]:444/", ERR_OK},
        {"https://[::ffff:8.8.8.8]/", ERR_OK},
        {"https://localhost.example.com/", ERR_OK},
        {"https://notlocalhost/", ERR_OK},
    };
    EXPECT(cases);
}

Test(url, of_the_wrong_form)
{
    static const struct url_case cases[] = {
        {"", ERR_SYNTAX},
        {"https", ERR_SYNTAX},
        {"https:", ERR_SYNTAX},
        {"https:/example.com", ERR_SYNTAX},
        {"https:example.com", ERR_SYNTAX},
        {"https://", ERR_SYNTAX},
        {"https:///path", ERR_SYNTAX},
        {"https://?a", ERR_SYNTAX},
        {"https://:443/", ERR_SYNTAX},
        {"http://example.com", ERR_SYNTAX},
        {"ftp://example.com", ERR_SYNTAX},
        {"file:///etc/passwd", ERR_SYNTAX},
        {"example.com", ERR_SYNTAX},
        {"//example.com", ERR_SYNTAX},
        {" https://example.com", ERR_SYNTAX},
        {"https://example.com ", ERR_SYNTAX},
        {"https://exa mple.com", ERR_SYNTAX},
        {"https://example.com/a b", ERR_SYNTAX},
        {"https://example.com/\r\nX: y", ERR_SYNTAX},
        {"https://example.com/\x7f", ERR_SYNTAX},
        {"https://example.com/\xc3\xa6", ERR_SYNTAX},
        {"https://bl\xc3\xa5.no/", ERR_SYNTAX},
        {"https://example.com\\@evil.example/", ERR_SYNTAX},
        {"https://user@example.com/", ERR_SYNTAX},
        {"https://user:password@example.com/", ERR_SYNTAX},
        {"https://@example.com/", ERR_SYNTAX},
        {"https://:@example.com/", ERR_SYNTAX},
        {"https://example.com:0/", ERR_SYNTAX},
        {"https://example.com:65536/", ERR_SYNTAX},
        {"https://example.com:x/", ERR_SYNTAX},
        {"https://exa(mple.com/", ERR_SYNTAX},
        {"https://exa%20mple.com/", ERR_SYNTAX},
        {"https://example.com%00.evil.example/", ERR_SYNTAX},
        {"https://./", ERR_SYNTAX},
        {"https://../", ERR_SYNTAX},
        {"https://.example.com/", ERR_SYNTAX},
        {"https://[::1/", ERR_SYNTAX},
        {"https://[]/", ERR_SYNTAX},
        {"https://[1:2:3]/", ERR_SYNTAX},
        {"https://[127.0.0.1]/", ERR_SYNTAX},
        {"https://256.1.1.1/", ERR_SYNTAX},
        {"https://1.2.3.4.5/", ERR_SYNTAX},
        {"https://foo.8/", ERR_SYNTAX},
        {"https://foo.0x8/", ERR_SYNTAX},
        {"https://08.1.1.1/", ERR_SYNTAX},
        {"https://4294967296/", ERR_SYNTAX},
    };
    EXPECT(cases);
}

Test(url, ipv4_addresses_that_are_not_public)
{
    static const struct url_case cases[] = {
        {"https://0.0.0.0/", ERR_RANGE},
        {"https://0.1.2.3/", ERR_RANGE},
        {"https://10.0.0.1/", ERR_RANGE},
        {"https://10.255.255.255/", ERR_RANGE},
        {"https://11.0.0.0/", ERR_OK},
        {"https://100.63.255.255/", ERR_OK},
        {"https://100.64.0.1/", ERR_RANGE},
        {"https://100.127.255.255/", ERR_RANGE},
        {"https://100.128.0.0/", ERR_OK},
        {"https://127.0.0.1/", ERR_RANGE},
        {"https://127.255.255.254:8080/", ERR_RANGE},
        {"https://128.0.0.0/", ERR_OK},
        {"https://169.254.169.254/latest/meta-data", ERR_RANGE},
        {"https://169.255.0.0/", ERR_OK},
        {"https://172.15.255.255/", ERR_OK},
        {"https://172.16.0.1/", ERR_RANGE},
        {"https://172.31.255.255/", ERR_RANGE},
        {"https://172.32.0.0/", ERR_OK},
        {"https://192.0.0.1/", ERR_RANGE},
        {"https://192.167.255.255/", ERR_OK},
        {"https://192.168.0.1/", ERR_RANGE},
        {"https://192.168.255.255/", ERR_RANGE},
        {"https://192.169.0.0/", ERR_OK},
        {"https://192.0.2.1/", ERR_RANGE},
        {"https://192.88.99.1/", ERR_RANGE},
        {"https://198.51.100.1/", ERR_RANGE},
        {"https://203.0.113.5/hook", ERR_RANGE},
        {"https://198.18.0.1/", ERR_RANGE},
        {"https://198.19.255.255/", ERR_RANGE},
        {"https://223.255.255.255/", ERR_OK},
        {"https://224.0.0.1/", ERR_RANGE},
        {"https://240.0.0.1/", ERR_RANGE},
        {"https://255.255.255.255/", ERR_RANGE},
    };
    EXPECT(cases);
}

Test(url, ipv4_addresses_in_other_forms)
{
    static const struct url_case cases[] = {
        {"https://2130706433/", ERR_RANGE},          /* decimal */
        {"https://0x7f000001/", ERR_RANGE},          /* hex */
        {"https://0X7F000001/", ERR_RANGE},          /* hex */
        {"https://017700000001/", ERR_RANGE},        /* octal */
        {"https://0177.0.0.1/", ERR_RANGE},          /* octal, one part */
        {"https://0x7f.0.0.1/", ERR_RANGE},          /* hex, one part */
        {"https://127.1/", ERR_RANGE},               /* two parts */
        {"https://127.0.1/", ERR_RANGE},             /* three parts */
        {"https://0x7f.1/", ERR_RANGE},              /* both */
        {"https://0/", ERR_RANGE},                   /* 0.0.0.0 */
        {"https://0x0/", ERR_RANGE},                 /* 0.0.0.0 */
        {"https://012.1.2.3/", ERR_RANGE},           /* octal 10.1.2.3 */
        {"https://3232235777/", ERR_RANGE},          /* 192.168.1.1 */
        {"https://0xa9.0xfe.0xa9.0xfe/", ERR_RANGE}, /* 169.254.169.254 */
        {"https://127.0.0.1./", ERR_RANGE},          /* as an absolute name */
        {"https://127%2e0%2e0%2e1/", ERR_RANGE},     /* percent-encoded */
        {"https://%31%32%37.0.0.1/", ERR_RANGE},     /* percent-encoded */
        {"https://0xc0a80101/", ERR_RANGE},          /* 192.168.1.1 */
    };
    EXPECT(cases);
}

Test(url, ipv6_addresses_that_are_not_public)
{
    static const struct url_case cases[] = {
        {"https://[::]/", ERR_RANGE},
        {"https://[::1]/", ERR_RANGE},
        {"https://[0:0:0:0:0:0:0:1]:8443/", ERR_RANGE},
        {"https://[::ffff:127.0.0.1]/", ERR_RANGE},
        {"https://[::ffff:7f00:1]/", ERR_RANGE},
        {"https://[::ffff:a00:1]/", ERR_RANGE},
        {"https://[::ffff:169.254.169.254]/", ERR_RANGE},
        {"https://[::127.0.0.1]/", ERR_RANGE},       /* compatible */
        {"https://[::8.8.8.8]/", ERR_RANGE},         /* compatible: nobody routes it */
        {"https://[64:ff9b::10.0.0.1]/", ERR_RANGE}, /* translated */
        {"https://[64:ff9b::8.8.8.8]/", ERR_RANGE},  /* translated, wherever */
        {"https://[2002:808:808::1]/", ERR_RANGE},   /* 6to4 of 8.8.8.8 */
        {"https://[2001:db8::1]/", ERR_RANGE},       /* documentation */
        {"https://[3fff::1]/", ERR_RANGE},           /* documentation */
        {"https://[64:ff9b:1::1]/", ERR_RANGE},      /* local translation */
        {"https://[2002:7f00:1::]/", ERR_RANGE},     /* 6to4 of 127.0.0.1 */
        {"https://[2002:c0a8:101::1]/", ERR_RANGE},  /* 6to4 of 192.168.1.1 */
        {"https://[2001::1]/", ERR_RANGE},           /* Teredo */
        {"https://[fc00::1]/", ERR_RANGE},
        {"https://[fd12:3456:789a::1]/", ERR_RANGE},
        {"https://[fe80::1]/", ERR_RANGE},
        {"https://[febf::1]/", ERR_RANGE},
        {"https://[fe80::1%25eth0]/", ERR_RANGE},
        {"https://[fec0::1]/", ERR_RANGE},
        {"https://[ff02::1]/", ERR_RANGE},
        {"https://[100::1]/", ERR_RANGE},
        {"https://[4000::1]/", ERR_RANGE},
    };
    EXPECT(cases);
}

Test(url, names_of_this_machine)
{
    static const struct url_case cases[] = {
        {"https://localhost/", ERR_RANGE},
        {"https://LOCALHOST:8443/", ERR_RANGE},
        {"https://localhost./", ERR_RANGE},
        {"https://a.localhost/", ERR_RANGE},
    };
    EXPECT(cases);
}

Test(url, length)
{
    for (size_t n = URL_CALLBACK_MAX_BYTES; n <= URL_CALLBACK_MAX_BYTES + 1; n++) {
        struct buf url = {.cap = 4096};
        const char *why = NULL;
        buf_text(&url, "https://example.com/");
        while (url.n < n)
            buf_char(&url, 'a');
        cr_expect_eq(url_check_callback(buf_view(&url), &why),
                     n > URL_CALLBACK_MAX_BYTES ? ERR_TOO_LONG : ERR_OK);
        buf_done(&url);
    }
}

Test(url, a_nul_is_no_end)
{
    const char *why = NULL;
    cr_expect_eq(url_check_callback(STR("https://example.com\0.evil.example/"), &why), ERR_SYNTAX);
    cr_expect_eq(url_check_callback((struct str){0}, &why), ERR_SYNTAX);
}
