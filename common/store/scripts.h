/*
 * scripts.h - the Lua scripts of common/store/lua, which a connection to Redis loads.
 *
 * Units    none.
 * Owns     static memory.
 * Errors   none.
 * Threads  read only once a connection was made with them.
 */
#ifndef COMMON_STORE_SCRIPTS_H
#define COMMON_STORE_SCRIPTS_H

#include "common/io/redis.h"

extern struct redis_script script_create, script_claim, script_record, script_report, script_cancel,
    script_get;
extern struct redis_script script_due_put, script_due_take, script_due_done;
extern struct redis_script script_contacts_put, script_contacts_find, script_contacts_page,
    script_contacts_drop, script_groups_put, script_groups_get, script_groups_page,
    script_groups_drop, script_groups_add, script_groups_remove, script_groups_next;
extern struct redis_script script_profile_create, script_profile_remove, script_profile_decide;

/* For redis_conf.scripts. */
struct redis_script **scripts_all(void);

#endif
