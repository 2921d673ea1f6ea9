/*
 * conf_name.h - which setting a name means, and which was meant by a wrong one.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   none.
 * Threads  pure.
 */
#ifndef COMMON_BASE_CONF_NAME_H
#define COMMON_BASE_CONF_NAME_H

#include "common/base/conf.h"

enum { CONF_NAME_SIZE = 80 };

/* The row's place, or the table's count. *ret_in_file: the name is that of its _FILE form. */
size_t conf_name_find(const struct conf_table *table, struct str name, bool *ret_in_file);
/* The right name that takes the fewest edits. */
void conf_name_nearest(const struct conf_table *table, const char *name,
                       char ret_name[CONF_NAME_SIZE]);

#endif
