#include "common/sms/utf8.h"

#include <criterion/criterion.h>

#include <string.h>

Test(utf8, decodes_the_first_and_last_of_each_length)
{
    static const struct {
        const char *name, *in;
        size_t len;
        uint32_t want;
    } cases[] = {
        {"U+0000", "\0", 1, 0x0},
        {"U+007F", "\x7F", 1, 0x7F},
        {"U+0080", "\xC2\x80", 2, 0x80},
        {"U+07FF", "\xDF\xBF", 2, 0x7FF},
        {"U+0800", "\xE0\xA0\x80", 3, 0x800},
        {"U+D7FF", "\xED\x9F\xBF", 3, 0xD7FF},
        {"U+E000", "\xEE\x80\x80", 3, 0xE000},
        {"U+FFFF", "\xEF\xBF\xBF", 3, 0xFFFF},
        {"U+10000", "\xF0\x90\x80\x80", 4, 0x10000},
        {"U+10FFFF", "\xF4\x8F\xBF\xBF", 4, 0x10FFFF},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *p = cases[i].in;
        uint32_t got = UINT32_MAX;
        cr_expect(utf8_next(&p, cases[i].in + cases[i].len, &got), "%s", cases[i].name);
        cr_expect_eq(got, cases[i].want, "%s: got U+%04X", cases[i].name, (unsigned)got);
        cr_expect_eq(p, cases[i].in + cases[i].len, "%s: read %td bytes", cases[i].name,
                     p - cases[i].in);
    }
}

Test(utf8, refuses_what_is_not_utf8_and_stays_there)
{
    static const struct {
        const char *name, *in;
    } cases[] = {
        {"stray continuation", "\x80"},
        {"stray last continuation", "\xBF"},
        {"overlong NUL", "\xC0\x80"},
        {"overlong U+007F", "\xC1\xBF"},
        {"overlong U+07FF", "\xE0\x9F\xBF"},
        {"overlong U+FFFF", "\xF0\x8F\xBF\xBF"},
        {"first surrogate", "\xED\xA0\x80"},
        {"last surrogate", "\xED\xBF\xBF"},
        {"surrogate pair", "\xED\xA0\xBD\xED\xB0\xB3"},
        {"U+110000", "\xF4\x90\x80\x80"},
        {"lead byte F5", "\xF5\x80\x80\x80"},
        {"lead byte of five", "\xF8\x88\x80\x80\x80"},
        {"lead byte FF", "\xFF"},
        {"two cut to one", "\xC3"},
        {"three cut to one", "\xE2"},
        {"three cut to two", "\xE2\x82"},
        {"four cut to three", "\xF0\x9F\x90"},
        {"second byte is ASCII", "\xC3("},
        {"third byte is ASCII", "\xE2\x82("},
        {"fourth byte is a lead", "\xF0\x9F\x90\xC3"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *p = cases[i].in, *end = p + strlen(p);
        uint32_t got = UINT32_MAX;
        cr_expect_not(utf8_next(&p, end, &got), "%s: got U+%04X", cases[i].name, (unsigned)got);
        cr_expect_eq(p, cases[i].in, "%s: moved", cases[i].name);
        cr_expect_eq(got, UINT32_MAX, "%s: wrote a result", cases[i].name);
        cr_expect_not(utf8_valid(cases[i].in, strlen(cases[i].in)), "%s", cases[i].name);
    }
}

Test(utf8, stops_at_the_end)
{
    const char *p = "x", *end = p;
    uint32_t got;
    cr_expect_not(utf8_next(&p, end, &got), "read behind the end");
}

Test(utf8, valid_looks_at_the_whole_text)
{
    static const struct {
        const char *name, *in;
        size_t len;
        bool want;
    } cases[] = {
        {"empty", "", 0, true},
        {"null and empty", NULL, 0, true},
        {"mixed lengths", "aé€🐳", 10, true},
        {"NUL inside", "a\0b", 3, true},
        {"bad byte last", "aé\xFF", 4, false},
        {"length cuts the last character", "aé€🐳", 9, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool got = utf8_valid(cases[i].in, cases[i].len);
        cr_expect_eq(got, cases[i].want, "%s: got %d", cases[i].name, got);
    }
}

/* Every value up to 0x10FFFF, by an encoder that knows no rule but the bit layout. */
Test(utf8, takes_every_scalar_value_and_no_surrogate)
{
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        char s[4];
        size_t len = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
        static const unsigned char leads[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
        uint32_t rest = cp;
        for (size_t i = len - 1; i > 0; i--, rest >>= 6)
            s[i] = (char)(0x80 | (rest & 0x3F));
        s[0] = (char)(leads[len] | rest);
        const char *p = s;
        uint32_t got = UINT32_MAX;
        bool ok = utf8_next(&p, s + len, &got);
        bool want = cp < 0xD800 || cp > 0xDFFF;
        cr_assert_eq(ok, want, "U+%04X: got %d", (unsigned)cp, ok);
        cr_assert(!ok || (got == cp && p == s + len), "U+%04X: got U+%04X", (unsigned)cp,
                  (unsigned)got);
    }
}
