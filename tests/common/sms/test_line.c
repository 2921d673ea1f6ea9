#include "common/sms/line.h"

#include <criterion/criterion.h>

/* Every field has bytes of its own. */
#define HEAD                                                                                       \
    "S\x03\x01\x02\x0a\x04\xfe\xdc\xba\x98\x01\x9c\x12\x34\x56\x78\x69\x7d\xa2\xd0\xff\xff\xff"    \
    "\xff"                                                                                         \
    "\x50\x14"

static struct str bytes_of(const char *text, size_t n)
{
    return (struct str){text, n};
}

Test(line, all_fields)
{
    struct line line;
    cr_assert_eq(sizeof(HEAD) - 1, LINE_HEAD_SIZE);
    cr_assert_eq(line_parse(&line, STR(HEAD "4799999999")), ERR_OK);
    cr_expect_eq(line.status, STATUS_SENDING);
    cr_expect_eq(line.flags, LINE_COUNTED | LINE_UNKNOWN);
    cr_expect_eq(line.attempt, 0x0102);
    cr_expect_eq(line.parts, 10);
    cr_expect_eq(line.error, ERROR_OUTCOME);
    cr_expect_eq(line.claim, 0xfedcba98);
    cr_expect_eq(line.when_ms, 0x019c12345678);
    cr_expect_eq(line.sent_at_ms, INT64_C(0x697da2d0) * 1000);
    cr_expect_eq(line.final_at_ms, 0, "it is not final");
    cr_expect_eq(line.tries_tenths, 0xffffffff);
    cr_expect_eq(line.day, 0x5014);
    cr_expect(str_eq(line.digits, STR("4799999999")));
}

Test(line, what_is_final_says_since_when)
{
    char bytes[LINE_HEAD_SIZE];
    struct line line;
    memcpy(bytes, HEAD, sizeof(bytes));
    bytes[0] = 'F';
    cr_assert_eq(line_parse(&line, bytes_of(bytes, sizeof(bytes))), ERR_OK);
    cr_expect_eq(line.final_at_ms, INT64_C(0xffffffff) * 1000);
    cr_expect_eq(line.tries_tenths, 0);
}

Test(line, zeros)
{
    char bytes[LINE_HEAD_SIZE] = {'Q'};
    struct line line;
    cr_assert_eq(line_parse(&line, bytes_of(bytes, sizeof(bytes))), ERR_OK);
    cr_expect_eq(line.status, STATUS_QUEUED);
    cr_expect_eq(line.error, ERROR_NONE);
    cr_expect_eq(line.sent_at_ms, 0);
    cr_expect_eq(line.final_at_ms, 0);
    cr_expect_eq(line.digits.n, 0);
}

Test(line, an_error_of_a_later_version_is_another)
{
    char bytes[LINE_HEAD_SIZE] = {'F', 0, 0, 0, 0, (char)200};
    struct line line;
    cr_assert_eq(line_parse(&line, bytes_of(bytes, sizeof(bytes))), ERR_OK);
    cr_expect_eq(line.error, ERROR_OTHER);
}

Test(line, what_is_none)
{
    struct line line = {.attempt = 77};
    for (size_t n = 0; n < LINE_HEAD_SIZE; n++)
        cr_expect_eq(line_parse(&line, bytes_of(HEAD, n)), ERR_SYNTAX, "%zu bytes", n);
    cr_expect_eq(line_parse(&line, (struct str){0}), ERR_SYNTAX);
    char bytes[LINE_HEAD_SIZE] = {'x'};
    cr_expect_eq(line_parse(&line, bytes_of(bytes, sizeof(bytes))), ERR_SYNTAX);
    cr_expect_eq(line.attempt, 77, "left alone");
}
