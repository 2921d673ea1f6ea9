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

/* The names of the files; each is script_<name>. */
#define SCRIPTS(X)                                                                                 \
    X(create)                                                                                      \
    X(claim)                                                                                       \
    X(record)                                                                                      \
    X(report)                                                                                      \
    X(cancel)                                                                                      \
    X(sweep)                                                                                       \
    X(control)                                                                                     \
    X(ref_sends)                                                                                   \
    X(switch)                                                                                      \
    X(get)                                                                                         \
    X(list)                                                                                        \
    X(sends)                                                                                       \
    X(results)                                                                                     \
    X(days)                                                                                        \
    X(keyword_claim)                                                                               \
    X(keyword_put)                                                                                 \
    X(keyword_find)                                                                                \
    X(keyword_change)                                                                              \
    X(keyword_remove)                                                                              \
    X(job_open)                                                                                    \
    X(job_chunk)                                                                                   \
    X(job_read)                                                                                    \
    X(job_end)                                                                                     \
    X(share)                                                                                       \
    X(erase)                                                                                       \
    X(erase_begin)                                                                                 \
    X(due_put)                                                                                     \
    X(due_take)                                                                                    \
    X(due_done)                                                                                    \
    X(due_move)                                                                                    \
    X(due_drop)                                                                                    \
    X(contacts_put)                                                                                \
    X(contacts_find)                                                                               \
    X(contacts_phone)                                                                              \
    X(contacts_page)                                                                               \
    X(contacts_drop)                                                                               \
    X(groups_put)                                                                                  \
    X(groups_get)                                                                                  \
    X(groups_page)                                                                                 \
    X(groups_drop)                                                                                 \
    X(groups_add)                                                                                  \
    X(groups_remove)                                                                               \
    X(groups_next)                                                                                 \
    X(number_release)                                                                              \
    X(profile_create)                                                                              \
    X(profile_remove)                                                                              \
    X(profile_decide)                                                                              \
    X(merge)                                                                                       \
    X(quota_take)                                                                                  \
    X(quota_return)                                                                                \
    X(repeat_begin)                                                                                \
    X(repeat_end)                                                                                  \
    X(carrier_take)                                                                                \
    X(carrier_slow)                                                                                \
    X(bucket_take)

#define SCRIPT_DECLARE(name) extern struct redis_script script_##name;
SCRIPTS(SCRIPT_DECLARE)
#undef SCRIPT_DECLARE

/* For redis_conf.scripts. */
struct redis_script **scripts_all(void);

#endif
