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

/* For redis_conf.scripts. */
struct redis_script **scripts_all(void);

#endif
