/*
 * segments.h - how one text is cut into the parts that are sent and billed.
 *
 * Units    text in UTF-8 bytes; unit_count in septets (GSM 7 bit, an escape counts) or in UTF-16
 *          units (Unicode); offsets in bytes from the start of the text.
 * Owns     nothing; struct segments is plain data and points to nothing.
 * Errors   ERR_EMPTY no text; ERR_SYNTAX not UTF-8; ERR_TOO_LONG over either maximum.
 * Threads  pure, safe everywhere.
 * Source   3GPP TS 23.038, 6.2.1 and 6.2.3; 3GPP TS 23.040, 9.2.3.24.1 (6 octet header, 8 bit
 *          reference).
 *
 * A text is GSM 7 bit when every character is in that alphabet, else all of it is Unicode. What
 * does not fit one part is filled greedily: a part ends when the next character does not fit as a
 * whole, so an escape stays with its character and a surrogate pair stays together. The part count
 * comes from that walk; dividing the units by the capacity gives too few for some texts.
 *
 * Sequences that a phone draws as one picture (joined emoji, flags, a letter and its accent) are
 * not kept together. The standard and the carriers count characters: phones join the parts before
 * they draw them, and a cut that spares sequences can need a part more than the carrier would bill.
 */
#ifndef COMMON_SMS_SEGMENTS_H
#define COMMON_SMS_SEGMENTS_H

#include "common/base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Both hold. With these values the parts run out first: 10 x 153 septets are 1530 characters. */
enum { SEGMENTS_MAX_PARTS = 10, SEGMENTS_MAX_CODE_POINTS = 1600 };

enum segments_encoding { SEGMENTS_GSM7, SEGMENTS_UCS2 };

struct segments_part {
    size_t offset_bytes, len_bytes; /* in the UTF-8 text */
    size_t unit_count;
};

struct segments_char {
    uint32_t cp;
    size_t offset_bytes;
    size_t index; /* in code points, from 0 */
};

struct segments {
    enum segments_encoding encoding;
    struct segments_char first_unicode; /* why it is Unicode; undefined unless SEGMENTS_UCS2 */
    size_t code_point_count;
    size_t unit_count;
    size_t part_count;                              /* the real one, also above the maximum */
    struct segments_part parts[SEGMENTS_MAX_PARTS]; /* the first part_count of them are valid */
};

/* Units that each part of a text of unit_count units can hold: 160 or 153, 70 or 67. */
size_t segments_capacity(enum segments_encoding encoding, size_t unit_count);

/* Cut text[0..len). One exception to the rule on results: ERR_TOO_LONG fills *ret_seg too (the
 * first SEGMENTS_MAX_PARTS parts, all counts), so that the caller can say by how much. */
MUST_USE enum err segments_split(struct segments *ret_seg, const char *text, size_t len);

#endif
