/*
 * template.h - messages with places to fill in: "Hello {{first_name|there}}".
 *
 * A place is {{name}} or {{name|default}}; a name is 1 to TEMPLATE_NAME_MAX of A-Z a-z 0-9 _ . -, with
 * spaces around it if you like; a default is anything up to "}}". What looks different is text. A
 * value that is absent or empty gives way to the default; without one the message can't be made.
 *
 * Units    bytes of UTF-8.
 * Owns     nothing; views point into the text.
 * Errors   ERR_FULL more than TEMPLATE_MAX_NAMES names; ERR_NOT_FOUND a value is missing; ERR_TOO_LONG
 *          the buffer's cap.
 * Threads  pure.
 */
#ifndef COMMON_SMS_TEMPLATE_H
#define COMMON_SMS_TEMPLATE_H

#include "common/base/buf.h"
#include "common/base/err.h"

enum { TEMPLATE_MAX_NAMES = 20, TEMPLATE_NAME_MAX = 64 };

/* The names in a text, each once; a text without any is no template. */
struct template_names {
    struct str list[TEMPLATE_MAX_NAMES];
    size_t count;
};
MUST_USE enum err template_names(struct template_names *ret_names, struct str text);
/* Where name is among them; count if it isn't. */
size_t template_place(const struct template_names *names, struct str name);

/* values[i] belongs to names->list[i]; p NULL is absent. On ERR_NOT_FOUND *ret_missing is the name. */
MUST_USE enum err template_render(struct buf *out, struct str text,
                                  const struct template_names *names, const struct str *values,
                                  struct str *ret_missing);

#endif
