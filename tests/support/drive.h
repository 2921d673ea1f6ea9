/*
 * drive.h - turning a loop until what a test waits for has come, or too long has passed.
 *
 * Units    ms.
 * Owns     nothing.
 * Errors   none: a test asserts what these return.
 * Threads  the loop's.
 */
#ifndef TESTS_SUPPORT_DRIVE_H
#define TESTS_SUPPORT_DRIVE_H

#include "common/io/loop.h"

#include <stdbool.h>

typedef bool (*drive_fn)(void *arg);

/* A loop, or the test fails. */
struct loop *drive_loop(void);
/* Turns until fn returns true; false when most_ms have passed before. */
bool drive_until(struct loop *loop, drive_fn fn, void *arg, int64_t most_ms);
bool drive_until_count(struct loop *loop, const unsigned *count, unsigned wanted, int64_t most_ms);
void drive_for(struct loop *loop, int64_t ms);

#endif
