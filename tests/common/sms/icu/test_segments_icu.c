/* Random texts: our alphabet, our counts and our cuts against ICU's converters. */
#include "common/sms/gsm7.h"
#include "common/sms/segments.h"
#include "common/sms/utf8.h"

#include <criterion/criterion.h>
#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>
#include <unicode/ustring.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TEXTS = 20000, MAX_CHARS = 800, MAX_BYTES = 4 * MAX_CHARS, MAX_SEPTETS = 2 * MAX_CHARS };
enum { FIRST_SEED = 20240917 };

enum alphabet { ASCII, EXTENSION, GREEK, ACCENTED, NEAR_MISSES, CYRILLIC, EMOJI };

static const char *const alphabets[] = {
    [ASCII] = "@abcdefghijklmnopqrstuvwxyzAMZ0123456789 \n\r!\"#$%&'()*+,-./:;<=>?_",
    [EXTENSION] = "\f^{}\\[~]|€",
    [GREEK] = "ΔΦΓΛΩΠΨΣΘΞ",
    [ACCENTED] = "£¥èéùìòÇØøÅåÆæßÉ¤¡ÄÖÑÜ§¿äöñüà",
    [NEAR_MISSES] = "`çáíóúÀΑΒΕαω\t\x1B\x7F\u00A0\u2019\u2026\uFF21\u0301",
    [CYRILLIC] = "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    [EMOJI] = "🐳😀🇳🇴👨\u200D👩\u200D👧❤\uFE0F\U0010FFFF",
};

/* A repeated alphabet is drawn from more often. */
static const struct {
    size_t count;
    enum alphabet of[7];
} mixes[] = {
    {1, {ASCII}},
    {4, {ASCII, ASCII, ASCII, EXTENSION}},
    {4, {ASCII, EXTENSION, GREEK, ACCENTED}},
    {1, {EXTENSION}},
    {3, {ASCII, ACCENTED, NEAR_MISSES}},
    {2, {CYRILLIC, ASCII}},
    {3, {CYRILLIC, CYRILLIC, EMOJI}},
    {7, {ASCII, EXTENSION, GREEK, ACCENTED, NEAR_MISSES, CYRILLIC, EMOJI}},
};

static const size_t longest[] = {20, 170, 330, MAX_CHARS};

struct sample {
    uint64_t seed; /* makes this text alone again */
    char text[MAX_BYTES];
    size_t len;
    UChar utf16[2 * MAX_CHARS];
    int32_t utf16_len;
    char septets[MAX_SEPTETS];
    int32_t septet_count; /* undefined unless in_gsm7 */
    bool in_gsm7;         /* says ICU */
    char complaint[128];
};

/* What the test then prints, with the seed. Always false, to be returned. */
__attribute__((format(printf, 2, 3))) static bool complain(struct sample *s, const char *format,
                                                           ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(s->complaint, sizeof(s->complaint), format, args);
    va_end(args);
    return false;
}

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t limit)
{
    return (size_t)(next_random(state) % limit);
}

/* Some character of an alphabet: any byte of it, then back to where that character starts. */
static size_t pick(uint64_t *state, const char *alphabet, char *out)
{
    const char *p = alphabet + below(state, strlen(alphabet));
    while (((unsigned char)*p & 0xC0) == 0x80)
        p--;
    size_t len = 0;
    do {
        out[len] = p[len];
        len++;
    } while (((unsigned char)p[len] & 0xC0) == 0x80);
    return len;
}

static void make_text(struct sample *s)
{
    uint64_t state = s->seed;
    size_t mix = below(&state, sizeof(mixes) / sizeof(mixes[0]));
    size_t chars = 1 + below(&state, longest[below(&state, sizeof(longest) / sizeof(longest[0]))]);
    s->len = 0;
    for (size_t i = 0; i < chars; i++) {
        enum alphabet a = mixes[mix].of[below(&state, mixes[mix].count)];
        s->len += pick(&state, alphabets[a], s->text + s->len);
    }
}

/* UCNV_FROM_U_CALLBACK_STOP passes over joiners and variation selectors in silence; this one, by
 * leaving *status as it is, fails on each character that the converter does not have. */
/* NOLINTNEXTLINE(readability-function-size): the parameters are ICU's */
static void fail(const void *context, UConverterFromUnicodeArgs *args, const UChar *units,
                 int32_t length, UChar32 cp, UConverterCallbackReason reason, UErrorCode *status)
{
    (void)context, (void)args, (void)units, (void)length, (void)cp, (void)reason, (void)status;
}

static UConverter *open_gsm(void)
{
    UErrorCode status = U_ZERO_ERROR;
    UConverter *gsm = ucnv_open("gsm-03.38-2009", &status);
    ucnv_setFallback(gsm, false);
    ucnv_setFromUCallBack(gsm, fail, NULL, NULL, NULL, &status);
    return U_SUCCESS(status) ? gsm : NULL;
}

static bool ask_icu(struct sample *s, UConverter *gsm)
{
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8(s->utf16, 2 * MAX_CHARS, &s->utf16_len, s->text, (int32_t)s->len, &status);
    if (U_FAILURE(status))
        return complain(s, "ICU reads no UTF-8: %s", u_errorName(status));
    ucnv_reset(gsm);
    s->septet_count =
        ucnv_fromUChars(gsm, s->septets, MAX_SEPTETS, s->utf16, s->utf16_len, &status);
    s->in_gsm7 = U_SUCCESS(status);
    if (!s->in_gsm7 && status != U_INVALID_CHAR_FOUND)
        return complain(s, "ICU writes no septets: %s", u_errorName(status));
    return true;
}

static bool check_counts(struct sample *s, const struct segments *seg)
{
    int32_t units = s->in_gsm7 ? s->septet_count : s->utf16_len;
    if ((seg->encoding == SEGMENTS_GSM7) != s->in_gsm7)
        return complain(s, "got encoding %d", seg->encoding);
    if (seg->unit_count != (size_t)units)
        return complain(s, "got %zu units, want %d", seg->unit_count, (int)units);
    return true;
}

/* The septets are ICU's, and ICU reads the text back from ours. */
static bool check_septets(struct sample *s, UConverter *gsm)
{
    char ours[MAX_SEPTETS];
    size_t count = 0;
    const char *p = s->text;
    uint32_t cp;
    while (utf8_next(&p, s->text + s->len, &cp)) {
        uint8_t septets[GSM7_MAX_SEPTETS];
        size_t n = gsm7_encode(cp, septets);
        memcpy(ours + count, septets, n);
        count += n;
    }
    if (count != (size_t)s->septet_count || memcmp(ours, s->septets, count) != 0)
        return complain(s, "got %zu other septets than ICU", count);
    UChar back[2 * MAX_CHARS];
    UErrorCode status = U_ZERO_ERROR;
    int32_t len = ucnv_toUChars(gsm, back, 2 * MAX_CHARS, ours, (int32_t)count, &status);
    if (U_FAILURE(status) || len != s->utf16_len || u_memcmp(back, s->utf16, len) != 0)
        return complain(s, "%zu septets read back as another text", count);
    return true;
}

/* 0 when ICU cannot read it: a part that starts or ends inside a character is not UTF-8. */
static size_t icu_units(UConverter *gsm, enum segments_encoding encoding, const char *p, size_t len)
{
    UChar utf16[2 * MAX_CHARS];
    int32_t units = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8(utf16, 2 * MAX_CHARS, &units, p, (int32_t)len, &status);
    if (encoding == SEGMENTS_GSM7) {
        char septets[MAX_SEPTETS];
        units = ucnv_fromUChars(gsm, septets, MAX_SEPTETS, utf16, units, &status);
    }
    return U_SUCCESS(status) ? (size_t)units : 0;
}

static bool check_parts(struct sample *s, UConverter *gsm, const struct segments *seg)
{
    size_t capacity = segments_capacity(seg->encoding, seg->unit_count), offset_bytes = 0;
    size_t stored = seg->part_count < SEGMENTS_MAX_PARTS ? seg->part_count : SEGMENTS_MAX_PARTS;
    for (size_t i = 0; i < stored; i++) {
        const struct segments_part *part = &seg->parts[i];
        size_t units = icu_units(gsm, seg->encoding, s->text + part->offset_bytes, part->len_bytes);
        if (part->offset_bytes != offset_bytes)
            return complain(s, "part %zu: got offset %zu", i + 1, part->offset_bytes);
        if (units == 0 || units != part->unit_count)
            return complain(s, "part %zu: got %zu units, want %zu", i + 1, part->unit_count, units);
        if (units > capacity || (i + 1 < seg->part_count && units + 1 < capacity))
            return complain(s, "part %zu: %zu units of %zu", i + 1, units, capacity);
        offset_bytes += part->len_bytes;
    }
    if (seg->part_count == stored && offset_bytes != s->len)
        return complain(s, "the parts are %zu of %zu bytes", offset_bytes, s->len);
    return true;
}

static bool check_text(struct sample *s, UConverter *gsm, struct segments *ret_seg)
{
    make_text(s);
    enum err e = segments_split(ret_seg, s->text, s->len);
    if (e != (ret_seg->part_count > SEGMENTS_MAX_PARTS ? ERR_TOO_LONG : ERR_OK))
        return complain(s, "got %s for %zu parts", err_text(e), ret_seg->part_count);
    return ask_icu(s, gsm) && check_counts(s, ret_seg) && (!s->in_gsm7 || check_septets(s, gsm)) &&
           check_parts(s, gsm, ret_seg);
}

Test(segments_icu, random_texts_agree_with_icu)
{
    static struct sample s;
    UConverter *gsm = open_gsm();
    cr_assert_not_null(gsm, "ICU has no GSM converter");
    size_t gsm7_count = 0, too_long_count = 0;
    for (s.seed = FIRST_SEED; s.seed < FIRST_SEED + TEXTS; s.seed++) {
        struct segments seg = {0};
        bool ok = check_text(&s, gsm, &seg);
        cr_assert(ok, "seed %llu: %s", (unsigned long long)s.seed, s.complaint);
        gsm7_count += s.in_gsm7;
        too_long_count += seg.part_count > SEGMENTS_MAX_PARTS;
    }
    /* Against a generator that no longer reaches both sides. */
    cr_expect(gsm7_count > TEXTS / 4 && gsm7_count < TEXTS * 3 / 4, "got %zu", gsm7_count);
    cr_expect(too_long_count > TEXTS / 200 && too_long_count < TEXTS / 4, "got %zu",
              too_long_count);
    ucnv_close(gsm);
}

/* No random choice: all of Unicode, one character at a time. */
Test(segments_icu, every_character_agrees_with_icu)
{
    UConverter *gsm = open_gsm();
    cr_assert_not_null(gsm, "ICU has no GSM converter");
    for (UChar32 cp = 0; cp <= 0x10FFFF; cp += cp == 0xD7FF ? 0x801 : 1) {
        UChar utf16[2];
        char want[4] = {0};
        uint8_t got[GSM7_MAX_SEPTETS] = {0};
        int32_t len = 0;
        UErrorCode status = U_ZERO_ERROR;
        u_strFromUTF32(utf16, 2, &len, &cp, 1, &status);
        ucnv_reset(gsm);
        int32_t count = ucnv_fromUChars(gsm, want, sizeof(want), utf16, len, &status);
        size_t want_count = U_SUCCESS(status) ? (size_t)count : 0;
        size_t got_count = gsm7_encode((uint32_t)cp, got);
        cr_assert(got_count == want_count && memcmp(got, want, want_count) == 0,
                  "U+%04X: got %zu septets, want %zu", (unsigned)cp, got_count, want_count);
    }
    ucnv_close(gsm);
}
