/*
 * text_check.h - whether a text may be sent: its characters, and its length in parts.
 *
 * Units    UTF-8.
 * Owns     nothing.
 * Errors   told in the problem, at the pointer.
 * Threads  pure.
 * Source   the API's documentation: at most 1,600 characters and 10 parts. Control characters other
 *          than LF, CR, TAB and FF are refused.
 */
#ifndef WORKERS_API_TEXT_CHECK_H
#define WORKERS_API_TEXT_CHECK_H

#include "common/base/str.h"
#include "common/sms/segments.h"
#include "workers/api/problem.h"

/* The characters alone: of a text whose length is not known yet. */
bool text_check_characters(struct str text, const char *pointer, struct problem *problem);
/* All. True: *ret_segments is filled. what names it in sentences: "The message". */
bool text_check(struct segments *ret_segments, struct str text, const char *pointer,
                const char *what, struct problem *problem);

#endif
