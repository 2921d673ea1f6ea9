#include "common/sms/segments.h"

#include "common/sms/gsm7.h"
#include "common/sms/utf8.h"

/* 140 octets of user data, less the 6 octets of the concatenation header when there are parts. */
static const struct {
    size_t single, concatenated;
} capacities[] = {
    [SEGMENTS_GSM7] = {160, 153},
    [SEGMENTS_UCS2] = {70, 67},
};

static size_t char_units(enum segments_encoding encoding, uint32_t cp)
{
    if (encoding == SEGMENTS_GSM7)
        return gsm7_septet_count(cp);
    return cp > 0xFFFF ? 2 : 1;
}

/* The encoding of the whole text is known only after its last character; the parts need it. */
static bool scan(struct segments *seg, const char *text, const char *end)
{
    size_t septets = 0, utf16_units = 0;
    const char *p = text, *at = text;
    uint32_t cp;
    for (; utf8_next(&p, end, &cp); at = p) {
        size_t cost = seg->encoding == SEGMENTS_GSM7 ? gsm7_septet_count(cp) : 0;
        if (seg->encoding == SEGMENTS_GSM7 && cost == 0) {
            seg->encoding = SEGMENTS_UCS2;
            seg->first_unicode = (struct segments_char){
                .cp = cp, .offset_bytes = (size_t)(at - text), .index = seg->code_point_count};
        }
        septets += cost;
        utf16_units += char_units(SEGMENTS_UCS2, cp);
        seg->code_point_count++;
    }
    seg->unit_count = seg->encoding == SEGMENTS_GSM7 ? septets : utf16_units;
    return p == end;
}

static void add_part(struct segments *seg, const struct segments_part *part)
{
    if (seg->part_count < SEGMENTS_MAX_PARTS)
        seg->parts[seg->part_count] = *part;
    seg->part_count++;
}

static void cut(struct segments *seg, const char *text, const char *end)
{
    size_t capacity = segments_capacity(seg->encoding, seg->unit_count);
    struct segments_part part = {0};
    const char *p = text, *at = text;
    uint32_t cp;
    for (; utf8_next(&p, end, &cp); at = p) {
        size_t cost = char_units(seg->encoding, cp);
        if (part.unit_count + cost > capacity) {
            add_part(seg, &part);
            part = (struct segments_part){.offset_bytes = (size_t)(at - text)};
        }
        part.unit_count += cost;
        part.len_bytes += (size_t)(p - at);
    }
    add_part(seg, &part);
}

size_t segments_capacity(enum segments_encoding encoding, size_t unit_count)
{
    if (unit_count <= capacities[encoding].single)
        return capacities[encoding].single;
    return capacities[encoding].concatenated;
}

enum err segments_split(struct segments *ret_seg, const char *text, size_t len)
{
    if (len == 0)
        return ERR_EMPTY;
    struct segments seg = {0};
    if (!scan(&seg, text, text + len))
        return ERR_SYNTAX;
    cut(&seg, text, text + len);
    *ret_seg = seg;
    if (seg.part_count > SEGMENTS_MAX_PARTS || seg.code_point_count > SEGMENTS_MAX_CODE_POINTS)
        return ERR_TOO_LONG;
    return ERR_OK;
}
