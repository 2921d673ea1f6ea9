#include "common/sms/line.h"

static uint64_t big_endian(const char *bytes, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | (unsigned char)bytes[i];
    return value;
}

enum err line_parse(struct line *ret_line, struct str bytes)
{
    if (bytes.n < LINE_HEAD_SIZE)
        return ERR_SYNTAX;
    const char *p = bytes.p;
    struct line line = {
        .status = status_of_letter(p[0]),
        .flags = (unsigned char)p[1],
        .attempt = (unsigned)big_endian(p + 2, 2),
        .parts = (unsigned char)p[4],
        .error = error_of_number((unsigned char)p[5]),
        .claim = (uint32_t)big_endian(p + 6, 4),
        .when_ms = (int64_t)big_endian(p + 10, 6),
        .sent_at_ms = (int64_t)big_endian(p + 16, 4) * 1000,
        .final_at_ms = (int64_t)big_endian(p + 20, 4) * 1000,
        .day = (unsigned)big_endian(p + 24, 2),
        .digits = {p + LINE_HEAD_SIZE, bytes.n - LINE_HEAD_SIZE},
    };
    if (line.status == STATUS_COUNT)
        return ERR_SYNTAX;
    if (!status_final(line.status)) {
        line.tries_tenths = (unsigned)(line.final_at_ms / 1000);
        line.final_at_ms = 0;
    }
    *ret_line = line;
    return ERR_OK;
}
