#include "common/io/crypto.h"

#include <criterion/criterion.h>

static void expect_hex(const char *name, const uint8_t *bytes, size_t n, const char *want)
{
    char hex[2 * 64 + 1];
    crypto_hex(hex, bytes, n);
    cr_expect_str_eq(hex, want, "%s: got %s, want %s", name, hex, want);
}

/* The examples of NIST's Secure Hash Standard pages. */
Test(crypto, digests_by_sha_256)
{
    uint8_t digest[CRYPTO_SHA256_SIZE];
    crypto_sha256(digest, STR("abc"));
    expect_hex("abc", digest, sizeof(digest),
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    crypto_sha256(digest, STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"));
    expect_hex("two blocks", digest, sizeof(digest),
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    crypto_sha256(digest, (struct str){0});
    expect_hex("empty", digest, sizeof(digest),
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* RFC 4231, 4.2 to 4.8 (without 4.6, which cuts the result). */
Test(crypto, authenticates_by_hmac_sha_256)
{
    static char aa[131], dd[50], b20[20], cd[50], key25[25];
    memset(aa, 0xaa, sizeof(aa));
    memset(dd, 0xdd, sizeof(dd));
    memset(b20, 0x0b, sizeof(b20));
    memset(cd, 0xcd, sizeof(cd));
    for (size_t i = 0; i < sizeof(key25); i++)
        key25[i] = (char)(i + 1);
    const struct {
        const char *name;
        struct str key, data;
        const char *mac;
    } cases[] = {
        {"1",
         {b20, 20},
         STR("Hi There"),
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"2", STR("Jefe"), STR("what do ya want for nothing?"),
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {"3",
         {aa, 20},
         {dd, 50},
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {"4",
         {key25, 25},
         {cd, 50},
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {"6",
         {aa, 131},
         STR("Test Using Larger Than Block-Size Key - Hash Key First"),
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {"7",
         {aa, 131},
         STR("This is a test using a larger than block-size key and a larger than block-size "
             "data. The key needs to be hashed before being used by the HMAC algorithm."),
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
        {"no key, no data",
         {0},
         {0},
         "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t mac[CRYPTO_SHA256_SIZE];
        crypto_hmac_sha256(mac, cases[i].key, cases[i].data);
        expect_hex(cases[i].name, mac, sizeof(mac), cases[i].mac);
    }
}

/* RFC 4648, 10 and 9, in the alphabet of its section 5 and without padding. */
Test(crypto, writes_base64url)
{
    static const struct {
        struct str bytes;
        const char *want;
    } cases[] = {
        {{"", 0}, ""},
        {{"f", 1}, "Zg"},
        {{"fo", 2}, "Zm8"},
        {{"foo", 3}, "Zm9v"},
        {{"foob", 4}, "Zm9vYg"},
        {{"fooba", 5}, "Zm9vYmE"},
        {{"foobar", 6}, "Zm9vYmFy"},
        {{"\x14\xfb\x9c\x03\xd9\x7e", 6}, "FPucA9l-"},
        {{"\xff\xff\xfe", 3}, "___-"},
        {{"\0\0\0\0", 4}, "AAAAAA"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[4 * ((6 + 2) / 3) + 1];
        crypto_base64url(text, cases[i].bytes.p, cases[i].bytes.n);
        cr_expect_str_eq(text, cases[i].want);
    }
}

Test(crypto, compares)
{
    cr_expect(crypto_eq(STR("secret"), STR("secret")));
    cr_expect_not(crypto_eq(STR("secret"), STR("secreT")));
    cr_expect_not(crypto_eq(STR("secret"), STR("secre")));
    cr_expect_not(crypto_eq((struct str){0}, STR("s")));
    cr_expect(crypto_eq((struct str){0}, STR("")));
    cr_expect_not(crypto_eq((struct str){"a\0b", 3}, (struct str){"a\0c", 3}));
}

Test(crypto, writes_random_text_of_letters_and_digits_alone)
{
    enum { N = 62 * 400 };
    static char text[N + 1];
    unsigned counts[256] = {0}, kinds = 0;
    memset(text, '!', sizeof(text));
    crypto_random_text(text, N);
    cr_assert_eq(strlen(text), N);
    for (size_t i = 0; i < N; i++)
        counts[(unsigned char)text[i]]++;
    for (int c = 0; c < 256; c++) {
        bool allowed = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        cr_expect(allowed || counts[c] == 0, "byte %d", c);
        kinds += counts[c] > 0;
        /* 400 on average; the deviation is 20, so ten of them never happen */
        cr_expect(!allowed || (counts[c] > 200 && counts[c] < 600), "%c: %u", c, counts[c]);
    }
    cr_expect_eq(kinds, 62);
    crypto_random_text(text, 0);
    cr_expect_str_eq(text, "");
}

Test(crypto, gives_new_random_numbers_each_time)
{
    uint8_t a[1000] = {0}, b[1000] = {0};
    uint64_t sum = 0;
    crypto_random(a, sizeof(a));
    crypto_random(b, sizeof(b));
    cr_expect_neq(memcmp(a, b, sizeof(a)), 0);
    for (int i = 0; i < 10000; i++)
        sum += crypto_random_u32() >> 24;
    cr_expect(sum / 10000 >= 117 && sum / 10000 <= 138, "the mean of a byte is %llu",
              (unsigned long long)sum / 10000);
}
