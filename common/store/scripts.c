#include "common/store/scripts.h"

/* Made from the Lua files by the build. */
extern const char lua_create[], lua_claim[], lua_record[], lua_report[], lua_cancel[], lua_get[],
    lua_due_put[], lua_due_take[], lua_due_done[];

struct redis_script script_create = {.name = "create", .text = lua_create};
struct redis_script script_claim = {.name = "claim", .text = lua_claim};
struct redis_script script_record = {.name = "record", .text = lua_record};
struct redis_script script_report = {.name = "report", .text = lua_report};
struct redis_script script_cancel = {.name = "cancel", .text = lua_cancel};
struct redis_script script_get = {.name = "get", .text = lua_get};
struct redis_script script_due_put = {.name = "due_put", .text = lua_due_put};
struct redis_script script_due_take = {.name = "due_take", .text = lua_due_take};
struct redis_script script_due_done = {.name = "due_done", .text = lua_due_done};

struct redis_script **scripts_all(void)
{
    static struct redis_script *all[] = {
        &script_create, &script_claim,   &script_record,   &script_report,   &script_cancel,
        &script_get,    &script_due_put, &script_due_take, &script_due_done, NULL};
    return all;
}
