/*
 * line.h - one message's state as it lies in Redis.
 *
 * LINE_HEAD_SIZE bytes, big-endian, then the recipient's digits. The scripts of common/store/lua
 * read and write the same bytes (state.lua); this is the C side, which only reads.
 *
 *     0  letter of the status (status.h)
 *     1  flags:
 *          LINE_COUNTED  its units are counted
 *          LINE_UNKNOWN  the outcome of the present attempt is not known
 *          LINE_EARLIER  that of an earlier one never was: it may have arrived
 *          LINE_ERASED   its number and text are not to be shown, nor sent to; the digits are nobody's
 *          LINE_HELD     a single message that is paused
 *          LINE_MOVED    its time was changed: its validity is what its description says, not its record
 *          LINE_PROMISED tokens at `when`, for which its chunk waits (QUEUED)
 *     2  attempt, 16 bits: how often it was claimed; it is the fence of what is written about it
 *     4  parts
 *     5  error (status.h)
 *     6  claim, 32 bits: who holds it while SENDING
 *    10  when, 48 bits, ms: not before (QUEUED), or the end of the lease (SENDING)
 *    16  sent_at, 32 bits, s; 0 = not
 *    20  final_at, 32 bits, s: delivered, failed or cancelled; of one that waits or is under way, how many tenths of its
 *          tries are used
 *    24  day, 16 bits, days since 1970 in UTC: where it is counted
 *
 * Units    as above; the struct has ms.
 * Owns     nothing; digits point into the given bytes.
 * Errors   ERR_SYNTAX too short, or an unknown letter.
 * Threads  pure, safe everywhere.
 */
#ifndef COMMON_SMS_LINE_H
#define COMMON_SMS_LINE_H

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/sms/status.h"

#include <stdint.h>

enum {
    LINE_HEAD_SIZE = 26,
    LINE_COUNTED = 1,
    LINE_UNKNOWN = 2,
    LINE_EARLIER = 4,
    LINE_ERASED = 8,
    LINE_HELD = 16,
    LINE_MOVED = 32,
    LINE_PROMISED = 64
};

struct line {
    enum status status;
    unsigned flags, attempt, parts;
    enum error error;
    uint32_t claim;
    int64_t when_ms, sent_at_ms, final_at_ms; /* 0 = not */
    unsigned tries_tenths;                    /* used up, of one that is not final */
    unsigned day;
    struct str digits; /* of the recipient */
};

MUST_USE enum err line_parse(struct line *ret_line, struct str bytes);

#endif
