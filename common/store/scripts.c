#include "common/store/scripts.h"

/* The texts are made from the Lua files by the build. */
#define SCRIPT_DEFINE(script)                                                                      \
    extern const char lua_##script[];                                                              \
    struct redis_script script_##script = {.name = #script, .text = lua_##script};
SCRIPTS(SCRIPT_DEFINE)
#undef SCRIPT_DEFINE

#define SCRIPT_POINTER(name) &script_##name,

struct redis_script **scripts_all(void)
{
    static struct redis_script *all[] = {SCRIPTS(SCRIPT_POINTER) NULL};
    return all;
}
