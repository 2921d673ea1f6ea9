#include "common/sms/segments.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLAG   "\U0001F1F3\U0001F1F4"
#define FAMILY "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466"

enum { MAX_RUNS = 3 };

/* A text as runs: {{"a", 152}, {"[", 1}} is 152 times a, then a bracket. */
struct run {
    const char *piece;
    size_t times;
};

struct text {
    char p[8192];
    size_t len;
};

static struct text build(const struct run runs[MAX_RUNS])
{
    struct text t = {.len = 0};
    for (size_t r = 0; r < MAX_RUNS && runs[r].piece != NULL; r++) {
        size_t len = strlen(runs[r].piece);
        for (size_t i = 0; i < runs[r].times; i++, t.len += len) {
            if (t.len + len > sizeof(t.p))
                abort();
            memcpy(t.p + t.len, runs[r].piece, len);
        }
    }
    return t;
}

struct summary {
    char p[256];
};

/* "gsm7 161: 153 8" is the encoding, the units of the text, the units of the parts. A part that
 * does not start where the one before it ended shows as "gap". */
static struct summary summarize(const struct segments *seg, size_t len)
{
    struct summary sum;
    const char *encoding = seg->encoding == SEGMENTS_GSM7 ? "gsm7" : "ucs2";
    size_t room = sizeof(sum.p), offset_bytes = 0;
    size_t n = (size_t)snprintf(sum.p, room, "%s %zu:", encoding, seg->unit_count);
    for (size_t i = 0; i < seg->part_count && i < SEGMENTS_MAX_PARTS && n < room; i++) {
        const struct segments_part *part = &seg->parts[i];
        const char *gap = part->offset_bytes == offset_bytes ? "" : " gap";
        n += (size_t)snprintf(sum.p + n, room - n, "%s %zu", gap, part->unit_count);
        offset_bytes = part->offset_bytes + part->len_bytes;
    }
    if (n < room && offset_bytes != len)
        snprintf(sum.p + n, room - n, " gap");
    return sum;
}

Test(segments, cuts)
{
    static const struct {
        const char *name;
        struct run runs[MAX_RUNS];
        const char *want;
    } cases[] = {
        {"one letter", {{"a", 1}}, "gsm7 1: 1"},
        {"a full single part", {{"a", 160}}, "gsm7 160: 160"},
        {"one more makes two", {{"a", 161}}, "gsm7 161: 153 8"},
        {"two full parts", {{"a", 306}}, "gsm7 306: 153 153"},
        {"three parts", {{"a", 307}}, "gsm7 307: 153 153 1"},
        {"ten full parts", {{"a", 1530}}, "gsm7 1530: 153 153 153 153 153 153 153 153 153 153"},
        {"extension characters fill a part", {{"[", 80}}, "gsm7 160: 160"},
        {"an odd capacity leaves a septet", {{"[", 81}}, "gsm7 162: 152 10"},
        {"no division: 306 septets, 3 parts",
         {{"a", 152}, {"[", 1}, {"a", 152}},
         "gsm7 306: 152 153 1"},
        {"an extension character that just fits",
         {{"a", 151}, {"[", 1}, {"a", 153}},
         "gsm7 306: 153 153"},
        {"a euro that just fits", {{"a", 158}, {"€", 1}}, "gsm7 160: 160"},
        {"a euro too many", {{"a", 159}, {"€", 1}}, "gsm7 161: 153 8"},
        {"section sign is basic", {{"§", 160}}, "gsm7 160: 160"},
        {"form feed is an extension", {{"\f", 1}}, "gsm7 2: 2"},
        {"two bytes, one septet", {{"à", 161}}, "gsm7 161: 153 8"},
        {"grave accent", {{"`", 1}}, "ucs2 1: 1"},
        {"the escape", {{"\x1B", 1}}, "ucs2 1: 1"},
        {"small c with cedilla", {{"ç", 1}}, "ucs2 1: 1"},
        {"one such character changes the rest", {{"a", 70}, {"ж", 1}}, "ucs2 71: 67 4"},
        {"an extension character is one unit", {{"[", 69}, {"ж", 1}}, "ucs2 70: 70"},
        {"a full single Unicode part", {{"ж", 70}}, "ucs2 70: 70"},
        {"one more makes two", {{"ж", 71}}, "ucs2 71: 67 4"},
        {"two full Unicode parts", {{"ж", 134}}, "ucs2 134: 67 67"},
        {"three Unicode parts", {{"ж", 135}}, "ucs2 135: 67 67 1"},
        {"ten full Unicode parts", {{"ж", 670}}, "ucs2 670: 67 67 67 67 67 67 67 67 67 67"},
        {"pairs fill a part", {{"🐳", 35}}, "ucs2 70: 70"},
        {"an odd capacity leaves a unit", {{"🐳", 36}}, "ucs2 72: 66 6"},
        {"ten parts of pairs", {{"🐳", 330}}, "ucs2 660: 66 66 66 66 66 66 66 66 66 66"},
        {"no division: 134 units, 3 parts", {{"ж", 66}, {"🐳", 1}, {"ж", 66}}, "ucs2 134: 66 67 1"},
        {"a pair that just fits", {{"ж", 65}, {"🐳", 1}, {"ж", 67}}, "ucs2 134: 67 67"},
        {"a flag is two characters", {{"ж", 65}, {FLAG, 1}, {"ж", 66}}, "ucs2 135: 67 67 1"},
        {"a joined emoji is cut", {{"ж", 60}, {FAMILY, 1}, {"ж", 60}}, "ucs2 131: 66 65"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text t = build(cases[i].runs);
        struct segments seg = {0};
        enum err e = segments_split(&seg, t.p, t.len);
        cr_assert_eq(e, ERR_OK, "%s: got %s", cases[i].name, err_text(e));
        struct summary got = summarize(&seg, t.len);
        cr_expect_str_eq(got.p, cases[i].want, "%s: got %s, want %s", cases[i].name, got.p,
                         cases[i].want);
    }
}

Test(segments, names_the_first_unicode_character)
{
    static const struct {
        const char *name;
        struct run runs[MAX_RUNS];
        struct segments_char want;
    } cases[] = {
        {"the first of all", {{"ж", 2}}, {0x436, 0, 0}},
        {"behind one byte characters", {{"a", 3}, {"ж", 1}, {"a", 1}}, {0x436, 3, 3}},
        {"behind longer characters", {{"é", 2}, {"€", 2}, {"🐳", 1}}, {0x1F433, 10, 4}},
        {"the first, not the last", {{"a", 1}, {"`", 1}, {"ж", 1}}, {'`', 1, 1}},
        {"in the third part", {{"a", 307}, {"ç", 1}}, {0xE7, 307, 307}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text t = build(cases[i].runs);
        struct segments seg = {0};
        enum err e = segments_split(&seg, t.p, t.len);
        cr_assert_eq(e, ERR_OK, "%s: got %s", cases[i].name, err_text(e));
        struct segments_char got = seg.first_unicode;
        cr_expect_eq(got.cp, cases[i].want.cp, "%s: got U+%04X", cases[i].name, (unsigned)got.cp);
        cr_expect_eq(got.offset_bytes, cases[i].want.offset_bytes, "%s: got byte %zu",
                     cases[i].name, got.offset_bytes);
        cr_expect_eq(got.index, cases[i].want.index, "%s: got index %zu", cases[i].name, got.index);
    }
}

Test(segments, too_long_still_counts)
{
    static const struct {
        const char *name;
        struct run runs[MAX_RUNS];
        size_t part_count, unit_count, code_point_count;
    } cases[] = {
        {"one septet over ten parts", {{"a", 1531}}, 11, 1531, 1531},
        {"the most code points", {{"a", 1600}}, 11, 1600, 1600},
        {"a code point too many", {{"a", 1601}}, 11, 1601, 1601},
        {"extension characters", {{"[", 761}}, 11, 1522, 761},
        {"one unit over ten parts", {{"ж", 671}}, 11, 671, 671},
        {"one pair over ten parts", {{"🐳", 331}}, 11, 662, 331},
        {"far over", {{"a", 8000}}, 53, 8000, 8000},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text t = build(cases[i].runs);
        struct segments got = {0};
        enum err e = segments_split(&got, t.p, t.len);
        cr_expect_eq(e, ERR_TOO_LONG, "%s: got %s", cases[i].name, err_text(e));
        cr_expect_eq(got.part_count, cases[i].part_count, "%s: got %zu parts", cases[i].name,
                     got.part_count);
        cr_expect_eq(got.unit_count, cases[i].unit_count, "%s: got %zu units", cases[i].name,
                     got.unit_count);
        cr_expect_eq(got.code_point_count, cases[i].code_point_count, "%s: got %zu code points",
                     cases[i].name, got.code_point_count);
        size_t capacity = segments_capacity(got.encoding, got.unit_count);
        struct segments_part last = got.parts[SEGMENTS_MAX_PARTS - 1];
        cr_expect(last.unit_count + 1 >= capacity && last.unit_count <= capacity,
                  "%s: the last stored part has %zu units", cases[i].name, last.unit_count);
    }
}

Test(segments, refuses_and_leaves_the_result_alone)
{
    static const struct {
        const char *name, *in;
        size_t len;
        enum err want;
    } cases[] = {
        {"empty", "", 0, ERR_EMPTY},
        {"null and empty", NULL, 0, ERR_EMPTY},
        {"a bad byte", "\xFF", 1, ERR_SYNTAX},
        {"a bad byte behind good ones", "aж\xC3", 4, ERR_SYNTAX},
        {"a surrogate", "\xED\xA0\x80", 3, ERR_SYNTAX},
        {"a cut character", "€", 2, ERR_SYNTAX},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct segments got = {.part_count = 99};
        enum err e = segments_split(&got, cases[i].in, cases[i].len);
        cr_expect_eq(e, cases[i].want, "%s: got %s", cases[i].name, err_text(e));
        cr_expect_eq(got.part_count, 99, "%s: wrote a result", cases[i].name);
    }
}

Test(segments, capacity_depends_on_the_whole_text)
{
    static const struct {
        const char *name;
        enum segments_encoding encoding;
        size_t unit_count, want;
    } cases[] = {
        {"one GSM 7 bit part", SEGMENTS_GSM7, 160, 160},
        {"GSM 7 bit parts", SEGMENTS_GSM7, 161, 153},
        {"one Unicode part", SEGMENTS_UCS2, 70, 70},
        {"Unicode parts", SEGMENTS_UCS2, 71, 67},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t got = segments_capacity(cases[i].encoding, cases[i].unit_count);
        cr_expect_eq(got, cases[i].want, "%s: got %zu", cases[i].name, got);
    }
}
