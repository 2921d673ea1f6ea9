#include "common/store/scripts.h"

/* Made from the Lua files by the build. */
extern const char lua_create[], lua_claim[], lua_record[], lua_report[], lua_cancel[], lua_get[],
    lua_due_put[], lua_due_take[], lua_due_done[], lua_profile_create[], lua_profile_remove[],
    lua_profile_decide[];
extern const char lua_contacts_put[], lua_contacts_find[], lua_contacts_page[], lua_contacts_drop[],
    lua_groups_put[], lua_groups_get[], lua_groups_page[], lua_groups_drop[], lua_groups_add[],
    lua_groups_remove[], lua_groups_next[];

struct redis_script script_create = {.name = "create", .text = lua_create};
struct redis_script script_claim = {.name = "claim", .text = lua_claim};
struct redis_script script_record = {.name = "record", .text = lua_record};
struct redis_script script_report = {.name = "report", .text = lua_report};
struct redis_script script_cancel = {.name = "cancel", .text = lua_cancel};
struct redis_script script_get = {.name = "get", .text = lua_get};
struct redis_script script_due_put = {.name = "due_put", .text = lua_due_put};
struct redis_script script_due_take = {.name = "due_take", .text = lua_due_take};
struct redis_script script_due_done = {.name = "due_done", .text = lua_due_done};
struct redis_script script_contacts_put = {.name = "contacts_put", .text = lua_contacts_put};
struct redis_script script_contacts_find = {.name = "contacts_find", .text = lua_contacts_find};
struct redis_script script_contacts_page = {.name = "contacts_page", .text = lua_contacts_page};
struct redis_script script_contacts_drop = {.name = "contacts_drop", .text = lua_contacts_drop};
struct redis_script script_groups_put = {.name = "groups_put", .text = lua_groups_put};
struct redis_script script_groups_get = {.name = "groups_get", .text = lua_groups_get};
struct redis_script script_groups_page = {.name = "groups_page", .text = lua_groups_page};
struct redis_script script_groups_drop = {.name = "groups_drop", .text = lua_groups_drop};
struct redis_script script_groups_add = {.name = "groups_add", .text = lua_groups_add};
struct redis_script script_groups_remove = {.name = "groups_remove", .text = lua_groups_remove};
struct redis_script script_groups_next = {.name = "groups_next", .text = lua_groups_next};
struct redis_script script_profile_create = {.name = "profile_create", .text = lua_profile_create};
struct redis_script script_profile_remove = {.name = "profile_remove", .text = lua_profile_remove};
struct redis_script script_profile_decide = {.name = "profile_decide", .text = lua_profile_decide};

struct redis_script **scripts_all(void)
{
    static struct redis_script *all[] = {
        &script_create,         &script_claim,          &script_record,
        &script_report,         &script_cancel,         &script_get,
        &script_due_put,        &script_due_take,       &script_due_done,
        &script_contacts_put,   &script_contacts_find,  &script_contacts_page,
        &script_contacts_drop,  &script_groups_put,     &script_groups_get,
        &script_groups_page,    &script_groups_drop,    &script_groups_add,
        &script_groups_remove,  &script_groups_next,    &script_profile_create,
        &script_profile_remove, &script_profile_decide, NULL};
    return all;
}
