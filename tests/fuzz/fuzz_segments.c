#include "common/sms/gsm7.h"
#include "common/sms/segments.h"
#include "common/sms/utf8.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
    if (!ok)
        abort();
}

static size_t cost(enum segments_encoding encoding, uint32_t cp)
{
    if (encoding == SEGMENTS_GSM7)
        return gsm7_septet_count(cp);
    return cp >= 0x10000 ? 2 : 1;
}

/* The units of text[0..len), which must be whole characters; GSM 7 bit text has them all. */
static size_t count_units(enum segments_encoding encoding, const char *text, size_t len)
{
    const char *p = text;
    size_t units = 0;
    uint32_t cp;
    while (utf8_next(&p, text + len, &cp)) {
        require(cost(encoding, cp) > 0);
        units += cost(encoding, cp);
    }
    require(p == text + len);
    return units;
}

/* The character that made the text Unicode is where it is said to be, and none before it would. */
static void check_first_unicode(const struct segments *seg, const char *text, size_t len)
{
    const char *p = text;
    uint32_t cp = 0;
    for (size_t i = 0; i < seg->first_unicode.index; i++)
        require(utf8_next(&p, text + len, &cp) && gsm7_septet_count(cp) > 0);
    require(p == text + seg->first_unicode.offset_bytes);
    require(utf8_next(&p, text + len, &cp) && gsm7_septet_count(cp) == 0);
    require(cp == seg->first_unicode.cp);
}

/* Greedy: the part is within capacity, and the character behind it would not have been. Whole
 * characters (count_units requires them) means no escape and no surrogate pair is cut. */
static void check_part(const struct segments *seg, size_t i, const char *text, size_t len)
{
    const struct segments_part *part = &seg->parts[i];
    size_t capacity = segments_capacity(seg->encoding, seg->unit_count);
    const char *next = text + part->offset_bytes + part->len_bytes;
    require(part->offset_bytes < len && part->len_bytes > 0);
    require(part->len_bytes <= len - part->offset_bytes);
    size_t units = count_units(seg->encoding, text + part->offset_bytes, part->len_bytes);
    require(units == part->unit_count && units <= capacity);
    uint32_t cp = 0;
    if (i + 1 < seg->part_count)
        require(utf8_next(&next, text + len, &cp) && units + cost(seg->encoding, cp) > capacity);
}

static void check_parts(const struct segments *seg, const char *text, size_t len)
{
    size_t stored = seg->part_count < SEGMENTS_MAX_PARTS ? seg->part_count : SEGMENTS_MAX_PARTS;
    size_t offset_bytes = 0, units = 0;
    for (size_t i = 0; i < stored; i++) {
        require(seg->parts[i].offset_bytes == offset_bytes);
        check_part(seg, i, text, len);
        offset_bytes += seg->parts[i].len_bytes;
        units += seg->parts[i].unit_count;
    }
    require(stored == seg->part_count ? offset_bytes == len && units == seg->unit_count
                                      : offset_bytes < len && units < seg->unit_count);
}

/* Properties: an error says what the text is; the parts are the text, whole and filled greedily;
 * their number is between that of a division and that of the worst cut. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct segments seg = {.part_count = SIZE_MAX};
    enum err e = segments_split(&seg, text, size);
    require((e == ERR_EMPTY) == (size == 0));
    require((e == ERR_SYNTAX) == !utf8_valid(text, size));
    if (e == ERR_EMPTY || e == ERR_SYNTAX) {
        require(seg.part_count == SIZE_MAX);
        return 0;
    }
    require((e == ERR_OK) == (seg.part_count <= SEGMENTS_MAX_PARTS &&
                              seg.code_point_count <= SEGMENTS_MAX_CODE_POINTS));
    require(seg.unit_count == count_units(seg.encoding, text, size));
    size_t capacity = segments_capacity(seg.encoding, seg.unit_count);
    require(capacity > 1 && (seg.part_count == 1) == (seg.unit_count <= capacity));
    require(seg.part_count >= (seg.unit_count + capacity - 1) / capacity);
    require(seg.part_count <= (seg.unit_count + capacity - 2) / (capacity - 1));
    if (seg.encoding == SEGMENTS_UCS2)
        check_first_unicode(&seg, text, size);
    check_parts(&seg, text, size);
    return 0;
}
