#include "common/sms/gsm7.h"

#include <criterion/criterion.h>

Test(gsm7, encodes)
{
    static const struct {
        const char *name;
        size_t want_count;
        uint32_t cp;
        uint8_t want[GSM7_MAX_SEPTETS];
    } cases[] = {
        {"commercial at is septet 0", 1, '@', {0x00}},
        {"dollar", 1, '$', {0x02}},
        {"currency sign has the place of the dollar", 1, 0xA4, {0x24}},
        {"inverted exclamation mark has the place of the at", 1, 0xA1, {0x40}},
        {"inverted question mark", 1, 0xBF, {0x60}},
        {"section sign", 1, 0xA7, {0x5F}},
        {"underscore", 1, '_', {0x11}},
        {"line feed", 1, '\n', {0x0A}},
        {"carriage return", 1, '\r', {0x0D}},
        {"space", 1, ' ', {0x20}},
        {"letter", 1, 'a', {0x61}},
        {"capital C with cedilla", 1, 0xC7, {0x09}},
        {"a with grave is the last septet", 1, 0xE0, {0x7F}},
        {"capital delta", 1, 0x394, {0x10}},
        {"capital xi, before the escape", 1, 0x39E, {0x1A}},
        {"capital AE, behind the escape", 1, 0xC6, {0x1C}},
        {"form feed", 2, '\f', {0x1B, 0x0A}},
        {"circumflex", 2, '^', {0x1B, 0x14}},
        {"left brace", 2, '{', {0x1B, 0x28}},
        {"right brace", 2, '}', {0x1B, 0x29}},
        {"backslash", 2, '\\', {0x1B, 0x2F}},
        {"left bracket", 2, '[', {0x1B, 0x3C}},
        {"tilde", 2, '~', {0x1B, 0x3D}},
        {"right bracket", 2, ']', {0x1B, 0x3E}},
        {"bar", 2, '|', {0x1B, 0x40}},
        {"euro", 2, 0x20AC, {0x1B, 0x65}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t got[GSM7_MAX_SEPTETS] = {0};
        size_t count = gsm7_encode(cases[i].cp, got);
        cr_expect_eq(count, cases[i].want_count, "%s: got %zu", cases[i].name, count);
        cr_expect_eq(gsm7_septet_count(cases[i].cp), count, "%s", cases[i].name);
        cr_expect_arr_eq(got, cases[i].want, sizeof(got), "%s: got %02X %02X", cases[i].name,
                         got[0], got[1]);
    }
}

Test(gsm7, has_no_septets_for)
{
    static const struct {
        const char *name;
        uint32_t cp;
    } cases[] = {
        {"NUL", 0x00},
        {"tab", '\t'},
        {"the escape itself", 0x1B},
        {"grave accent", '`'},
        {"DEL", 0x7F},
        {"no-break space", 0xA0},
        {"small c with cedilla", 0xE7},
        {"a with acute", 0xE1},
        {"Greek capital alpha", 0x391},
        {"Cyrillic zhe", 0x436},
        {"right single quotation mark", 0x2019},
        {"ellipsis", 0x2026},
        {"a surrogate", 0xD83D},
        {"noncharacter", 0xFFFF},
        {"emoji", 0x1F433},
        {"a plane above a letter", 0x10061},
        {"above Unicode", UINT32_MAX},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t got[GSM7_MAX_SEPTETS] = {0xEE, 0xEE};
        size_t count = gsm7_encode(cases[i].cp, got);
        cr_expect_eq(count, 0, "%s: got %zu", cases[i].name, count);
        cr_expect_eq(gsm7_septet_count(cases[i].cp), 0, "%s", cases[i].name);
        cr_expect(got[0] == 0xEE && got[1] == 0xEE, "%s: wrote a result", cases[i].name);
    }
}

Test(gsm7, every_septet_but_the_escape_is_one_character)
{
    size_t basic[0x80] = {0}, extended[0x80] = {0};
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp += cp == 0xFFFF ? 0xF0001 : 1) {
        uint8_t septets[GSM7_MAX_SEPTETS];
        size_t count = gsm7_encode(cp, septets);
        if (count == 1)
            basic[septets[0]]++;
        else if (count == 2)
            extended[septets[1]]++;
    }
    size_t extended_count = 0;
    for (size_t i = 0; i < 0x80; i++) {
        cr_expect_eq(basic[i], i == GSM7_ESCAPE ? 0 : 1, "septet %02zX: got %zu", i, basic[i]);
        extended_count += extended[i];
    }
    cr_expect_eq(extended_count, 10, "got %zu", extended_count);
}
