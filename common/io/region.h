/*
 * region.h - the country of a phone number.
 *
 * Where countries share a calling code (+1, +7), the digits behind it decide; else the code's main country stands for its
 * small ones, which have the same time.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   none: false, no country is known.
 * Threads  safe everywhere. C++ behind a C interface.
 * Source   libphonenumber's metadata; ISO 3166-1 for the codes.
 */
#ifndef COMMON_IO_REGION_H
#define COMMON_IO_REGION_H

#include "common/base/err.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { REGION_SIZE = 3, REGION_DIGITS = 4 };

/* The country of all numbers that begin with these digits. This takes tens of microseconds. */
MUST_USE bool region_of_prefix(char ret_region[REGION_SIZE], const char digits[REGION_DIGITS]);

#ifdef __cplusplus
}
#endif

#endif
