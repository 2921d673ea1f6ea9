/*
 * gsm7.h - the GSM 7 bit default alphabet and its extension table.
 *
 * Units    septets, one in a byte (unpacked), each below 0x80.
 * Owns     nothing.
 * Errors   none of enum err. 0 septets means the alphabet does not have the character.
 * Threads  pure, safe everywhere.
 * Source   3GPP TS 23.038, 6.2.1 and 6.2.1.1. No national language tables.
 *
 * 0x09 is the capital C with cedilla (U+00C7), as the standard prints it and phones show it; the
 * small one (U+00E7), which some published tables have there, is not in the alphabet. Neither is
 * U+001B: the escape position introduces the extension table and stands for no character.
 */
#ifndef COMMON_SMS_GSM7_H
#define COMMON_SMS_GSM7_H

#include <stddef.h>
#include <stdint.h>

enum { GSM7_ESCAPE = 0x1B, GSM7_MAX_SEPTETS = 2 };

/* Septets that cp takes: 0 not in the alphabet, 1 basic table, 2 escape and extension table. */
size_t gsm7_septet_count(uint32_t cp);

/* Write the septets of cp and return their number; 0 leaves ret_septets alone. */
size_t gsm7_encode(uint32_t cp, uint8_t ret_septets[GSM7_MAX_SEPTETS]);

#endif
