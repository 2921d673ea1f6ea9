/*
 * conf_value.h - the text of a setting, and the value it stands for.
 *
 * Units    as in conf.h.
 * Owns     nothing; a string value becomes the settings'.
 * Errors   ERR_SYNTAX not of the row's type, ERR_RANGE outside its bounds; why says it in words
 *          that follow the value: "needs a unit ...".
 * Threads  pure.
 */
#ifndef COMMON_BASE_CONF_VALUE_H
#define COMMON_BASE_CONF_VALUE_H

#include "common/base/conf.h"

/* Writes the value to its member of settings; nothing on an error. */
MUST_USE enum err conf_value_parse(const struct conf_row *row, const char *text, void *settings,
                                   struct buf *why);
/* What the row accepts: "1 to 64", "error, warn, info or debug"; nothing when that is any text. */
void conf_value_accepts(const struct conf_row *row, struct buf *out);
/* The text as it may be shown: of a secret only what is not secret. */
void conf_value_show(const struct conf_row *row, const char *text, struct buf *out);

#endif
